import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../../../src/base/clock.ts';
import { saleFileIn } from '../../../../src/reference-system/sale/sale-file.ts';
import { createSaleService } from '../../../../src/reference-system/sale/sale-service.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-sale-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function saleAt(clock = createVirtualClock()) {
  return createSaleService({ clock, persisted: saleFileIn(folder), onChange: () => {} });
}

const WINDOW = { skus: ['hot'], opensAtUs: 1000, closesAtUs: 3000, perCustomer: 2 };

describe('the sale', () => {
  it('runs from its opening up to, and not including, its close', () => {
    const clock = createVirtualClock();
    const sale = saleAt(clock);
    sale.announce(WINDOW);
    const states = [999, 1000, 2999, 3000].map((atUs) => {
      clock.advance((atUs - clock.nowUs()) / 1000);
      return sale.stateOf('hot');
    });
    expect(states).toEqual(['upcoming', 'open', 'open', 'closed']);
    expect(sale.stateOf('other')).toBe('none');
  });

  it('without an end stays open', () => {
    const clock = createVirtualClock();
    const sale = saleAt(clock);
    sale.announce({ ...WINDOW, closesAtUs: null });
    clock.advance(1e9);
    expect(sale.stateOf('hot')).toBe('open');
  });

  it('is upcoming for ever while no date is announced, also after a restart', () => {
    saleAt().announce({ ...WINDOW, opensAtUs: Number.POSITIVE_INFINITY });
    const clock = createVirtualClock();
    clock.advance(1e9);
    const sale = saleAt(clock);
    expect(sale.stateOf('hot')).toBe('upcoming');
    expect(sale.window().opensAtUs).toBe(Number.POSITIVE_INFINITY);
  });

  it('is the same after a restart', () => {
    saleAt().announce(WINDOW);
    expect(saleAt().window()).toEqual(WINDOW);
  });
});
