/** Listening on 127.0.0.1 only, with a plain answer when the port cannot be had. */
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import { EcomsimError } from '../base/errors.ts';

/** Connections that may wait for the event loop: a sale opens hundreds in one instant. */
const BACKLOG = 1_024;

/** Returns the port (`port` 0 = any free one). Throws PORT_TAKEN or TARGET_START_FAILED. */
export function listenOnLoopback(server: http.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
    server.listen({ host: '127.0.0.1', port, backlog: BACKLOG }, () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
}

function listenError(error: NodeJS.ErrnoException, port: number): EcomsimError {
  if (error.code === 'EADDRINUSE') {
    return new EcomsimError(
      'PORT_TAKEN',
      `Port ${port} of 127.0.0.1 is taken by another program. ` +
        'Stop that program, or choose another port.',
      { cause: error },
    );
  }
  return new EcomsimError(
    'TARGET_START_FAILED',
    `The shop cannot listen on 127.0.0.1:${port}: ${error.message}.`,
    { cause: error },
  );
}
