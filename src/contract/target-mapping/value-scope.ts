/** Which placeholders are known where in a mapping, and why one that exists is not known there. */
import { nearestName } from '../../base/nearest-name.ts';
import type { OperationName } from '../operation.ts';
import type { OperationMapping, TargetMapping } from '../target-mapping.ts';
import { mappedOperations } from './mapped-operations.ts';
import { CALL_NAMES, CURSOR, isMeaning, RUN, userPlaceholder } from './placeholders.ts';

export interface Scope {
  readonly known: ReadonlySet<string>;
  /** Why a name of the mapping is not known here; undefined when nothing has that name. */
  why(name: string): string | undefined;
}

/** Operations whose call carries the key of an order. */
const WITH_KEY: ReadonlySet<OperationName> = new Set([
  'order',
  'orderStatus',
  'cancelOrder',
  'orderDuplicate',
  'orderReplay',
  'orderChanged',
  'tombstoneKey',
]);

function valuesOf(steps: readonly OperationMapping[]): string[] {
  return steps.flatMap(({ extract, outcomes }) => [
    ...Object.keys(extract),
    ...outcomes.flatMap((rule) => Object.keys(rule.extract ?? {})),
  ]);
}

const isSessionValue = (name: string): boolean => !isMeaning(name);

export class ValueScopes {
  readonly #mapping: TargetMapping;
  /** Name → who extracts it, for reasons. */
  readonly #sources = new Map<string, string>();

  constructor(mapping: TargetMapping) {
    this.#mapping = mapping;
    const tell = (names: readonly string[], source: string): void => {
      for (const name of names.filter(isSessionValue)) {
        if (!this.#sources.has(name)) this.#sources.set(name, source);
      }
    };
    for (const [i, step] of mapping.setup.entries()) {
      tell(valuesOf([step]), `step ${i + 1} of setup`);
    }
    for (const [i, step] of mapping.session.entries()) {
      tell(valuesOf([step]), `step ${i + 1} of session`);
    }
    for (const [name, operation] of Object.entries(mapping.operations)) {
      tell(valuesOf([operation]), `operation ${name}`);
    }
  }

  /** Shared values that are known before step `until` of the set-up; all of them by default. */
  #shared(until?: number): string[] {
    const extracted = valuesOf(this.#mapping.setup.slice(0, until)).filter(isSessionValue);
    return [RUN, ...extracted];
  }

  everyRequest(): Scope {
    return this.#scope([], 'headers of every request');
  }

  setupStep(index: number): Scope {
    return this.#scope(this.#shared(index), 'set-up steps');
  }

  sessionStep(index: number): Scope {
    const earlier = valuesOf(this.#mapping.session.slice(0, index)).filter(isSessionValue);
    const names = [...this.#shared(), ...earlier, ...this.#users(), 'customer'];
    return this.#scope(names, 'session steps');
  }

  ledger(extra: 'sku' | typeof CURSOR): Scope {
    return this.#scope([...this.#shared(), extra], 'reads of lists and ledgers');
  }

  operation(name: OperationName): Scope {
    const { operations, session } = this.#mapping;
    // A graph decides what comes first: any other operation may have been there before.
    const others = Object.entries(operations).filter(([other]) => other !== name);
    const extracted = valuesOf([...session, ...others.map(([, other]) => other)]);
    const ids = mappedOperations(this.#mapping);
    const lacking = new Set<string>();
    if (!WITH_KEY.has(name)) lacking.add('key');
    if (ids.checkout?.extract['checkoutId'] === undefined) lacking.add('checkoutId');
    const givesOrder = [ids.order, ids.orderStatus].some((one) => one?.extract['orderId']);
    if (!givesOrder) lacking.add('orderId');
    const names = [
      ...CALL_NAMES.filter((one) => !lacking.has(one)),
      ...this.#users(),
      ...this.#shared(),
      ...extracted.filter(isSessionValue),
    ];
    return this.#scope(names, `operation ${name}`);
  }

  #users(): string[] {
    return (this.#mapping.users?.columns ?? []).map(userPlaceholder);
  }

  #scope(names: readonly string[], where: string): Scope {
    const known = new Set(names);
    return { known, why: (name) => this.#why(name, known, where) };
  }

  #why(name: string, known: ReadonlySet<string>, where: string): string | undefined {
    if (known.has(name)) return undefined;
    const source = this.#sources.get(name);
    if (source !== undefined) return `{${name}} comes from ${source}, which is not before this`;
    if (name === 'key') return '{key} is known in orders and what follows them, not here';
    if (name === 'checkoutId') return '{checkoutId} is only known when checkout extracts it';
    if (name === 'orderId') return '{orderId} is only known when order or orderStatus extracts it';
    const exists = name === CURSOR || (CALL_NAMES as readonly string[]).includes(name);
    return exists ? `{${name}} is not known in ${where}` : undefined;
  }
}

/** For a name that nothing has. */
export function unknownName(name: string, { known }: Scope): string {
  const near = nearestName(name, known);
  const hint = near === undefined ? '' : ` (did you mean {${near}}?)`;
  return `there is no value {${name}}${hint}`;
}
