// What is shown during a run: one line redrawn on a terminal, a line every five seconds elsewhere.
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createProgress } from '../../../src/reporters/progress.ts';
import type { TextSink } from '../../../src/reporters/sink.ts';
import { displayWidth } from '../../../src/reporters/text-width.ts';
import { sampleLoad, sampleParts } from '../../support/sample-parts.ts';

const { timeline } = sampleLoad();
const { observations } = sampleParts();

function recorder(isTTY: boolean, columns?: number): TextSink & { readonly written: string[] } {
  const written: string[] = [];
  return { written, isTTY, columns, write: (text) => written.push(text) };
}

function play(sink: TextSink, color = false): void {
  const progress = createProgress(sink, { totalMs: 23_000, color });
  progress.step('starting the target');
  timeline.forEach((sample, index) => {
    progress.update(sample, observations[index]);
  });
  progress.step('reading the ledgers');
  progress.end();
}

describe('on a terminal', () => {
  test.each([20, 40, 80, 200])('every state fits on one line of %i columns', (columns) => {
    const sink = recorder(true, columns);
    play(sink, true);
    for (const text of sink.written) {
      expect(text.startsWith('\r\u001b[2K')).toBe(true);
      expect(text).not.toContain('\n');
      const shown = stripVTControlCharacters(text).replace('\r', '');
      expect(displayWidth(shown)).toBeLessThan(columns);
    }
  });

  test('the line tells time, latency, outcomes, stock and lag, and is removed at the end', () => {
    const sink = recorder(true, 160);
    play(sink);
    const last = sink.written.at(-3) ?? '';
    expect(last).toMatch(
      /\[={12}\] {2}23s\/23s {2}P99 30\.0 ms {2}ok [\d,]+ {2}refused [\d,]+ {2}failed 0 {2}stock 0 {2}\d+\/s {2}held 0 {2}lag 800 µs$/,
    );
    expect(sink.written.at(-1)).toBe('\r\u001b[2K');
  });

  test('outcomes add up over the run', () => {
    const sink = recorder(true, 160);
    play(sink);
    const ok = timeline.reduce((sum, sample) => sum + sample.counts.ok, 0);
    expect(sink.written.at(-3)).toContain(`ok ${ok.toLocaleString('en-US')} `);
  });

  test('uses colour only when asked', () => {
    const plain = recorder(true, 80);
    play(plain, false);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is sought
    expect(plain.written.join('')).not.toMatch(/\u001b\[\d+m/);
    const colored = recorder(true, 80);
    play(colored, true);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is sought
    expect(colored.written.join('')).toMatch(/\u001b\[\d+m/);
  });

  test('draws nothing after its end', () => {
    const sink = recorder(true, 80);
    const progress = createProgress(sink, { totalMs: 1000, color: false });
    progress.end();
    const { length } = sink.written;
    progress.step('too late');
    progress.end();
    expect(sink.written).toHaveLength(length);
  });
});

describe('elsewhere', () => {
  test('one plain line appears every five seconds of the run, and one per step', () => {
    const sink = recorder(false);
    play(sink);
    const lines = sink.written.join('').trimEnd().split('\n');
    expect(lines[0]).toBe('starting the target');
    expect(lines.slice(1, -1).map((line) => line.split(' ')[0])).toEqual([
      '5s/23s',
      '10s/23s',
      '15s/23s',
      '20s/23s',
    ]);
    expect(lines.at(-1)).toBe('reading the ledgers');
    expect(sink.written.join('')).not.toContain('\u001b');
  });

  test('journeys that could not be started are told', () => {
    const sink = recorder(false);
    const progress = createProgress(sink, { totalMs: 5000, color: false, plainEveryMs: 1000 });
    const [first] = timeline;
    if (first === undefined) throw new Error('the sample has a timeline');
    progress.update({ ...first, due: 100, started: 60, p99Ms: Number.NaN }, undefined);
    expect(sink.written[0]).toMatch(/P99 – .* started 60 of 100/);
  });

  test('a hostile step is shown, not obeyed', () => {
    const sink = recorder(false);
    createProgress(sink, { totalMs: 1, color: false }).step('load on \u001b[2J\nhttp://x');
    expect(sink.written).toEqual(['load on \\x1b[2J\\nhttp://x\n']);
  });
});

test('a closed pipe stops the showing and nothing else', () => {
  let calls = 0;
  const sink: TextSink = {
    isTTY: true,
    columns: 80,
    write: () => {
      calls++;
      throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    },
  };
  play(sink);
  expect(calls).toBe(1);
});
