/** Moves events from an outbox to the log and from the log to its consumers, at least once. */
import type { Clock, TimerHandle } from '../../base/clock.ts';
import type { CrashPoints } from '../crash-points.ts';
import type { EventConsumer, EventLog, EventTuple } from './event-log.ts';

/** Events that were stored together with the change they tell of. */
export interface Outbox {
  /** The oldest events not yet published. */
  unpublished(limit: number): Promise<readonly EventTuple[]>;
  /** Everything up to `seq` is in the log. */
  published(seq: number): Promise<void>;
  count(): Promise<number>;
}

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly log: EventLog;
  readonly consumers: readonly EventConsumer[];
  readonly clock: Clock;
  readonly crashPoints: CrashPoints;
  readonly everyMs?: number;
  /** Told of every round that failed; the round is tried again. */
  readonly onError: (error: unknown) => void;
}

export interface Relay {
  /** Runs by itself every `everyMs` (25) until `stop`. */
  start(): void;
  /** Resolves when the round in progress is over. */
  stop(): Promise<void>;
  /** Moves everything stored before the call; returns how many events were published. */
  drain(): Promise<number>;
  /** Events not yet dealt with by every consumer. */
  backlog(): Promise<number>;
}

const BATCH = 512;
const DEFAULT_EVERY_MS = 25;

export function createRelay(options: RelayOptions): Relay {
  const { outbox, log, consumers, clock, crashPoints } = options;
  let timer: TimerHandle | undefined;
  let running: Promise<number> | undefined;

  // "Done so far" and "what is next" go out together, to share a commit.
  async function publish(): Promise<number> {
    let total = 0;
    let events = await outbox.unpublished(BATCH);
    for (let last = events.at(-1); last !== undefined; last = events.at(-1)) {
      await log.append(events);
      crashPoints.reach('relay: appended');
      total += events.length;
      const [, next] = await Promise.all([outbox.published(last[0]), outbox.unpublished(BATCH)]);
      events = next;
    }
    return total;
  }

  async function deliver({ name, consume }: EventConsumer): Promise<void> {
    let events = await log.read(name, BATCH);
    for (let last = events.at(-1); last !== undefined; last = events.at(-1)) {
      await consume(events);
      crashPoints.reach('relay: consumed');
      const [, next] = await Promise.all([log.advance(name, last.seq), log.read(name, BATCH)]);
      events = next;
    }
  }

  async function round(): Promise<number> {
    const published = await publish();
    await Promise.all(consumers.map(deliver));
    return published;
  }

  /** Joins the round in progress. */
  function nextRound(): Promise<number> {
    running ??= round().finally(() => {
      running = undefined;
    });
    return running;
  }

  /** A round in progress may be past what was stored before this call; the one after it is not. */
  async function drain(): Promise<number> {
    // Its failure is told to whoever started it.
    const before = (await running?.catch(() => 0)) ?? 0;
    return before + (await nextRound());
  }

  return {
    start() {
      timer ??= clock.every(options.everyMs ?? DEFAULT_EVERY_MS, () => {
        nextRound().catch(options.onError);
      });
    },
    async stop() {
      if (timer !== undefined) clock.cancel(timer);
      timer = undefined;
      await running?.catch(options.onError);
    },
    drain,
    async backlog() {
      const [waiting, lag] = await Promise.all([
        outbox.count(),
        log.lag(consumers.map((consumer) => consumer.name)),
      ]);
      return waiting + lag;
    },
  };
}
