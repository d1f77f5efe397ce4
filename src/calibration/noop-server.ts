/**
 * An HTTP server that answers every request of the shop with the same small page, and does nothing
 * else: what is left to be measured is the generator. On bare sockets, for the same reason.
 */
import net, { type AddressInfo } from 'node:net';

const LINES = [{ sku: 'sku-1', quantity: 1, priceMinor: 1999 }];
const BODIES: readonly (readonly [start: string, status: string, body: unknown])[] = [
  ['GET /api/products/', '200 OK', { sku: 'sku-1', title: 'A thing', priceMinor: 1999 }],
  ['GET /api/inventory/', '200 OK', { sku: 'sku-1', available: 25, sale: 'open' }],
  ['POST /api/cart/items', '200 OK', { lines: LINES, totalMinor: 1999 }],
  ['POST /api/checkouts', '201 Created', { id: 'c-1', lines: LINES, totalMinor: 1999 }],
  ['POST /api/orders', '201 Created', { id: 'o-1', status: 'confirmed', lines: LINES }],
];
const END_OF_HEAD = '\r\n\r\n';
const LENGTH = 'content-length: ';
/** Nothing that a load client of ours sends comes near it. */
const MAX_REQUEST_CHARS = 65_536;

function answer(status: string, body: unknown): Buffer {
  const text = JSON.stringify(body);
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${LENGTH}${text.length}`;
  return Buffer.from(`${head}\r\n\r\n${text}`);
}

const HOME = answer('200 OK', { featured: LINES, currency: 'EUR' });
const ANSWERS = BODIES.map(([start, status, body]) => [start, answer(status, body)] as const);

/** Resolves with the port on 127.0.0.1. */
export function listenNoop(): Promise<number> {
  const server = net.createServer((socket) => {
    socket.setNoDelay(true);
    let rest = '';
    socket.on('data', (data) => {
      rest += data.toString('latin1');
      if (rest.length > MAX_REQUEST_CHARS) socket.destroy();
      for (let length = requestLength(rest); length > 0; length = requestLength(rest)) {
        const found = ANSWERS.find(([start]) => rest.startsWith(start));
        socket.write(found?.[1] ?? HOME);
        rest = rest.slice(length);
      }
    });
    // A client that goes away is done: nobody is told.
    socket.on('error', () => socket.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Characters of the first whole request in `text`, or 0. */
function requestLength(text: string): number {
  const end = text.indexOf(END_OF_HEAD);
  if (end < 0) return 0;
  const head = text.slice(0, end).toLowerCase();
  const at = head.indexOf(LENGTH);
  const body = at < 0 ? 0 : Number.parseInt(head.slice(at + LENGTH.length), 10);
  const length = end + END_OF_HEAD.length + (Number.isSafeInteger(body) ? body : 0);
  return text.length >= length ? length : 0;
}
