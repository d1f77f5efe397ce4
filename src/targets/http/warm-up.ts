/** First requests before the clock matters: they load and compile everything the hot path uses. */
import { type Call, createCall, type LoadClient } from '../../contract/call.ts';
import type { Protocol } from './protocol.ts';

const CONNECTIONS = 8;
const REQUESTS_PER_CONNECTION = 25;
const JSON_WANTED = ['accept', 'application/json'];

/** Asks for one cheap page, whatever the call says. */
export function warmUpProtocol({ warmupPath, warmupHeaders = JSON_WANTED }: Protocol): Protocol {
  return {
    warmupPath,
    encode: (_call, request) => {
      request.method = 'GET';
      request.path = warmupPath;
      request.headers = [...warmupHeaders];
      request.body = null;
      return true;
    },
    decode: (call, answer) => {
      const isReady = answer.status >= 200 && answer.status < 300;
      const hasBody = answer.json(true) !== undefined;
      call.outcome = isReady && hasBody ? 'ok' : 'failed';
      call.reason = isReady && hasBody ? 'none' : isReady ? 'bad_answer' : 'rejected';
    },
  };
}

/** The first call that was not ok, or undefined when the target is ready. */
export async function warmUp(
  execute: LoadClient['execute'],
  { maxConnections, requests }: { maxConnections: number; requests: number | undefined },
): Promise<Call | undefined> {
  const first = await exchange(execute, createCall());
  if (first.outcome !== 'ok') return first;
  const connections = Math.min(CONNECTIONS, maxConnections);
  const ends = await Promise.all(
    Array.from({ length: connections }, () => exchangeMany(execute, requests)),
  );
  return ends.find((call) => call.outcome !== 'ok');
}

async function exchangeMany(
  execute: LoadClient['execute'],
  requests = REQUESTS_PER_CONNECTION,
): Promise<Call> {
  const call = createCall();
  for (let request = 0; request < requests; request++) {
    await exchange(execute, call);
    if (call.outcome !== 'ok') break;
  }
  return call;
}

function exchange(execute: LoadClient['execute'], call: Call): Promise<Call> {
  return new Promise((resolve) => execute(call, resolve));
}
