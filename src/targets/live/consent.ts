/**
 * The consent of a public host's owner: one line, bound to the host and to the key of whoever tests,
 * that only the owner can place. The key itself stays secret, so nobody else can use the line.
 */
import { createHash } from 'node:crypto';

const PREFIX = 'ecomsim-consent-v1=';
/** Of a page or record: several testers may each have a line. */
const MAX_TEXT_CHARS = 16 * 1024;

export const WELL_KNOWN_PATH = '/.well-known/ecomsim';

export function consentRecordName(host: string): string {
  return `_ecomsim.${host}`;
}

/** What the owner places; SHA-256 over the format, the host and the run key. */
export function consentLine(host: string, runKey: string): string {
  const bound = `ecomsim consent v1\n${host}\n${runKey}`;
  return `${PREFIX}${createHash('sha256').update(bound).digest('hex')}`;
}

/** True when one line of the text is exactly the expected one. */
export function holdsConsent(text: string, host: string, runKey: string): boolean {
  const expected = consentLine(host, runKey);
  const lines = text.slice(0, MAX_TEXT_CHARS).split(/\r\n|\n/);
  return lines.some((line) => line.trim() === expected);
}
