import { describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../../../src/base/clock.ts';
import type {
  Batch,
  BatchAnswer,
  StoreBackend,
} from '../../../../src/reference-system/storage/batch.ts';
import { CommitQueue } from '../../../../src/reference-system/storage/commit-queue.ts';

/** A backend that keeps its batches until the test answers them. */
class PatientBackend implements StoreBackend {
  readonly procedureIds = new Map<string, number>();
  readonly batches: Batch[] = [];
  #answer: (answer: BatchAnswer) => void = () => {};
  #failure: (error: Error) => void = () => {};

  post(batch: Batch): void {
    this.batches.push(batch);
  }

  onAnswer(listener: (answer: BatchAnswer) => void): void {
    this.#answer = listener;
  }

  onFailure(listener: (error: Error) => void): void {
    this.#failure = listener;
  }

  /** Answers the oldest batch; each call's result is its argument. */
  answer(changes: Partial<BatchAnswer> = {}): void {
    const results = this.batches.shift()?.args ?? [];
    this.#answer({ results, errors: [], failure: null, commitUs: 1, busyUs: 2, ...changes });
  }

  die(): void {
    this.#failure(new Error('out of memory'));
  }

  async close(): Promise<void> {}

  async abandon(): Promise<void> {}
}

function open(maxBacklog = 100): {
  clock: ReturnType<typeof createVirtualClock>;
  backend: PatientBackend;
  queue: CommitQueue;
} {
  const clock = createVirtualClock();
  const backend = new PatientBackend();
  return {
    clock,
    backend,
    queue: new CommitQueue({ backend, clock, maxBacklog }),
  };
}

describe('commit queue', () => {
  test('the calls of one tick go out as one batch', async () => {
    const { clock, backend, queue } = open();
    const calls = [queue.call(1, 'a', false), queue.call(2, 'b', false)];
    expect(backend.batches).toEqual([]);
    clock.advance(0);
    expect(backend.batches).toEqual([{ procedures: [1, 2], args: ['a', 'b'] }]);
    backend.answer();
    expect(await Promise.all(calls)).toEqual(['a', 'b']);
  });

  test('calls behind a commit wait for it and go out together', () => {
    const { clock, backend, queue } = open();
    for (let i = 0; i < 5; i++) {
      void queue.call(1, i, false);
      clock.advance(10);
    }
    expect(backend.batches).toHaveLength(1);
    expect(queue.length).toBe(5);
    backend.answer();
    clock.advance(0);
    expect(backend.batches.map((batch) => batch.args)).toEqual([[1, 2, 3, 4]]);
  });

  test('an answer sends on what has gathered at once', () => {
    const { clock, backend, queue } = open();
    void queue.call(1, 'a', false);
    clock.advance(0);
    void queue.call(1, 'b', false);
    clock.advance(0);
    backend.answer();
    clock.advance(0);
    expect(backend.batches.map((batch) => batch.args)).toEqual([['b']]);
  });

  test('a failed commit rejects the whole batch, whatever its calls answered', async () => {
    const { clock, backend, queue } = open();
    const calls = Promise.allSettled([queue.call(1, 'a', false), queue.call(1, 'b', false)]);
    clock.advance(0);
    backend.answer({ failure: 'disk full' });
    for (const result of await calls) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'STORE_FAILED', message: 'The commit failed: disk full' },
      });
    }
  });

  test('an error rejects its own call only', async () => {
    const { clock, backend, queue } = open();
    const calls = Promise.allSettled([queue.call(1, 'a', false), queue.call(1, 'b', false)]);
    clock.advance(0);
    backend.answer({ errors: [0, 'no such row'] });
    expect((await calls).map((result) => result.status)).toEqual(['rejected', 'fulfilled']);
  });

  test('the death of the backend rejects everything, also what comes later', async () => {
    const { clock, backend, queue } = open();
    const calls = Promise.allSettled([queue.call(1, 'a', false)]);
    clock.advance(0);
    const waiting = Promise.allSettled([queue.call(1, 'b', false)]);
    backend.die();
    const later = Promise.allSettled([queue.call(1, 'c', true)]);
    for (const [result] of [await calls, await waiting, await later]) {
      expect(result).toMatchObject({ reason: { code: 'STORE_FAILED' } });
    }
    expect(queue.length).toBe(0);
  });

  test('a full backlog refuses new work, counts it, and lets admitted work pass', async () => {
    const { clock, backend, queue } = open(1);
    const first = queue.call(1, 'a', false);
    await expect(queue.call(1, 'b', false)).rejects.toMatchObject({ code: 'overloaded' });
    const admitted = queue.call(1, 'c', true);
    clock.advance(0);
    backend.answer();
    expect(await Promise.all([first, admitted])).toEqual(['a', 'c']);
    expect(queue.refused).toBe(1);
  });

  test('flushing waits for the last answer', async () => {
    const { clock, backend, queue } = open();
    void queue.call(1, 'a', false);
    let flushed = false;
    const flush = queue.flush().then(() => {
      flushed = true;
    });
    clock.advance(0);
    await Promise.resolve();
    expect(flushed).toBe(false);
    backend.answer();
    await flush;
  });
});
