/**
 * Mistakes in a mapping that its shape does not show: placeholders that nothing fills, JSON paths
 * that are none, headers that are not the user's to set, operations that nobody mapped. Every
 * problem at once, each at its place in the target file.
 */
import type { OperationName } from '../operation.ts';
import type {
  LedgerRead,
  OperationMapping,
  RequestTemplate,
  TargetMapping,
} from '../target-mapping.ts';
import { parseJsonPath } from './json-path.ts';
import { mappedOperations } from './mapped-operations.ts';
import { CURSOR, MEANINGS, valueNameProblem } from './placeholders.ts';
import { RequestCheck } from './request-check.ts';
import { type Scope, ValueScopes } from './value-scope.ts';

type Place = readonly (string | number)[];

export interface MappingProblem {
  /** Where in the target file: `['operations', 'order', 'headers', 'authorization']`. */
  readonly path: Place;
  readonly message: string;
}

/** Values of one session: more would cost every session memory. */
const MAX_VALUES = 32;

/** `needed`: operations that the traffic uses; each must be mapped or skipped. */
export function mappingProblems(
  mapping: TargetMapping,
  needed: readonly OperationName[] = [],
): MappingProblem[] {
  const check = new MappingCheck(mapping);
  check.all();
  check.unmapped(needed);
  return check.problems;
}

class MappingCheck {
  readonly problems: MappingProblem[] = [];
  readonly #mapping: TargetMapping;
  readonly #scopes: ValueScopes;
  readonly #valueNames = new Set<string>();

  constructor(mapping: TargetMapping) {
    this.#mapping = mapping;
    this.#scopes = new ValueScopes(mapping);
  }

  all(): void {
    const { setup, session, operations, ledger, products, headers } = this.#mapping;
    const none: RequestTemplate = { method: 'GET', path: '/', headers };
    this.#request(none, [], this.#scopes.everyRequest());
    for (const [i, step] of setup.entries()) {
      this.#step(step, ['setup', i], this.#scopes.setupStep(i));
    }
    for (const [i, step] of session.entries()) {
      this.#step(step, ['session', i], this.#scopes.sessionStep(i));
    }
    for (const [name, operation] of Object.entries(operations)) {
      const scope = this.#scopes.operation(name as OperationName);
      this.#step(operation, ['operations', name], scope);
    }
    if (products.kind === 'read') this.#read(products.read, ['products']);
    if (ledger.stock !== undefined) {
      const place = ['ledger', 'stock'];
      this.#request(ledger.stock.request, place, this.#scopes.ledger('sku'));
      this.#path(ledger.stock.units, [...place, 'units']);
    }
    if (ledger.orders !== undefined) this.#read(ledger.orders, ['ledger', 'orders']);
    if (ledger.payments !== undefined) this.#read(ledger.payments, ['ledger', 'payments']);
    if (this.#valueNames.size > MAX_VALUES) {
      this.#report(['operations'], `more than ${MAX_VALUES} different values are extracted`);
    }
  }

  unmapped(needed: readonly OperationName[]): void {
    const mapped = mappedOperations(this.#mapping);
    for (const name of needed) {
      if (mapped[name] !== undefined || this.#mapping.skip.includes(name)) continue;
      this.#report(['operations'], `${name} is not mapped; map it, or list it under "skip"`);
    }
  }

  #step(step: OperationMapping, place: Place, scope: Scope): void {
    this.#request(step.request, place, scope);
    if (step.direct !== undefined) this.#request(step.direct, [...place, 'direct'], scope);
    this.#extract(step.extract, [...place, 'extract']);
    step.outcomes.forEach((rule, i) => {
      const at = [...place, 'outcomes', i];
      for (const { path } of rule.fields) this.#path(path, [...at, 'when', path]);
      this.#extract(rule.extract ?? {}, [...at, 'extract']);
    });
  }

  #extract(extract: Readonly<Record<string, string>>, place: Place): void {
    for (const [name, path] of Object.entries(extract)) {
      const problem = valueNameProblem(name);
      if (problem !== '') this.#report([...place, name], problem);
      if (!(MEANINGS as readonly string[]).includes(name)) this.#valueNames.add(name);
      this.#path(path, [...place, name]);
    }
  }

  #read({ request, items, next, columns }: LedgerRead, place: Place): void {
    this.#request(request, place, this.#scopes.ledger(CURSOR));
    this.#path(items, [...place, 'items']);
    if (next !== undefined) this.#path(next, [...place, 'next']);
    for (const [column, path] of Object.entries(columns)) this.#path(path, [...place, column]);
  }

  #path(text: string, place: Place): void {
    const { problem } = parseJsonPath(text);
    if (problem !== undefined) this.#report(place, problem);
  }

  #request(request: RequestTemplate, place: Place, scope: Scope): void {
    new RequestCheck(scope, (at, message) => this.#report([...place, ...at], message)).check(
      request,
    );
  }

  #report(path: Place, message: string): void {
    this.problems.push({ path, message });
  }
}
