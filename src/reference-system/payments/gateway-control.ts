/** The gateway's control port: its ledger, its load, and how it is to behave. */
import { pageQuery } from '../control/page-query.ts';
import { processUsage } from '../control/process-usage.ts';
import { parseBehaviour } from './behaviour.ts';
import type { CallbackSender } from './callback-sender.ts';
import type { ChargeDesk } from './charge-desk.ts';
import type { ChargeStore } from './charge-store.ts';
import { type JsonAnswer, type JsonRequest, problem } from './json-server.ts';

export interface GatewayControl {
  readonly desk: ChargeDesk;
  readonly store: ChargeStore;
  readonly sender: CallbackSender;
}

type Answer = (control: GatewayControl, request: JsonRequest) => Promise<JsonAnswer> | JsonAnswer;

const ROUTES: Readonly<Record<string, Answer>> = {
  'GET /control/observe': () => ok({ process: processUsage('payment-gateway', 0) }),
  'GET /control/pending': ({ sender }) => ok({ callbacks: sender.pending }),
  /** Messages that wait for their time go at once: what is left to happen happens now. */
  'POST /control/hurry': ({ sender }) => {
    sender.hurry();
    return ok({ callbacks: sender.pending });
  },
  'POST /control/payment': changeBehaviour,
  'GET /ledger/charges': ({ store }, request) =>
    list(request, (after, limit) => store.transact(() => store.page(after, limit))),
  'GET /ledger/callbacks': async ({ store, sender }, request) => {
    await sender.record();
    return list(request, (after, limit) =>
      store.transact(() => store.callbacks.page(after, limit)),
    );
  },
};

export async function answerControl(
  control: GatewayControl,
  request: JsonRequest,
): Promise<JsonAnswer> {
  const name = `${request.method} ${request.path}`;
  const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
  return route === undefined ? problem(404, 'not_found') : route(control, request);
}

/** `{ "behaviour": null }` goes back to how it was configured. */
function changeBehaviour({ desk }: GatewayControl, { body }: JsonRequest): JsonAnswer {
  const wanted = (body as { behaviour?: unknown } | null | undefined)?.behaviour;
  const behaviour = wanted === null ? null : parseBehaviour(wanted);
  if (behaviour === undefined) return problem(400, 'bad_request');
  desk.behave(behaviour);
  return ok({ changed: true });
}

/** Ids end in the number that rows are ordered by: `ch_12`, `cb_12`. */
async function list(
  request: JsonRequest,
  read: (afterSeq: number, limit: number) => Promise<readonly { readonly id: string }[]>,
): Promise<JsonAnswer> {
  const page = pageQuery(request.query);
  if (page === undefined) return problem(400, 'bad_request');
  const afterSeq = page.after === null ? 0 : Number(page.after);
  if (!Number.isSafeInteger(afterSeq)) return problem(400, 'bad_request');
  const items = await read(afterSeq, page.limit);
  const last = items.length < page.limit ? undefined : items.at(-1);
  return ok({ items, next: last === undefined ? null : last.id.slice(3) });
}

function ok(body: object): JsonAnswer {
  return { status: 200, body };
}
