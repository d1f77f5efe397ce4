/** autocannon against the same server in the same minute: what another generator makes of it. */
import autocannon from 'autocannon';

/** Requests per second; it counts answers and leaves their bodies unread. */
export async function autocannonPerSec(load: {
  readonly url: string;
  readonly connections: number;
  readonly durationMs: number;
}): Promise<number> {
  const { url, connections, durationMs } = load;
  const result = await autocannon({ url, connections, duration: durationMs / 1000 });
  return result.requests.total / result.duration;
}
