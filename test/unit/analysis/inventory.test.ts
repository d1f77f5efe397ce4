import { describe, expect, it } from 'vitest';
import { inventoryResult } from '../../../src/analysis/inventory.ts';
import type { InventoryCounts, TargetObservation } from '../../../src/contract/target.ts';

function seen(counts?: Partial<InventoryCounts>): TargetObservation {
  const none = { requests: 0, attempts: 0, conflicts: 0, lockWaitMs: 0, steals: 0 };
  return {
    ...{ atUs: 0, hotAvailable: 0, hotHeld: 0, ordersConfirmed: 0, queueLength: 0, processes: [] },
    ...(counts !== undefined && { inventory: { ...none, repairedUnits: 0, ...counts } }),
  };
}

describe('the counts of the inventory', () => {
  it('are null where nobody counts', () => {
    expect(inventoryResult([seen(), seen()])).toBeNull();
  });

  it('have no mean without a request', () => {
    expect(inventoryResult([seen({})])).toMatchObject({ requests: 0, attemptsPerRequest: null });
  });

  it('are those of the last reading, with means per request', () => {
    const first = seen({ requests: 2, attempts: 2, lockWaitMs: 1 });
    const last = seen({ requests: 8, attempts: 12, conflicts: 4, lockWaitMs: 20, steals: 3 });
    expect(inventoryResult([first, seen(), last])).toEqual({
      ...{ requests: 8, attempts: 12, attemptsPerRequest: 1.5, conflicts: 4, steals: 3 },
      ...{ lockWaitMs: 20, lockWaitMsPerRequest: 2.5, repairedUnits: 0 },
    });
  });

  it('go on after a shop that was started again counts from 0', () => {
    const readings = [5, 9, 2, 4].map((requests) => seen({ requests, attempts: 2 * requests }));
    expect(inventoryResult(readings)).toMatchObject({ requests: 13, attempts: 26 });
  });
});
