/**
 * Certificates that exist for these tests only, valid until 2120 unless their name says otherwise:
 * Node cannot make any, and a test must not need another program for it. Nothing trusts them but
 * the tests themselves.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.join(import.meta.dirname, 'certificates');
const read = (file: string): string => readFileSync(path.join(FOLDER, file), 'utf8');

/** PEM of the authority that signed all but the self-signed one. */
export const AUTHORITY = read('authority.pem');

export type CertificateName = 'good' | 'expired' | 'wrong-name' | 'self-signed';

/** For `localhost` and the loopback addresses, but for `wrong-name`. */
export function certificate(name: CertificateName): {
  readonly key: string;
  readonly cert: string;
} {
  return { key: read(`${name}-key.pem`), cert: read(`${name}.pem`) };
}
