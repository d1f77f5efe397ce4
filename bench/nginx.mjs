// nginx as the server of a bench: one worker, one small JSON product from memory, on loopback.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

export const PRODUCT = JSON.stringify({
  sku: 'sku-0',
  title: 'Recycled cotton shirt',
  description: 'd'.repeat(280),
  category: 'clothing',
  attributes: { colour: 'blue', size: 'M', material: 'cotton' },
  priceMinor: 1999,
  currency: 'EUR',
  available: true,
});

/** The program's path, or undefined. */
export function programPath(name) {
  const { stdout, status } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const configuration = (folder, port) => `
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  tcp_nodelay on;
  default_type application/json;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { return 200 '${PRODUCT}'; }
  }
}
`;

async function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** `pin` goes before the command: `['taskset', '-c', '1']`, or nothing. */
export async function startNginx(pin) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-nginx-'));
  const port = await freePort();
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port));
  const [command, ...args] = [...pin, 'nginx', '-e', `${folder}/error.log`, '-c', file];
  const child = spawn(command, args, { stdio: 'inherit' });
  const isStarted = async () => {
    for (let attempt = 0; attempt < 50; attempt++) {
      if (await answers(port)) return true;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return false;
  };
  const stop = () => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  if (!(await isStarted())) {
    const log = readFileSync(`${folder}/error.log`, 'utf8');
    stop();
    throw new Error(`nginx did not start: ${log}`);
  }
  return { origin: `http://127.0.0.1:${port}`, pid: child.pid, stop };
}
