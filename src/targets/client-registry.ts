/** From a serialisable client spec to the client that a load worker uses. */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { Call, ClientSpec, LoadClient } from '../contract/call.ts';
import { HttpClient } from './http/http-client.ts';
import type { Protocol } from './http/protocol.ts';
import { decodeNullAnswer } from './null/answers.ts';
import { decodeReferenceAnswer } from './reference/answers.ts';
import { ReferenceRequests } from './reference/requests.ts';

const WARM_UP_PATH = '/healthz';

/** The null target is asked exactly what the reference shop is asked, so both cost the same. */
const DECODERS: Readonly<Record<Exclude<ClientSpec['kind'], 'live'>, Protocol['decode']>> = {
  reference: decodeReferenceAnswer,
  null: decodeNullAnswer,
};

export function createLoadClient(spec: ClientSpec, clock: Clock): LoadClient {
  assert(spec.kind !== 'live', 'a live target has a mapping');
  const requests = new ReferenceRequests(spec);
  const protocol: Protocol = {
    warmupPath: WARM_UP_PATH,
    encode: (call: Call, request) => requests.encode(call, request),
    decode: DECODERS[spec.kind],
  };
  return new HttpClient(spec, protocol, clock);
}
