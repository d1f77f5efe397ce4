import { expect, test } from 'vitest';
import { SharedReads } from '../../../../src/reference-system/inventory/shared-reads.ts';

/** Reads that are answered when the test says so. */
function manualReads(): { reads: SharedReads<number>; answers: ((value: number) => void)[] } {
  const answers: ((value: number) => void)[] = [];
  const reads = new SharedReads<number>(
    () => new Promise((resolve) => answers.push(resolve as (value: number) => void)),
  );
  return { reads, answers };
}

test('all who ask while a read is on its way get its answer', async () => {
  const { reads, answers } = manualReads();
  const both = Promise.all([reads.get('a'), reads.get('a')]);
  expect(answers).toHaveLength(1);
  answers[0]?.(7);
  expect(await both).toEqual([7, 7]);
});

test('whoever asks after the answer gets a read of their own', async () => {
  const { reads, answers } = manualReads();
  const first = reads.get('a');
  answers[0]?.(7);
  await first;
  const second = reads.get('a');
  answers[1]?.(6);
  expect(await second).toBe(6);
});

test('different keys are read apart', () => {
  const { reads, answers } = manualReads();
  void reads.get('a');
  void reads.get('b');
  expect(answers).toHaveLength(2);
});

test('a failed read fails all who joined it and none who ask later', async () => {
  let fail = true;
  const reads = new SharedReads<number>(() =>
    fail ? Promise.reject(new Error('disk')) : Promise.resolve(3),
  );
  const both = Promise.allSettled([reads.get('a'), reads.get('a')]);
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fail = false;
  expect(await reads.get('a')).toBe(3);
});
