/** The two places where an owner's consent may stand: a page of the host, or a record of its name. */
import { Resolver } from 'node:dns/promises';
import { messageOf } from '../../base/errors.ts';
import { consentRecordName, WELL_KNOWN_PATH } from './consent.ts';
import type { JsonClient } from './json-client.ts';

/**
 * `absent`: the place says clearly that there is nothing. `unclear`: it did not answer, or not with
 * a yes or no; that may be the load itself.
 */
export type ConsentAnswer =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unclear'; readonly why: string };

export interface ConsentSource {
  /** How it is called in messages. */
  readonly place: string;
  /** Never rejects; answers within about a second. */
  read(): Promise<ConsentAnswer>;
  close(): Promise<void>;
}

/** With the interval and the end of what is in flight, well within 5 s of a removal. */
const TIMEOUT_MS = 900;

/** `GET https://<host>/.well-known/ecomsim`; a redirect leads elsewhere and counts as absent. */
export class WellKnownConsent implements ConsentSource {
  readonly place: string;
  readonly #client: JsonClient;

  constructor(client: JsonClient, origin: string) {
    this.#client = client;
    this.place = `${origin}${WELL_KNOWN_PATH}`;
  }

  async read(): Promise<ConsentAnswer> {
    try {
      const { status, text } = await this.#client.exchange({
        method: 'GET',
        path: WELL_KNOWN_PATH,
        headers: { accept: 'text/plain' },
        timeoutMs: TIMEOUT_MS,
      });
      if (status === 200) return { kind: 'text', text };
      const isBusy = status === 408 || status === 429 || status >= 500;
      return isBusy ? { kind: 'unclear', why: `HTTP ${status}` } : { kind: 'absent' };
    } catch (error) {
      return { kind: 'unclear', why: messageOf(error) };
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** Codes by which a resolver says that there is no such record. */
const NO_RECORD: ReadonlySet<string> = new Set(['ENODATA', 'ENOTFOUND', 'ENONAME']);

export type ResolveTxt = (name: string) => Promise<string[][]>;

/** DNS TXT record `_ecomsim.<host>`. */
export class DnsConsent implements ConsentSource {
  readonly place: string;
  readonly #name: string;
  readonly #resolveTxt: ResolveTxt;

  constructor(host: string, resolveTxt: ResolveTxt = systemResolver()) {
    this.#name = consentRecordName(host);
    this.place = `DNS TXT ${this.#name}`;
    this.#resolveTxt = resolveTxt;
  }

  async read(): Promise<ConsentAnswer> {
    try {
      const records = await this.#resolveTxt(this.#name);
      return { kind: 'text', text: records.map((parts) => parts.join('')).join('\n') };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      return NO_RECORD.has(code) ? { kind: 'absent' } : { kind: 'unclear', why: messageOf(error) };
    }
  }

  async close(): Promise<void> {}
}

function systemResolver(): ResolveTxt {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  return (name) => resolver.resolveTxt(name);
}
