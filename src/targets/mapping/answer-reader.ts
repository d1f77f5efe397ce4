/**
 * From an answer to the outcome of a call: the mapping's own rules first, then the table that all
 * targets share. A success that is not as the mapping says is a bad answer, never `ok`.
 */
import type { Call } from '../../contract/call.ts';
import type { JsonPath } from '../../contract/target-mapping/json-path.ts';
import type { OperationMapping, OutcomeRule } from '../../contract/target-mapping.ts';
import type { HttpAnswer } from '../http/http-answer.ts';
import { applyRuling, BAD_ANSWER, type Ruling, rulingOfRefusal } from '../outcome-table.ts';
import { compiledPath, Extractor, type ExtractorOptions } from './extractor.ts';

interface CompiledRule {
  readonly statuses: ReadonlySet<number> | null;
  readonly fields: readonly { readonly path: JsonPath; readonly equals: unknown }[];
  readonly isOk: boolean;
  readonly ruling: Ruling;
  readonly extractor: Extractor;
}

/** A field's condition without a value: anything but null. */
const ANY = Symbol('any value');

/**
 * GraphQL says 200 to everything. With errors, and no rule that knows them, nobody can say whether
 * a mutation took effect.
 */
const GRAPHQL_ERRORS: Ruling = { onWrite: 'unknown', onRead: 'failed', reason: 'rejected' };

export class AnswerReader {
  readonly #rules: readonly CompiledRule[];
  readonly #extractor: Extractor;
  readonly #answer: NonNullable<OperationMapping['answer']>;
  readonly #isGraphql: boolean;

  constructor(mapping: OperationMapping, options: ExtractorOptions) {
    this.#extractor = new Extractor(mapping.extract, options);
    this.#rules = mapping.outcomes.map((rule) => compileRule(rule, options));
    this.#answer = mapping.answer ?? 'json';
    this.#isGraphql = isGraphql(mapping);
  }

  read(call: Call, answer: HttpAnswer): void {
    const isSuccess = answer.status >= 200 && answer.status < 300;
    const isRead = !this.#extractor.isEmpty || this.#rules.length > 0 || !isSuccess;
    const body = answer.json(isRead);
    call.gotReplayed = false;
    const rule = this.#ruleFor(answer.status, body);
    if (rule !== undefined && !rule.isOk) {
      applyRuling(call, rule.ruling);
      // A success that is none was no stored answer of anything.
      call.gotReplayed = answer.replayed && (!isSuccess || rule.ruling.onWrite === 'refused');
      rule.extractor.read(call, body);
    } else if (rule !== undefined || isSuccess) {
      this.#success(call, answer, body, rule);
    } else {
      applyRuling(call, rulingOfRefusal(answer.status, codeOf(body), answer.shed));
      call.gotReplayed = answer.replayed;
    }
  }

  #success(call: Call, answer: HttpAnswer, body: unknown, rule: CompiledRule | undefined): void {
    if (rule === undefined && this.#isGraphql && hasErrors(body)) {
      applyRuling(call, GRAPHQL_ERRORS);
      return;
    }
    const isGood =
      this.#isShaped(answer, body) &&
      this.#extractor.read(call, body) &&
      (rule === undefined || rule.extractor.read(call, body));
    if (!isGood) {
      applyRuling(call, BAD_ANSWER);
      return;
    }
    call.gotReplayed = answer.replayed;
    call.outcome = 'ok';
    call.reason = rule?.ruling.reason ?? 'none';
    if (call.reason !== 'none') return;
    if (answer.status === 202) call.reason = 'accepted';
    else if (call.operation === 'viewStock' && this.#extractor.readsStock) {
      call.reason = call.gotStock > 0 ? 'in_stock' : 'out_of_stock';
    }
  }

  #isShaped(answer: HttpAnswer, body: unknown): boolean {
    switch (this.#answer) {
      case 'any':
        return true;
      case 'object':
        return typeof body === 'object' && body !== null && !Array.isArray(body);
      case 'json':
        return body !== undefined || (answer.bytes === 0 && this.#extractor.isEmpty);
    }
  }

  #ruleFor(status: number, body: unknown): CompiledRule | undefined {
    for (const rule of this.#rules) {
      if (rule.statuses !== null && !rule.statuses.has(status)) continue;
      if (holds(rule, body)) return rule;
    }
    return undefined;
  }
}

function holds({ fields }: CompiledRule, body: unknown): boolean {
  for (const { path, equals } of fields) {
    const value = path.first(body);
    const isEqual = equals === ANY ? value !== undefined && value !== null : value === equals;
    if (!isEqual) return false;
  }
  return true;
}

function compileRule(rule: OutcomeRule, options: ExtractorOptions): CompiledRule {
  const { statuses, fields, is, reason, extract = {} } = rule;
  return {
    statuses: statuses === undefined ? null : new Set(statuses),
    fields: fields.map(({ path, equals }) => ({
      path: compiledPath(path),
      equals: equals === undefined ? ANY : equals,
    })),
    isOk: is === 'ok',
    ruling: { onWrite: is, onRead: is === 'unknown' ? 'failed' : is, reason },
    extractor: new Extractor(extract, options),
  };
}

function isGraphql({ request: { body } }: OperationMapping): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    Object.hasOwn(body, 'query') &&
    typeof (body as Readonly<Record<string, unknown>>)['query'] === 'string'
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasErrors(body: unknown): boolean {
  if (!isObject(body) || !Object.hasOwn(body, 'errors')) return false;
  const { errors } = body as { readonly errors: unknown };
  return Array.isArray(errors) ? errors.length > 0 : errors !== null;
}

function codeOf(body: unknown): string {
  const code = isObject(body) && Object.hasOwn(body, 'code') ? body['code'] : undefined;
  return typeof code === 'string' ? code : '';
}
