// Formats are found by name, before anything is started, or the error says what is there.
import { describe, expect, test } from 'vitest';
import { EcomsimError } from '../../../src/base/errors.ts';
import { reporterNames, resolveReporter } from '../../../src/reporters/registry.ts';

function errorFor(name: string): EcomsimError {
  try {
    resolveReporter(name);
  } catch (error) {
    if (error instanceof EcomsimError) return error;
    throw error;
  }
  throw new Error(`${name} was found`);
}

describe('resolveReporter', () => {
  test.each(reporterNames)('finds %s', async (name) => {
    const reporter = await resolveReporter(name).load({ columns: 80, color: false });
    expect(typeof reporter.render).toBe('function');
  });

  test.each(['html', 'junit', 'md', 'csv', 'hdr', 'ndjson'])(
    'says that %s is not in this version',
    (name) => {
      const { message, code, exitCode } = errorFor(name);
      expect(message).toMatch(/not in this version/);
      expect(message).toMatch(/Available: terminal, json/);
      expect([code, exitCode]).toEqual(['UNKNOWN_NAME', 104]);
    },
  );

  test.each(['constructor', '__proto__', '', 'pdf'])('knows no format %j', (name) => {
    expect(errorFor(name).message).toMatch(/There is no report format/);
  });

  test('offers the nearest name and shows hostile ones harmlessly', () => {
    expect(errorFor('jsno').message).toMatch(/did you mean "json"\?/);
    expect(errorFor('\u001b[2J').message).toContain('\\x1b[2J');
  });
});
