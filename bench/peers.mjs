// The engine beside other load tools: paired and interleaved, one core for the server and one for the
// client, every pair as a ratio. Usage:
//   node bench/peers.mjs [--pairs=5] [--seconds=5] [--connections=64] [--server-core=1]
//                        [--client-core=0] [--only=autocannon,wrk,artillery]
//                        [--artillery[=folder] [--artillery-node=path]]
import { fork, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { artilleryArm } from './artillery.mjs';
import { programPath, startNginx } from './nginx.mjs';
import { flag } from './ours.mjs';

const pairs = Number(flag('pairs', 5));
const seconds = Number(flag('seconds', 5));
const connections = Number(flag('connections', 64));
const only = flag('only', 'autocannon,wrk,artillery').split(',');
const SERVER_BUSY_LIMIT = 0.9;
/** Clock ticks of /proc/<pid>/stat a second: fixed by the kernel's interface on Linux. */
const TICKS_PER_SEC = 100;

const hasTaskset = programPath('taskset') !== undefined;
const pin = (core) => (hasTaskset ? ['taskset', '-c', core] : []);
const toServer = pin(flag('server-core', '1'));
const toClient = pin(flag('client-core', '0'));
if (!hasTaskset) console.log('taskset is missing (Debian: util-linux): nothing is pinned');

/** Processor seconds that a process has used. */
function cpuSecondsOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SEC;
}

/** Busy share of the server between the two calls of what is returned. */
function watchServer(pid) {
  const from = { cpu: 0, at: 0 };
  let share = 0;
  return (begins) => {
    const cpu = cpuSecondsOf(pid);
    const at = performance.now() / 1000;
    if (begins) Object.assign(from, { cpu, at });
    else share = (cpu - from.cpu) / (at - from.at);
    return share;
  };
}

