/**
 * Requests as one string each, ready for a single write. Header lines that are the same as those of
 * the request before are taken over, so the usual request costs a handful of comparisons.
 */
import type { HttpRequest } from './protocol.ts';

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Latin-1 without control characters other than the tab. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const PATH = /^\/[\x21-\x7e]*$/;
const NOT_ASCII = /[^\0-\x7f]/;

/** What these say is for the connection to decide. */
const OURS = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);

export class WireRequest {
  /** The whole request, one character for each byte. */
  text = '';
  readonly #start: string;
  #method = '';
  #path = '';
  #body: string | null = '';
  /** Names and values of the request before, and its header text up to each pair. */
  readonly #headers: string[] = [];
  readonly #blocks: string[] = [''];

  /** `hostHeader`: host and port as they are written in an address. */
  constructor(hostHeader: string) {
    this.#start = ` HTTP/1.1\r\nhost: ${hostHeader}\r\nconnection: keep-alive\r\n`;
  }

  /** False when something in it cannot be sent as it is; `text` is then the request before. */
  encode(request: HttpRequest): boolean {
    const { method, path, body } = request;
    const isSameHead = this.#takeHeaders(request.headers);
    if (isSameHead === undefined) return false;
    const isSame = path === this.#path && body === this.#body && method === this.#method;
    if (isSameHead && isSame && this.text !== '') return true;
    if (path !== this.#path && !PATH.test(path)) return this.#forget();
    this.#method = method;
    this.#path = path;
    this.#body = body;
    const start = `${method} ${path}${this.#start}${this.#blocks[this.#headers.length >> 1]}`;
    if (body !== null) {
      const bytes = NOT_ASCII.test(body) ? Buffer.from(body, 'utf8').toString('latin1') : body;
      this.text = `${start}content-length: ${bytes.length}\r\n\r\n${bytes}`;
    } else if (method === 'GET') this.text = `${start}\r\n`;
    // Without a length a server may wait for the body of a write.
    else this.text = `${start}content-length: 0\r\n\r\n`;
    return true;
  }

  #forget(): false {
    this.text = '';
    return false;
  }

  /** True when nothing changed; undefined when a header cannot be sent. */
  #takeHeaders(headers: readonly string[]): boolean | undefined {
    const known = this.#headers;
    let at = 0;
    while (at < headers.length && at < known.length && headers[at] === known[at]) at++;
    if (at === headers.length && at === known.length) return true;
    at &= ~1;
    known.length = at;
    for (; at + 1 < headers.length; at += 2) {
      const name = headers[at] as string;
      const value = headers[at + 1] as string;
      if (!NAME.test(name) || !VALUE.test(value) || OURS.has(name.toLowerCase())) {
        this.#forget();
        return undefined;
      }
      known.push(name, value);
      this.#blocks[(at >> 1) + 1] = `${this.#blocks[at >> 1]}${name}: ${value}\r\n`;
    }
    return false;
  }
}
