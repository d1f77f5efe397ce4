// What a stranger asks of a shop that guards nothing, of one that guards everything, and of none.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { judge } from '../../src/audit/audit.ts';
import { createSystemClock } from '../../src/base/clock.ts';
import type { ForeignProbe, ForeignQuestion } from '../../src/contract/audit-probe.ts';
import { ControlClient } from '../../src/targets/reference/control-client.ts';
import { askAsStranger } from '../../src/targets/reference/stranger-requests.ts';
import { SaleStory } from '../support/history-builder.ts';
import { resultOf } from '../support/verdicts.ts';

const ACTIONS = ['read', 'readByKey', 'cancel', 'pay', 'list'] as const;
const question = {
  owner: 1,
  intruder: 9,
  token: 'stranger',
  subject: 'o-1',
  key: 'k-1',
} satisfies Omit<ForeignQuestion, 'action'>;

let server: Server | undefined;
const seen: string[] = [];

afterEach(() => {
  server?.close();
  server = undefined;
  seen.length = 0;
});

async function ask(
  answer: (request: IncomingMessage) => [number, string],
): Promise<ForeignProbe[]> {
  const listening = createServer((request, response) => {
    const { method, url, headers } = request;
    seen.push(
      `${method} ${url} ${headers.authorization ?? '-'} ${headers['idempotency-key'] ?? '-'}`,
    );
    const [status, body] = answer(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  const clock = createSystemClock();
  const origin = `http://127.0.0.1:${port}`;
  const front = new ControlClient({ origin, secret: '', name: 'shop', clock });
  const probes: ForeignProbe[] = [];
  for (const action of ACTIONS) {
    probes.push(await askAsStranger(front, { ...question, action }, 2000));
  }
  await front.close();
  return probes;
}

function verdictOf(foreignProbes: readonly ForeignProbe[]): [number, number] {
  const story = new SaleStory({ units: [4] });
  story.buy({ customer: 1, atMs: 100 });
  const { checked, violationCount } = resultOf(judge(story.input({ foreignProbes })), 'A1');
  return [checked, violationCount];
}

it('a shop that guards nothing is convicted by every one of them', async () => {
  const probes = await ask(() => [200, '{"items":[{"id":"o-1"}],"id":"o-1"}']);
  expect(probes.map(({ status, leaked }) => [status, leaked])).toEqual(
    ACTIONS.map(() => [200, true]),
  );
  expect(verdictOf(probes)).toEqual([5, 5]);
  expect(seen).toEqual([
    'GET /api/orders/o-1 Bearer stranger -',
    'GET /api/orders/by-key/k-1 Bearer stranger -',
    'POST /api/orders/o-1/cancel Bearer stranger -',
    'POST /api/orders Bearer stranger k-1',
    'GET /api/orders?customer=c-1 Bearer stranger -',
  ]);
});

it('a shop that refuses and repeats what it was asked for has given nothing away', async () => {
  const probes = await ask(() => [404, '{"code":"not_found","detail":"no order \\"o-1\\""}']);
  expect(verdictOf(probes)).toEqual([5, 0]);
});

it('a list of the stranger’s own orders is no finding', async () => {
  const probes = await ask(({ method, url }) =>
    method === 'GET' && url?.includes('?') === true
      ? [200, '{"items":[{"id":"o-9"}]}']
      : [403, '{}'],
  );
  expect(verdictOf(probes)).toEqual([5, 0]);
});

it('a shop that is gone has shown nothing', async () => {
  const clock = createSystemClock();
  const front = new ControlClient({
    origin: 'http://127.0.0.1:9',
    secret: '',
    name: 'shop',
    clock,
  });
  const probe = await askAsStranger(front, { ...question, action: 'read' }, 500);
  await front.close();
  expect([probe.status, ...verdictOf([probe])]).toEqual([0, 0, 0]);
});
