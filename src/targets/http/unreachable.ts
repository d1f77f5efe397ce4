/** The error of a target that cannot be loaded at all: what was tried, what came, what to look at. */
import { EcomsimError } from '../../base/errors.ts';
import type { Call } from '../../contract/call.ts';

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME/;

export function unreachable(
  origin: string,
  path: string,
  { reason, status }: Call,
  connectError: Error | null,
): EcomsimError {
  const code = (connectError as { code?: unknown } | null)?.code;
  const isTold = status === 0 && reason === 'connect_failed' && connectError !== null;
  const why = isTold ? `${reason} (${connectError.message})` : reason;
  const advice =
    isTold && typeof code === 'string' && CERTIFICATE.test(code)
      ? 'its certificate was not accepted; name the authority that signed it, or turn the check ' +
        'off for a test system'
      : 'is it running, and is the address right?';
  return new EcomsimError(
    'TARGET_UNREACHABLE',
    `the target at ${origin} did not answer GET ${path}: ${why}` +
      `${status > 0 ? ` (HTTP ${status})` : ''}; ${advice}`,
    connectError === null ? {} : { cause: connectError },
  );
}
