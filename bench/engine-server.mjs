// A server that does nothing but answer: the engine's own limit is what is left to be measured.
import net from 'node:net';

const BODIES = {
  home: { featured: [{ sku: 'sku-1', title: 'A thing', priceMinor: 1999 }], currency: 'EUR' },
  product: { sku: 'sku-1', title: 'A thing', description: 'd'.repeat(300), priceMinor: 1999 },
  stock: { sku: 'sku-1', available: 25, sale: 'open' },
  cart: { lines: [{ sku: 'sku-1', quantity: 1, priceMinor: 1999 }], totalMinor: 1999 },
  checkout: {
    id: 'co-1',
    expiresAt: '2030-01-01T00:00:00Z',
    expiresAtUs: 9e15,
    lines: [{ sku: 'sku-1', quantity: 1, priceMinor: 1999 }],
    totalMinor: 1999,
    currency: 'EUR',
  },
  order: {
    id: 'o-1',
    key: 'k',
    status: 'confirmed',
    lines: [{ sku: 'sku-1', quantity: 1, priceMinor: 1999 }],
    totalMinor: 1999,
    currency: 'EUR',
  },
};

const answer = (status, body) => {
  const text = JSON.stringify(body);
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: `;
  return Buffer.from(`${head}${text.length}\r\n\r\n${text}`);
};
const HOME = answer('200 OK', BODIES.home);
const ANSWERS = [
  ['GET /api/products/', answer('200 OK', BODIES.product)],
  ['GET /api/inventory/', answer('200 OK', BODIES.stock)],
  ['POST /api/cart/items', answer('200 OK', BODIES.cart)],
  ['POST /api/checkouts', answer('201 Created', BODIES.checkout)],
  ['POST /api/orders', answer('201 Created', BODIES.order)],
];

/** Bytes of the first whole request in `text`, or 0. */
function requestLength(text) {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const at = text.indexOf('content-length: ');
  const body = at < 0 || at > end ? 0 : Number.parseInt(text.slice(at + 16, at + 24), 10);
  return text.length >= end + 4 + body ? end + 4 + body : 0;
}

const server = net.createServer((socket) => {
  socket.setNoDelay(true);
  let rest = '';
  socket.on('data', (data) => {
    rest += data.latin1Slice();
    for (let length = requestLength(rest); length > 0; length = requestLength(rest)) {
      const found = ANSWERS.find(([start]) => rest.startsWith(start));
      socket.write(found?.[1] ?? HOME);
      rest = rest.slice(length);
    }
  });
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
