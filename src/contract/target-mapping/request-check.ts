/** One request template: its placeholders, its path, its headers and its body. */
import { nearestName } from '../../base/nearest-name.ts';
import type { RequestTemplate } from '../target-mapping.ts';
import { bracedNames, visitStrings } from './template.ts';
import { type Scope, unknownName } from './value-scope.ts';

type Place = readonly (string | number)[];

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const CONTROL = /\p{Cc}/u;
/** What the client says about the connection and the message itself. */
const NOT_THEIRS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Of a name that may just stand in a body, like a field in GraphQL. */
const LONG_ENOUGH_TO_BE_MEANT = 4;

export class RequestCheck {
  readonly #scope: Scope;
  readonly #report: (place: Place, message: string) => void;

  constructor(scope: Scope, report: (place: Place, message: string) => void) {
    this.#scope = scope;
    this.#report = report;
  }

  check({ method, path, headers, body }: RequestTemplate): void {
    this.#path(path);
    this.#headers(headers);
    if (body === undefined) return;
    if (method === 'GET') this.#report(['body'], 'a GET has no body');
    visitStrings(body, (text, place) => this.#bodyText(text, ['body', ...place]));
  }

  #path(path: string): void {
    if (!path.startsWith('/')) this.#report(['request'], `the path "${path}" must begin with "/"`);
    if (path.includes('#')) this.#report(['request'], 'a path has no "#"; write %23');
    if (CONTROL.test(path)) this.#report(['request'], 'a path has no control characters');
    this.#everyName(path, ['request']);
  }

  #headers(headers: Readonly<Record<string, string>>): void {
    const seen = new Set<string>();
    for (const [name, value] of Object.entries(headers)) {
      const place = ['headers', name];
      const lower = name.toLowerCase();
      if (!TOKEN.test(name)) this.#report(place, `"${name}" is no name of a header`);
      else if (NOT_THEIRS.has(lower)) this.#report(place, 'is set by the client itself');
      else if (lower === 'accept-encoding') {
        this.#report(place, 'compressed answers are not read; leave it out');
      } else if (seen.has(lower)) this.#report(place, 'is there twice');
      seen.add(lower);
      if (!FIELD_VALUE.test(value)) this.#report(place, 'has a character that no header may have');
      this.#everyName(value, place);
    }
  }

  /** Where braces mean nothing else: every name must be known. */
  #everyName(text: string, place: Place): void {
    for (const name of bracedNames(text)) {
      if (this.#scope.known.has(name)) continue;
      this.#report(place, this.#scope.why(name) ?? unknownName(name, this.#scope));
    }
  }

  /** Braces may be the body's own: only what is surely meant as a placeholder is judged. */
  #bodyText(text: string, place: Place): void {
    for (const name of bracedNames(text)) {
      if (this.#scope.known.has(name)) continue;
      const why = this.#scope.why(name);
      const isWhole = text === `{${name}}`;
      const isNear =
        name.length >= LONG_ENOUGH_TO_BE_MEANT &&
        nearestName(name, this.#scope.known) !== undefined;
      if (why === undefined && !isWhole && !isNear) continue;
      const problem = why ?? unknownName(name, this.#scope);
      this.#report(place, `${problem}; {{${name}}} is the text itself`);
    }
  }
}
