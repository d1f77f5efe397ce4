/** What a mapping can send: the operations that it maps, and the probes that follow from `order`. */
import { OPERATION_NAMES, type OperationName } from '../operation.ts';
import type { OperationMapping, RequestTemplate, TargetMapping } from '../target-mapping.ts';
import { bracedNames, visitStrings } from './template.ts';

export type MappedOperations = Readonly<Partial<Record<OperationName, OperationMapping>>>;

/** Every text of a request that may hold placeholders. */
export function textsOf({ path, headers, body }: RequestTemplate): string[] {
  const texts = [path, ...Object.values(headers)];
  if (body !== undefined) visitStrings(body, (text) => texts.push(text));
  return texts;
}

function names(request: RequestTemplate, name: string): boolean {
  return textsOf(request).some((text) => bracedNames(text).includes(name));
}

/**
 * An order that carries its idempotency key can be sent twice and again; one that also names the
 * payment token can be sent with another payload under the same key. Without a key each of these
 * would be a purchase of its own, so there is no such probe.
 */
export function mappedOperations({ operations }: TargetMapping): MappedOperations {
  const mapped: Partial<Record<OperationName, OperationMapping>> = {};
  for (const name of OPERATION_NAMES) {
    const own = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (own !== undefined && name !== 'login') mapped[name] = own;
  }
  const { order } = mapped;
  if (order === undefined || !names(order.request, 'key')) return mapped;
  mapped.orderDuplicate ??= order;
  mapped.orderReplay ??= order;
  if (names(order.request, 'paymentToken')) mapped.orderChanged ??= order;
  return mapped;
}
