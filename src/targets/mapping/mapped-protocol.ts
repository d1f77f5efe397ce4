/** A target mapping as the protocol of the HTTP client: every operation compiled once. */
import { assert } from '../../base/assert.ts';
import { type Call, createCall } from '../../contract/call.ts';
import type { OperationName } from '../../contract/operation.ts';
import { mappedOperations } from '../../contract/target-mapping/mapped-operations.ts';
import type { OperationMapping, TargetMapping } from '../../contract/target-mapping.ts';
import type { HttpAnswer } from '../http/http-answer.ts';
import type { HttpRequest, Protocol } from '../http/protocol.ts';
import { AnswerReader } from './answer-reader.ts';
import { CallSources } from './call-sources.ts';
import { CompiledRequest } from './compiled-request.ts';
import type { ExtractorOptions } from './extractor.ts';
import { ValueIndex } from './session-values.ts';

interface CompiledOperation {
  readonly request: CompiledRequest<Call>;
  readonly direct: CompiledRequest<Call>;
  readonly reader: AnswerReader;
}

/** Asked of a new target in this order: reads that need no session. */
const READS: readonly OperationName[] = ['home', 'viewProduct', 'viewStock', 'search'];

/** `skus` by item of the catalogue. The mapping has been checked before (`mappingProblems`). */
export function createMappedProtocol(mapping: TargetMapping, skus: readonly string[]): Protocol {
  return new MappedProtocol(mapping, skus);
}

class MappedProtocol implements Protocol {
  readonly warmupPath: string;
  readonly warmupHeaders: readonly string[];
  /** A system that is not ours is asked only whether it is there. */
  readonly warmupRequests = 1;
  readonly #operations: Partial<Record<OperationName, CompiledOperation>> = {};
  readonly #logins: readonly CompiledOperation[];

  constructor(mapping: TargetMapping, skus: readonly string[]) {
    const values = new ValueIndex(mapping);
    const sources = new CallSources(mapping, values, skus);
    const options: ExtractorOptions = { values, statuses: statusesOf(mapping) };
    const pathPrefix = new URL(mapping.baseUrl).pathname.replace(/\/+$/, '');
    const context = {
      pathPrefix,
      headers: mapping.headers,
      sourceOf: (name: string) => sources.of(name),
    };
    const compile = (one: OperationMapping): CompiledOperation => {
      const request = new CompiledRequest(one.request, context);
      const { direct } = one;
      return {
        request,
        direct: direct === undefined ? request : new CompiledRequest(direct, context),
        reader: new AnswerReader(one, options),
      };
    };
    for (const [name, one] of Object.entries(mappedOperations(mapping))) {
      this.#operations[name as OperationName] = compile(one);
    }
    this.#logins = mapping.session.map(compile);
    const { path, headers } = this.#firstRead(mapping) ?? { path: '', headers: [] };
    this.warmupPath = path;
    this.warmupHeaders = [...headers];
  }

  encode(call: Call, request: HttpRequest): boolean {
    const operation = this.#of(call);
    if (operation === undefined) return false;
    return (call.direct ? operation.direct : operation.request).encode(call, request);
  }

  decode(call: Call, answer: HttpAnswer): void {
    const operation = this.#of(call);
    assert(operation !== undefined, `${call.operation} was sent, so it is mapped`);
    operation.reader.read(call, answer);
  }

  #of(call: Call): CompiledOperation | undefined {
    return call.operation === 'login'
      ? this.#logins[call.loginStep]
      : this.#operations[call.operation];
  }

  /** What a client can ask to see whether the target is there: '' when all asks for a session. */
  #firstRead({ operations }: TargetMapping): HttpRequest | undefined {
    const request: HttpRequest = { method: 'GET', path: '', headers: [], body: null };
    for (const operation of READS) {
      const isHtml = operations[operation]?.answer === 'any';
      if (operations[operation]?.request.method !== 'GET' || isHtml) continue;
      if (this.encode({ ...createCall(), operation, item: 0 }, request)) return request;
    }
    return undefined;
  }
}

/** What the target calls the states of an order; all other words stand for themselves. */
function statusesOf({ ledger: { orders } }: TargetMapping): Map<string, string> {
  const statuses = new Map<string, string>();
  for (const word of orders?.pending ?? []) statuses.set(word, 'pending');
  for (const word of orders?.refused ?? []) statuses.set(word, 'declined');
  for (const word of orders?.cancelled ?? []) statuses.set(word, 'cancelled');
  for (const word of orders?.confirmed ?? []) statuses.set(word, 'confirmed');
  return statuses;
}
