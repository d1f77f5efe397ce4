/** Which way a client exchanges requests for answers, by what its target is to be asked in. */
import type { ClientSpec } from '../../contract/call.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import type { Connector } from './connector.ts';
import { Http2Connection } from './http2-connection.ts';
import { Http2Sessions } from './http2-sessions.ts';
import { UndiciConnection } from './undici-connection.ts';

/** Makes one place of the pool after another. */
export function createConnections(
  wire: Pick<ClientSpec, 'http' | 'origin' | 'connectionPerShopper'>,
  connector: Connector,
  owner: ConnectionOwner,
): () => Connection {
  if (wire.http === '1.1') return () => new UndiciConnection(wire.origin, connector, owner);
  const shared = new Http2Sessions(connector, owner);
  return () => {
    // A shopper with a connection of its own shares it with nobody.
    const owned = wire.connectionPerShopper;
    const all = owned ? new Http2Sessions(connector, owner) : shared;
    return new Http2Connection(connector.origin, { all, owned }, owner);
  };
}
