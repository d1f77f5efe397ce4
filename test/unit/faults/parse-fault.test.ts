import { describe, expect, it } from 'vitest';
import { FAULT_KINDS } from '../../../src/faults/fault-kinds.ts';
import { faultUsage, parseFault } from '../../../src/faults/parse-fault.ts';

describe('a fault as it is written', () => {
  it('is its name alone, with every argument at its default and an instant from the seed', () => {
    for (const kind of FAULT_KINDS) {
      const { fault, problems } = parseFault(kind.name);
      expect(problems, kind.name).toBeUndefined();
      expect(fault).toMatchObject({ kind, instant: null, times: 1 });
    }
  });

  it('is what `list faults` shows, which means the same as the name alone', () => {
    for (const kind of FAULT_KINDS) {
      const { fault } = parseFault(faultUsage(kind));
      expect(fault?.values, kind.name).toEqual(parseFault(kind.name).fault?.values);
    }
  });

  it.each([
    ['kill=12s', { instant: { kind: 'at', atMs: 12_000 } }],
    ['kill=at:1m30s,down:2s', { instant: { kind: 'at', atMs: 90_000 }, values: { down: 2000 } }],
    ['kill=at:50%', { instant: { kind: 'share', ratio: 0.5 } }],
    ['kill=times:3', { times: 3, instant: null }],
    [' pause = for:500ms ', { values: { for: 500 } }],
    ['clock-jump=by:-5s', { values: { by: -5000, for: 3000 } }],
    ['clock-jump=by:+250ms', { values: { by: 250, for: 3000 } }],
    [
      'payment-brownout=slower:4x,declined:50%,lost:0.25',
      { values: { for: 3000, slower: 4, declined: 0.5, lost: 0.25 } },
    ],
  ])('%s says what it says', (text, meant) => {
    expect(parseFault(text).fault).toMatchObject(meant);
  });

  it.each([
    ['kil', ['"kil" is not a fault (did you mean "kill"?)']],
    ['', ['"" is not a fault']],
    ['kill=dwon:2s', ['kill has no argument "dwon" (did you mean "down"?)']],
    ['kill=down:soon', ['down: "soon" is not a duration like 2s or 500ms']],
    ['kill=down:2h', ['down: "2h" is out of range; allowed is from 0ms to 1m']],
    ['pause=for:0', ['for: "0" is out of range']],
    ['clock-jump=by:--5s', ['by: "--5s" is not a duration like +5s or -5s']],
    ['kill=at:120%', ['at: "120%" is neither an instant like 12s nor like 50%']],
    ['kill=times:0', ['times: "0" is not a number from 1 to 100']],
    ['kill=at:1s,at:2s', ['at is given twice']],
    ['kill=at:1s,times:2', ['happens either at an instant (at) or several times (times)']],
    ['pause=constructor:1s', ['pause has no argument "constructor"']],
    ['callbacks-lots', ['did you mean "callbacks-lost"?']],
    ['callbacks-lost=share:2,by:1s', ['share: "2"', 'no argument "by"']],
    ['kill=\u001b[31m:1', ['kill has no argument "\uFFFD[31m"']],
    [`kill=${'x'.repeat(300)}`, ['is too long for a fault']],
    ['payment-brownout=declined:2,lost:x,slow:1', ['declined: ', 'lost: ', 'no argument "slow"']],
  ])('%j is refused, with every problem at once', (text, expected) => {
    const { fault, problems } = parseFault(text);
    expect(fault).toBeUndefined();
    expect(problems).toHaveLength(expected.length);
    expected.forEach((part, i) => {
      expect(problems?.[i]).toContain(part);
    });
  });
});
