/**
 * An atomic counter in a cache decides, and the database follows. The many who come too late are
 * refused without a word to the database; who dies between the two loses units until the counter is
 * compared with the database again. An embedded counter stands in for the cache server.
 */
import type { Database } from 'better-sqlite3';
import { type HoldOutcome, type HoldRequest, Refusal } from '../../services.ts';
import { type Procedure, Undone } from '../../storage/procedure-module.ts';
import { CounterFile } from '../counter-file.ts';
import { Gate } from '../gate.ts';
import type { HoldArgs, HoldReply } from '../hold-tables.ts';
import { plainCells } from '../stock-cells.ts';
import { firstShort, holdArgs, holdOutcome, skusOf, twoPhaseActions } from '../two-phase.ts';
import type { InventoryStrategy, StoreSide, StrategyContext } from './strategy.ts';

/** SKU, units, flat. */
type Units = readonly (string | number)[];
type Reported<R> = readonly [result: R, returned: Units];

export const counterFirst: InventoryStrategy = {
  name: 'counter-first',
  explanation: 'counter in a cache, the database follows; a crash between loses units for a while',
  declaredBreaches: () => ['I2'],
  emulated: () => 'a counter in the process of the shop stands in for a cache server',
  inStore: (db) => reportingSide(db),

  actions(context) {
    const { store, clock, options, counting } = context;
    const counters = new Counters(context);
    const gate = new Gate();
    /** The counter follows the database in what is given back. */
    const counted = <R>(procedure: string, args: unknown): Promise<R> =>
      gate.with(async () => {
        const [result, returned] = await store.callAdmitted<Reported<R>>(procedure, args);
        counters.add(returned, 1);
        return result;
      });
    const plain = twoPhaseActions(context, counted);
    let reconcileAtUs = clock.nowUs() + options.reconcileEveryMs * 1000;

    async function holdCounted(request: HoldRequest): Promise<HoldOutcome> {
      const short = firstShort(request, counters.of(skusOf(request)));
      if (short !== undefined) return short;
      const units = request.lines.flatMap(({ sku, quantity }) => [sku, quantity]);
      counters.add(units, -1);
      try {
        const args = holdArgs(request, clock.nowUs());
        const [reply, taken] = await store.call<readonly [HoldReply, boolean]>('hold', args);
        if (!taken) counters.add(units, 1);
        return holdOutcome(reply);
      } catch (error) {
        // Whatever else went wrong, it cannot be known whether the units were taken: the next
        // reconciliation settles it.
        if (error instanceof Refusal) counters.add(units, 1);
        throw error;
      }
    }

    return {
      ...plain,
      hold: (request) => gate.with(() => holdCounted(request)),
      seed: (rows) =>
        gate.alone(async () => {
          await plain.seed(rows);
          await counters.read();
        }),
      restock: (sku, units) =>
        gate.with(async () => {
          await plain.restock(sku, units);
          counters.add([sku, units], 1);
        }),
      recover: async () => {
        await counters.read({ keepKnown: true });
      },
      async tidy() {
        if (options.reconcileEveryMs === 0 || clock.nowUs() < reconcileAtUs) return;
        reconcileAtUs = clock.nowUs() + options.reconcileEveryMs * 1000;
        await gate.alone(async () => {
          counting.repairedUnits += await counters.read();
        });
      },
    };
  },
};

class Counters {
  readonly #context: StrategyContext;
  #file: CounterFile | undefined;

  constructor(context: StrategyContext) {
    this.#context = context;
  }

  of(skus: readonly string[]): number[] {
    return skus.map((sku) => this.#open().get(sku) ?? 0);
  }

  add(units: Units, sign: 1 | -1): void {
    const file = this.#open();
    for (let i = 0; i < units.length; i += 2) {
      const sku = units[i] as string;
      file.set(sku, (file.get(sku) ?? 0) + sign * (units[i + 1] as number));
    }
  }

  /**
   * Sets the counters to what the database says, but for those that are known where `keepKnown`.
   * Returns by how many units they were wrong. Nothing else may be under way.
   */
  async read({ keepKnown = false } = {}): Promise<number> {
    const file = this.#open();
    const rows = await this.#context.store.callAdmitted<Units>('freeUnits', null);
    let wrong = 0;
    for (let i = 0; i < rows.length; i += 2) {
      const sku = rows[i] as string;
      const free = rows[i + 1] as number;
      const counted = file.get(sku);
      if (counted === free || (keepKnown && counted !== undefined)) continue;
      if (counted !== undefined) wrong += Math.abs(free - counted);
      file.set(sku, free);
    }
    return wrong;
  }

  #open(): CounterFile {
    this.#file ??= new CounterFile(this.#context.dataDir);
    return this.#file;
  }
}

/** A database that says, with every answer, which units came back. */
function reportingSide(db: Database): StoreSide {
  const plain = plainCells(db);
  const skus = db.prepare('SELECT sku FROM stock ORDER BY sku').pluck();
  let returned: (string | number)[] = [];
  let taken = false;
  const reporting =
    (procedure: Procedure | undefined): Procedure =>
    (args) => {
      returned = [];
      const result: unknown = procedure?.(args);
      return [result, returned];
    };
  return {
    cells: {
      ...plain,
      // The last line: a counter that is too high must not sell what is not there.
      take(sku, units, checkout) {
        taken = plain.take(sku, units, checkout);
        return taken;
      },
      giveBack(sku, units, checkout) {
        plain.giveBack(sku, units, checkout);
        returned.push(sku, units);
      },
    },
    procedures: (_tables, shared) => ({
      commit: reporting(shared['commit']),
      release: reporting(shared['release']),
      returnUnits: reporting(shared['returnUnits']),
      expireDue: reporting(shared['expireDue']),
      hold: (args: HoldArgs) => {
        taken = false;
        const reply: unknown = shared['hold']?.(args);
        if (reply instanceof Undone) return new Undone([reply.value, false]);
        return [reply, taken];
      },
      freeUnits: () => (skus.all() as string[]).flatMap((sku) => [sku, plain.freeOf(sku) ?? 0]),
    }),
  };
}
