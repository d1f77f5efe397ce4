import { describe, expect, it } from 'vitest';
import { EcomsimError, ERROR_CODES, messageOf } from '../../../src/base/errors.ts';
import { EXIT, EXIT_MEANING, type ExitCode, worstExitCode } from '../../../src/base/exit-codes.ts';

/** The order that the documentation promises. */
const ORDER: ExitCode[] = [1, 104, 80, 83, 105, 82, 99, 84, 81, 0];

describe('exit codes', () => {
  it('lets the earlier of any two win, whatever the order they came in', () => {
    for (const [index, winner] of ORDER.entries()) {
      for (const loser of ORDER.slice(index + 1)) {
        expect(worstExitCode([loser, winner]).code).toBe(winner);
        expect(worstExitCode([winner, loser]).code).toBe(winner);
      }
    }
  });

  it('lists the others in their order, once, and never the pass', () => {
    expect(worstExitCode([0, 81, 99, 80, 99, 0])).toEqual({ code: 80, others: [99, 81] });
  });

  it('passes when there is nothing to say', () => {
    expect(worstExitCode([])).toEqual({ code: 0, others: [] });
    expect(worstExitCode([0, 0])).toEqual({ code: 0, others: [] });
  });

  it('has a meaning and a place in the order for every code', () => {
    for (const code of Object.values(EXIT)) {
      expect(EXIT_MEANING[code]).toMatch(/\w/);
      expect(worstExitCode([code]).code).toBe(code);
    }
  });
});

describe('operating errors', () => {
  it('maps every code of the catalogue to a documented exit code', () => {
    expect(ERROR_CODES.length).toBeGreaterThan(10);
    for (const code of ERROR_CODES) {
      expect(Object.values(EXIT)).toContain(new EcomsimError(code, 'x').exitCode);
    }
  });

  it('carries details and its cause', () => {
    const cause = new Error('disk');
    const error = new EcomsimError('OUTPUT_FAILED', 'not written', { details: ['a'], cause });
    expect(error).toMatchObject({ message: 'not written', details: ['a'], cause, exitCode: 1 });
    expect(new EcomsimError('USAGE', 'x')).toMatchObject({ details: [], exitCode: 104 });
  });

  it('finds a message in anything thrown', () => {
    expect(messageOf(new Error('a'))).toBe('a');
    expect(messageOf('b')).toBe('b');
    expect(messageOf(undefined)).toBe('undefined');
  });
});
