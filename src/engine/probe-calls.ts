/** Single operations of the coordinator's own, recorded in the history as probes. */
import type { Clock } from '../base/clock.ts';
import { type Call, createCall, type LoadClient, resetAnswer } from '../contract/call.ts';
import { type HistoryWriter, PROBE_JOURNEY } from '../contract/history.ts';
import { traitsOf } from '../contract/operation.ts';
import type { Logins } from './logins.ts';

export interface ProbeParts {
  readonly client: LoadClient;
  readonly clock: Clock;
  readonly writer: HistoryWriter;
  /** Who has to log in first, and what the target gave them; absent: nobody has to. */
  readonly logins?: Logins;
}

export type ProbeQuestion = Pick<Call, 'operation' | 'customer' | 'item'> &
  Partial<
    Pick<
      Call,
      'key' | 'checkoutId' | 'orderId' | 'quantity' | 'direct' | 'instantPayment' | 'loginStep'
    >
  >;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
/** Probes belong to no population; the history wants a number. */
const NO_POPULATION = 0;

/** Sends one operation and resolves with its answer; never rejects for operating errors. */
export async function ask(parts: ProbeParts, question: ProbeQuestion): Promise<Call> {
  const { logins } = parts;
  if (logins === undefined || logins.steps === 0) return send(parts, question);
  const values = await logins.of(question.customer, (loginStep, known) =>
    send(parts, { operation: 'login', customer: question.customer, item: -1, loginStep }, known),
  );
  const answered = await send(parts, question, values);
  logins.learn(question.customer, answered.values);
  return answered;
}

function send(
  parts: ProbeParts,
  question: ProbeQuestion,
  values: string[] | null = null,
): Promise<Call> {
  const { client, clock, writer } = parts;
  const call = Object.assign(createCall(), question);
  resetAnswer(call);
  call.values = values;
  call.intendedAtUs = clock.nowUs();
  call.dispatchedAtUs = call.intendedAtUs;
  return new Promise((resolve) => {
    client.execute(call, (answered) => {
      if (answered.doneAtUs === 0) answered.doneAtUs = clock.nowUs();
      if (traitsOf(answered.operation).recorded) {
        writer.append(answered, PROBE_JOURNEY, NO_POPULATION);
      }
      resolve(answered);
    });
  });
}

/** Waits longer after each failed try. */
export function pauseBefore(retry: number, clock: Clock): Promise<void> {
  return clock.sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** retry));
}

/** Runs `task` over all items, at most `limit` at a time; results in the order of the items. */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await task(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return results;
}
