/** The flags of `run` that say how the load client connects. */
import { EcomsimError } from '../../base/errors.ts';
import type { ClientSpec } from '../../contract/call.ts';
import type { Target } from '../../contract/target.ts';
import type { OptionValues } from '../command.ts';

export type ClientFlags = Partial<Pick<ClientSpec, 'http' | 'connectionPerShopper'>>;

/** Throws INVALID_VALUE when the target cannot be asked that way; nothing has been started. */
export function readClientFlags(options: OptionValues, target: Target): ClientFlags {
  const http2 = options['http2'] === true;
  if (http2 && target.onlyHttp1 === true) {
    throw new EcomsimError(
      'INVALID_VALUE',
      `--http2: the target ${target.kind} speaks HTTP/1.1 only; leave the flag out, or load a ` +
        'target of your own that speaks HTTP/2',
    );
  }
  return {
    ...(http2 && { http: '2' as const }),
    ...(options['connectionPerShopper'] === true && { connectionPerShopper: true }),
  };
}
