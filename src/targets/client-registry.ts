/** From a serialisable client spec to the client that a load worker uses. */
import { assert, InvariantError } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { ClientSpec, LoadClient } from '../contract/call.ts';
import { HttpClient } from './http/http-client.ts';
import type { Protocol } from './http/protocol.ts';
import { createMappedProtocol } from './mapping/mapped-protocol.ts';
import { decodeNullAnswer } from './null/answers.ts';
import { referenceMapping } from './reference/mapping.ts';
import { StatedAddresses } from './reference/shopper-addresses.ts';

const WARM_UP_PATH = '/healthz';

/** Exported for tests. */
export function shopProtocol(spec: ClientSpec, decode?: Protocol['decode']): Protocol {
  const mapped = createMappedProtocol(referenceMapping(spec), spec.skus);
  const customers = spec.tokens.length;
  return statingAddresses(spec.addressSecret, {
    warmupPath: WARM_UP_PATH,
    encode: (call, request) => {
      // A feed begins again after its last row, but these customers are no feed.
      if (call.customer >= customers) throw new InvariantError(`no customer ${call.customer}`);
      return mapped.encode(call, request);
    },
    decode: decode ?? ((call, answer) => mapped.decode(call, answer)),
  });
}

/** Each shopper's own address, where the shop counts by address. */
function statingAddresses(secret: string, protocol: Protocol): Protocol {
  if (secret === '') return protocol;
  const addresses = new StatedAddresses(secret);
  return {
    ...protocol,
    encode: (call, request) => {
      if (!protocol.encode(call, request)) return false;
      request.headers = [...request.headers, 'x-shopper-address', addresses.of(call.customer)];
      return true;
    },
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
