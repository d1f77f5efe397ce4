/** One entry of `faults`: which faults there are, whoever reads the profile knows. */
import { z } from 'zod';
import { quoteValue } from './problem.ts';

/** The text, trimmed. */
export function faultExpression(
  problemOf: (text: string) => string | undefined = () => undefined,
): z.ZodType<string> {
  return z.unknown().transform((value, context): string => {
    const message =
      typeof value === 'string'
        ? problemOf(value)
        : `${quoteValue(value)} is not a fault; write text: "kill=at:12s"`;
    if (message === undefined) return (value as string).trim();
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}
