/** The coordinator's own restock commands as the audit takes them: summed up, and one by one. */
import type { AuditInput, RestockCommand } from '../../contract/audit.ts';
import type { CatalogueItem } from '../../contract/scenario.ts';

export function restockedUnits(
  catalogue: readonly CatalogueItem[],
  restocks: readonly RestockCommand[],
): Pick<AuditInput, 'restocked' | 'restocks'> {
  const restocked: Record<string, number> = {};
  for (const { item, units } of restocks) {
    const sku = catalogue[item]?.sku ?? '';
    restocked[sku] = (restocked[sku] ?? 0) + units;
  }
  return { restocked, restocks };
}
