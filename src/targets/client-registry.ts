/** From a serialisable client spec to the client that a load worker uses. */
import { assert, InvariantError } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { ClientSpec, LoadClient } from '../contract/call.ts';
import { HttpClient } from './http/http-client.ts';
import type { Protocol } from './http/protocol.ts';
import { createMappedProtocol } from './mapping/mapped-protocol.ts';
import { decodeNullAnswer } from './null/answers.ts';
import { referenceMapping } from './reference/mapping.ts';

const WARM_UP_PATH = '/healthz';

/** Exported for tests. */
export function shopProtocol(spec: ClientSpec, decode?: Protocol['decode']): Protocol {
  const mapped = createMappedProtocol(referenceMapping(spec), spec.skus);
  const customers = spec.tokens.length;
  return {
    warmupPath: WARM_UP_PATH,
    encode: (call, request) => {
      // A feed begins again after its last row, but these customers are no feed.
      if (call.customer >= customers) throw new InvariantError(`no customer ${call.customer}`);
      return mapped.encode(call, request);
    },
    decode: decode ?? ((call, answer) => mapped.decode(call, answer)),
  };
}

const PROTOCOLS: Readonly<Record<ClientSpec['kind'], (spec: ClientSpec) => Protocol>> = {
  reference: (spec) => shopProtocol(spec),
  /** Asked exactly what the reference shop is asked, so both cost the same. */
  null: (spec) => shopProtocol(spec, decodeNullAnswer),
  live: ({ mapping, skus }) => {
    assert(mapping !== null, 'a live target has a mapping');
    return createMappedProtocol(mapping, skus);
  },
};

export function createLoadClient(spec: ClientSpec, clock: Clock): LoadClient {
  return new HttpClient(spec, PROTOCOLS[spec.kind](spec), clock);
}
