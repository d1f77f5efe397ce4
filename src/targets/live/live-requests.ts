/** Templates of a target file filled in for the coordinator's own requests, and their answers. */
import { EcomsimError } from '../../base/errors.ts';
import type { Outcome } from '../../contract/outcome.ts';
import type { JsonPath } from '../../contract/target-mapping/json-path.ts';
import { parseJsonPath } from '../../contract/target-mapping/json-path.ts';
import { parseTemplate } from '../../contract/target-mapping/template.ts';
import type {
  BodyTemplate,
  OperationMapping,
  RequestTemplate,
} from '../../contract/target-mapping.ts';
import type { Exchange, ExchangeAnswer } from './json-client.ts';

export type Values = Readonly<Record<string, string>>;

/** Longer values of an answer are none that a request could carry. */
const MAX_VALUE_CHARS = 4096;

export interface RequestSurroundings {
  /** Before every path: that of the base address, without a slash at its end. */
  readonly prefix: string;
  /** Of every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export function fillRequest(
  template: RequestTemplate,
  values: Values,
  { prefix, headers, timeoutMs }: RequestSurroundings,
): Exchange {
  const plain = (text: string): string => fillText(text, values, (value) => value);
  const all = { ...headers, ...template.headers };
  return {
    method: template.method,
    path: prefix + fillText(template.path, values, encodeURIComponent),
    headers: Object.fromEntries(Object.entries(all).map(([name, text]) => [name, plain(text)])),
    ...(template.body !== undefined && { body: fillBody(template.body, plain) }),
    timeoutMs,
  };
}

function fillText(text: string, values: Values, encode: (value: string) => string): string {
  return parseTemplate(text, (name) => Object.hasOwn(values, name))
    .map((part) => (typeof part === 'string' ? part : encode(values[part.name] ?? '')))
    .join('');
}

function fillBody(body: BodyTemplate, plain: (text: string) => string): unknown {
  if (typeof body === 'string') return plain(body);
  if (Array.isArray(body)) return body.map((item: BodyTemplate) => fillBody(item, plain));
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, fillBody(value, plain)]),
  );
}

/** Undefined when the text is no JSON. */
export function jsonOf({ text }: ExchangeAnswer): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The caller says whose answer was none.
    return undefined;
  }
}

/** Target files are checked before they are used, so a bad path is a bug of ours. */
export function pathOf(text: string): JsonPath {
  const { path, problem } = parseJsonPath(text);
  if (path === undefined) throw new Error(`unchecked JSON path "${text}": ${problem}`);
  return path;
}

/** The first rule that matches, else: 2xx is ok, all others failed. */
export function outcomeOf(
  { outcomes }: OperationMapping,
  { status }: ExchangeAnswer,
  body: unknown,
): Outcome {
  for (const { statuses, fields, is } of outcomes) {
    if (statuses !== undefined && !statuses.includes(status)) continue;
    const isMatch = fields.every(({ path, equals }) => {
      const value = pathOf(path).first(body);
      return equals === undefined ? value !== undefined && value !== null : value === equals;
    });
    if (isMatch) return is;
  }
  return status >= 200 && status < 300 ? 'ok' : 'failed';
}

/** Throws TARGET_BAD_ANSWER naming the first that is missing. */
export function extractValues(
  extract: Readonly<Record<string, string>>,
  body: unknown,
  what: string,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, path] of Object.entries(extract)) {
    const value = plainValue(pathOf(path).first(body));
    if (value === undefined) {
      throw new EcomsimError('TARGET_BAD_ANSWER', `${what} answered without "${name}" at ${path}`);
    }
    values[name] = value;
  }
  return values;
}

/** Text of a value that can stand in a request or a row; undefined for everything else. */
export function plainValue(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || value.length > MAX_VALUE_CHARS) return undefined;
  return /\p{Cc}/u.test(value) ? undefined : value;
}
