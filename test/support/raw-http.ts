/** Bytes to a port and what comes back, for requests that no HTTP client would send. */
import net from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Long after any answer of a shop on the same machine. */
const GIVE_UP_MS = 15_000;

/** Every answer on one connection; `bytes` should ask for it to be closed. Fails without an end. */
export async function sendRaw(origin: string, bytes: string | Buffer): Promise<RawAnswer[]> {
  // Of all methods it alone is answered with the length of a body and without the body.
  const isHead = bytes.toString().startsWith('HEAD ');
  return answersIn(await exchange(origin, bytes), isHead);
}

/** Sends and cuts the connection `afterMs` later without reading. */
export function sendAndCut(origin: string, bytes: string, afterMs: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(origin);
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.on('connect', () => {
      socket.write(bytes);
      setTimeout(() => socket.resetAndDestroy(), afterMs);
    });
  });
}

function connect(origin: string): net.Socket {
  const { hostname, port } = new URL(origin);
  return net.connect(Number(port), hostname);
}

function exchange(origin: string, bytes: string | Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(origin);
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => {
      socket.destroy();
      reject(
        new Error(`no end of the answer to ${JSON.stringify(bytes.toString().slice(0, 300))}`),
      );
    }, GIVE_UP_MS);
    socket.on('data', (chunk) => chunks.push(chunk));
    // Answered before all of it was read, and closed: what was answered still counts.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    socket.write(bytes);
  });
}

function answersIn(bytes: Buffer, firstHasNoBody: boolean): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = bytes.toString('latin1');
  while (rest !== '') {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd < 0) throw new Error(`this is no answer: ${JSON.stringify(rest.slice(0, 300))}`);
    const [first = '', ...lines] = rest.slice(0, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? Number.NaN);
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    rest = rest.slice(headEnd + 4);
    const isChunked = headers.get('transfer-encoding') === 'chunked';
    // Of a head that cannot be read the method is not known either: then the body comes after all.
    const isNext = rest === '' || rest.startsWith('HTTP/1.1 ');
    const hasBody = !(firstHasNoBody && answers.length === 0 && isNext);
    const length = hasBody ? Number(headers.get('content-length') ?? 0) : 0;
    const body = isChunked ? chunk(rest) : rest.slice(0, length);
    const used = isChunked ? rest.indexOf('0\r\n\r\n') + 5 : length;
    answers.push({ status, headers, body: Buffer.from(body, 'latin1').toString('utf8') });
    rest = rest.slice(used);
  }
  return answers;
}

/** The only chunk of a short body. */
function chunk(text: string): string {
  const lineEnd = text.indexOf('\r\n');
  const length = Number.parseInt(text.slice(0, lineEnd), 16);
  return text.slice(lineEnd + 2, lineEnd + 2 + length);
}
