/** How a customer's index in the plan becomes the id that targets and ledgers show. */

export function customerIdOf(index: number): string {
  return `c-${index}`;
}