/** A client in Node: tells when its measured part begins and ends. */
async function nodeArm(name, url, serverPid) {
  const lap = watchServer(serverPid);
  const [command, ...args] = [...toClient, process.execPath];
  const script = path.join(import.meta.dirname, 'peers-arm.mjs');
  const flags = process.argv.slice(2).filter((text) => text.startsWith('--dist='));
  const child = spawn(
    command,
    [...args, script, name, url, `--connections=${connections}`, `--seconds=${seconds}`, ...flags],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  let result;
  child.on('message', (message) => {
    if (message.begins === undefined) result = message;
    else lap(message.begins);
  });
  await new Promise((resolve) => child.once('exit', resolve));
  if (result === undefined) throw new Error(`${name} ended without a result`);
  return {
    perSec: result.requests / result.seconds,
    cpuUs: result.cpuUs / result.requests,
    bad: result.bad,
    serverBusy: lap(undefined),
  };
}

const DURATION = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s/g;

/** wrk, with the processor time that the shell has seen of it. */
async function wrkArm(url, serverPid) {
  const lap = watchServer(serverPid);
  const pinned = toClient.join(' ');
  const line = `${pinned} wrk -t1 -c${connections} -d${seconds}s ${url}; times`;
  lap(true);
  const child = spawn('sh', ['-c', line], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  await new Promise((resolve) => child.once('close', resolve));
  lap(false);
  const children = [...text.matchAll(DURATION)].at(-1) ?? [];
  const [, userMin, userSec, systemMin, systemSec] = children.map(Number);
  const requests = Number(/(\d+) requests in/.exec(text)?.[1]);
  return {
    perSec: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    cpuUs: (((userMin + systemMin) * 60 + userSec + systemSec) * 1e6) / requests,
    bad: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0),
    serverBusy: lap(undefined),
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

const spread = (values, digits = 2) =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–` +
  `${Math.max(...values).toFixed(digits)})`;

function describe(arm) {
  const busy = arm.serverBusy >= SERVER_BUSY_LIMIT ? ' SERVER TOO BUSY' : '';
  const bad = arm.bad > 0 ? ` ${arm.bad} BAD ANSWERS` : '';
  return (
    `${arm.perSec.toFixed(0).padStart(7)}/s ${arm.cpuUs.toFixed(1).padStart(6)} µs` +
    ` server ${(100 * arm.serverBusy).toFixed(0).padStart(3)} %${busy}${bad}`
  );
}

/** ABAB…: both arms see the same moods of the machine. */
async function compare(name, ours, theirs) {
  console.log(`\nours beside ${name}: requests/s, processor time per request, server's core`);
  const rates = [];
  const cpus = [];
  let busiest = 0;
  for (let pair = 1; pair <= pairs; pair++) {
    const a = await ours();
    const b = await theirs();
    rates.push(a.perSec / b.perSec);
    cpus.push(b.cpuUs / a.cpuUs);
    busiest = Math.max(busiest, a.serverBusy, b.serverBusy);
    console.log(
      `${String(pair).padStart(3)}  ours ${describe(a)}  ${name} ${describe(b)}` +
        `  rate ×${rates.at(-1).toFixed(2)}  cpu ×${cpus.at(-1).toFixed(2)}`,
    );
  }
  console.log(`  ours ÷ ${name}, requests/s: ${spread(rates)}, median (lowest–highest)`);
  console.log(`  ${name} ÷ ours, processor time per request: ${spread(cpus)}`);
  if (busiest >= SERVER_BUSY_LIMIT) {
    console.log(
      `  the server's core was ${(100 * busiest).toFixed(0)} % busy; below ` +
        `${100 * SERVER_BUSY_LIMIT} % is demanded: the server limited these rates, so they do not ` +
        'count. The processor time per request does.',
    );
  } else {
    console.log(`  the server's core was at most ${(100 * busiest).toFixed(0)} % busy: it counts.`);
  }
}

async function beside(nginx) {
  const url = `${nginx.origin}/api/products/sku-0`;
  const ours = () => nodeArm('ours', url, nginx.pid);
  if (only.includes('autocannon')) {
    await compare('autocannon', ours, () => nodeArm('autocannon', url, nginx.pid));
  }
  if (!only.includes('wrk')) return;
  if (programPath('wrk') === undefined) {
    console.log('\nwrk is left out: it is not installed (Debian: apt-get install wrk)');
    return;
  }
  await compare('wrk', ours, () => wrkArm(url, nginx.pid));
}

/** The journey's server is our own: nginx cannot tell one step from another. */
async function besideArtillery() {
  const folder = flag('artillery', process.argv.includes('--artillery') ? '' : undefined);
  if (folder === undefined) {
    console.log(
      '\nArtillery is left out: --artillery installs it from npm into a temporary folder',
    );
    return;
  }
  const script = path.join(import.meta.dirname, 'engine-server.mjs');
  const [command, ...args] = [...toServer, process.execPath];
  const server =
    command === process.execPath
      ? fork(script, [], { execArgv: [] })
      : spawn(command, [...args, script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { port } = await new Promise((resolve) => server.once('message', resolve));
  const origin = `http://127.0.0.1:${port}`;
  const node = flag('artillery-node', process.execPath);
  const arm = artilleryArm({ folder, origin, seconds, pin: toClient, node });
  const theirs = async () => {
    const lap = watchServer(server.pid);
    lap(true);
    const result = await arm.run();
    lap(false);
    return { ...result, serverBusy: lap(undefined) };
  };
  await compare('artillery', () => nodeArm('journey', origin, server.pid), theirs);
  arm.remove();
  server.disconnect();
}

if (programPath('nginx') === undefined) {
  console.log('the comparison with autocannon and wrk is left out: nginx is not installed');
  console.log('(Debian: apt-get install nginx-light)');
} else {
  const nginx = await startNginx(toServer);
  try {
    await beside(nginx);
  } finally {
    nginx.stop();
  }
}
if (only.includes('artillery')) await besideArtillery();
