/** Requests of a target file: `POST /path` with headers, body, what to extract and how to judge. */
import { suggestion } from '../base/nearest-name.ts';
import { OUTCOMES, REASONS } from '../contract/outcome.ts';
import type {
  BodyTemplate,
  HttpMethod,
  OperationMapping,
  OutcomeRule,
  RequestTemplate,
} from '../contract/target-mapping.ts';
import { type FieldReader, isTree } from './field-reader.ts';
import { quoteValue } from './problem.ts';

const METHODS: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const REQUEST_LINE = /^(\S+)\s+(\/\S*)$/;
const MAX_HEADERS = 50;
const MAX_EXTRACTS = 50;
const MAX_RULES = 50;
const MAX_BODY_DEPTH = 16;
const HOW = 'write it like "GET /api/products/{sku}"';

export const REQUEST_FIELDS = ['request', 'headers', 'body'] as const;
const OPERATION_FIELDS = [...REQUEST_FIELDS, 'direct', 'extract', 'answer', 'outcomes'] as const;

/** Undefined, and reported, without a usable request line. */
export function readRequest(
  reader: FieldReader,
  otherwise?: RequestTemplate,
): RequestTemplate | undefined {
  const line =
    otherwise !== undefined && !reader.has('request')
      ? otherwise
      : readLine(reader, reader.needed('request', HOW));
  const headers = { ...otherwise?.headers, ...reader.texts('headers', MAX_HEADERS) };
  const body = reader.has('body') ? readBody(reader) : otherwise?.body;
  if (line === undefined) return undefined;
  const { method, path } = line;
  return { method, path, headers, ...(body !== undefined && { body }) };
}

function readLine(
  reader: FieldReader,
  line: string | undefined,
): Pick<RequestTemplate, 'method' | 'path'> | undefined {
  if (line === undefined) return undefined;
  const [, word = '', path = ''] = REQUEST_LINE.exec(line.trim()) ?? [];
  if (path === '') {
    reader.report(['request'], `${quoteValue(line)} is no request; ${HOW}`);
    return undefined;
  }
  const method = METHODS.find((one) => one === word);
  if (method !== undefined) return { method, path };
  const near = suggestion(word, METHODS);
  reader.report(['request'], `${quoteValue(word)} is no method${near}; ${METHODS.join(', ')}`);
  return undefined;
}

function readBody(reader: FieldReader): BodyTemplate | undefined {
  const body = reader.raw('body');
  if (isBody(body, 0)) return body;
  reader.report(['body'], `must be a JSON value, at most ${MAX_BODY_DEPTH} levels deep`);
  return undefined;
}

function isBody(value: unknown, depth: number): value is BodyTemplate {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (depth >= MAX_BODY_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isBody(item, depth + 1));
  return isTree(value) && Object.values(value).every((item) => isBody(item, depth + 1));
}

/** `more` are fields that the caller reads. */
export function readOperation(
  reader: FieldReader,
  more: readonly string[] = [],
): OperationMapping | undefined {
  reader.only([...OPERATION_FIELDS, ...more]);
  const request = readRequest(reader);
  const directly = reader.group('direct');
  directly?.only(REQUEST_FIELDS);
  const direct = directly && request && readRequest(directly, request);
  const extract = reader.texts('extract', MAX_EXTRACTS);
  const outcomes = reader.groups('outcomes', MAX_RULES).flatMap((rule) => readRule(rule) ?? []);
  const answer = reader.oneOf('answer', ['json', 'object', 'any'] as const, 'json');
  if (request === undefined) return undefined;
  return {
    request,
    ...(direct !== undefined && { direct }),
    extract,
    ...(answer !== 'json' && { answer }),
    outcomes,
  };
}

function readRule(reader: FieldReader): OutcomeRule | undefined {
  reader.only(['when', 'is', 'reason', 'extract']);
  for (const name of ['when', 'is']) {
    if (!reader.has(name)) {
      reader.missing(name, 'a rule is { when: { status: 409 }, is: refused, reason: sold_out }');
    }
  }
  const is = reader.oneOf('is', OUTCOMES, 'unknown');
  const reason = reader.oneOf('reason', REASONS, 'none');
  const extract = reader.texts('extract', MAX_EXTRACTS);
  const when = reader.group('when');
  if (when === undefined) return undefined;
  if (when.entries().length === 0) when.report([], 'names no condition');
  const statuses = readStatuses(when);
  const fields = when
    .entries()
    .filter(([name]) => name !== 'status')
    .flatMap(([path, value]) => readCondition(when, path, value) ?? []);
  return {
    ...(statuses !== undefined && { statuses }),
    fields,
    is,
    reason,
    ...(Object.keys(extract).length > 0 && { extract }),
  };
}

function readStatuses(when: FieldReader): number[] | undefined {
  if (!when.has('status')) return undefined;
  return when.words('status', 100).flatMap((word) => {
    const status = Number(word);
    if (Number.isInteger(status) && status >= 200 && status <= 599) return [status];
    when.report(['status'], `${quoteValue(word)} is no HTTP status from 200 to 599`);
    return [];
  });
}

function readCondition(
  when: FieldReader,
  path: string,
  value: unknown,
): OutcomeRule['fields'][number] | undefined {
  if (!path.startsWith('$')) {
    const message = `is neither "status" nor a JSON path that begins with "$"`;
    when.report([path], message, 'key');
    return undefined;
  }
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) {
    return { path, equals: value as string | number | boolean | null };
  }
  if (isTree(value) && value['exists'] === true && Object.keys(value).length === 1) return { path };
  when.report([path], 'must be a plain value, or { exists: true } for any value but null');
  return undefined;
}
