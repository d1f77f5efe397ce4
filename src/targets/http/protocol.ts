/** How the operations look on one kind of system: the plug point of the HTTP client. */
import type { Call } from '../../contract/call.ts';
import type { HttpMethod } from '../../contract/target-mapping.ts';
import type { HttpAnswer } from './http-answer.ts';

/** Reused for every request of a connection. */
export interface HttpRequest {
  method: HttpMethod;
  /** Starts with `/`; already escaped. */
  path: string;
  /** Names and values in turn; may be one array for all requests, the client copies it. */
  headers: string[];
  /** JSON text, or null for none. */
  body: string | null;
}

export interface Protocol {
  /** A cheap path that answers 2xx with JSON once the target is ready; '' when there is none. */
  readonly warmupPath: string;
  /** Names and values in turn; `accept: application/json` when absent. */
  readonly warmupHeaders?: readonly string[];
  /** Requests of each connection before the clock matters; 25 when absent. */
  readonly warmupRequests?: number;
  /** Fills `request`; false when the call lacks what its request needs, so it is not sent. */
  encode(call: Call, request: HttpRequest): boolean;
  /** Sets outcome, reason and the got* fields from a complete answer. */
  decode(call: Call, answer: HttpAnswer): void;
}

const FORBIDDEN = /[\r\n\0]/;
const PRINTABLE = /^\/[\x21-\x7e]*$/;

/** False when a value would end its line: nothing that a target sent may become a header. */
export function isSendable(request: HttpRequest): boolean {
  return PRINTABLE.test(request.path) && !request.headers.some((text) => FORBIDDEN.test(text));
}

/** The same protocol, which also accepts answers in one layer of compression. */
export function acceptingCompression(protocol: Protocol): Protocol {
  return {
    ...protocol,
    encode: (call, request) => {
      if (!protocol.encode(call, request)) return false;
      request.headers = [...request.headers, 'accept-encoding', 'gzip, deflate, br'];
      return true;
    },
    decode: (call, answer) => protocol.decode(call, answer),
  };
}
