/**
 * Runs the whole engine once on virtual time against answers out of thin air, so that its code is
 * compiled before the first shopper is due: cold code costs some milliseconds of schedule lag.
 */
import { createVirtualClock, type VirtualClock } from '../base/clock.ts';
import type { Call, LoadClient } from '../contract/call.ts';
import { OPERATION_NAMES } from '../contract/operation.ts';
import type { Scenario } from '../contract/scenario.ts';
import { LoadLoop } from './load-loop.ts';

const JOURNEYS_PER_SEC = 200;
/** They come again at once, so a few are as much work as many arrivals. */
const VIRTUAL_USERS = 8;
const VIRTUAL_MS = 5000;
const STEP_MS = 50;

function instantClient(clock: VirtualClock): LoadClient {
  const none = { connectionsOpen: 0, connectionsMax: 0, connectionsOpened: 0 };
  return {
    open: async () => {},
    close: async () => {},
    stats: () => ({ ...none, connectTimeMsTotal: 0, waits: 0 }),
    execute: (call: Call, done: (call: Call) => void) => {
      call.sentAtUs = clock.nowUs();
      clock.after(1, () => {
        call.outcome = 'ok';
        call.doneAtUs = clock.nowUs();
        done(call);
      });
    },
  };
}

/** Takes some tens of milliseconds; leaves no trace. */
export function warmUpEngine(scenario: Scenario): void {
  const [first] = scenario.phases;
  if (first === undefined) return;
  const clock = createVirtualClock();
  const perSec = scenario.model?.kind === 'closed' ? VIRTUAL_USERS : JOURNEYS_PER_SEC;
  const loop = new LoadLoop({
    scenario: {
      ...scenario,
      phases: [
        {
          ...first,
          durationMs: VIRTUAL_MS,
          shape: { kind: 'constant', perSec },
          measured: true,
        },
      ],
    },
    shard: { index: 0, count: 1 },
    client: instantClient(clock),
    clock,
    startUs: 0,
    drainMs: 0,
    keyPrefix: 'warm-up',
    maxSessions: JOURNEYS_PER_SEC * VIRTUAL_MS,
    spinUs: 0,
    napUs: 0,
    idleMs: () => 0,
    onDelta: () => {},
    dispatched: new Float64Array(OPERATION_NAMES.length * scenario.populations.length),
  });
  void loop.run();
  for (let atMs = 0; atMs <= VIRTUAL_MS; atMs += STEP_MS) clock.advance(STEP_MS);
}
