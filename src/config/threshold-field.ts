/** One entry of `thresholds`: parsed here so that a mistake is told with its place in the text. */
import { z } from 'zod';
import { OPERATION_NAMES } from '../contract/operation.ts';
import { checkThresholdNames } from '../thresholds/evaluate.ts';
import { parseThreshold } from '../thresholds/parse.ts';
import { quoteValue } from './problem.ts';

/** The text, trimmed. Populations and phases belong to the scenario and are checked with it. */
export function thresholdExpression(): z.ZodType<string> {
  return z.unknown().transform((value, context): string => {
    const problem = problemOf(value);
    if (problem === undefined) return (value as string).trim();
    context.addIssue({
      code: 'custom',
      message: problem.message,
      params: { offset: problem.offset },
    });
    return z.NEVER;
  });
}

function problemOf(value: unknown): { message: string; offset: number } | undefined {
  if (typeof value !== 'string') {
    return {
      message: `${quoteValue(value)} is not a threshold; write text: "p(99)<250ms"`,
      offset: 0,
    };
  }
  const parsed = parseThreshold(value);
  if (parsed.problem !== undefined) {
    return { message: parsed.problem.message, offset: parsed.problem.position };
  }
  const { selector } = parsed.threshold;
  const message = checkThresholdNames(parsed.threshold, {
    operations: OPERATION_NAMES,
    populations: selector.population === undefined ? [] : [selector.population],
    phases: selector.phase === undefined ? [] : [selector.phase],
  });
  return message === undefined ? undefined : { message, offset: 0 };
}
