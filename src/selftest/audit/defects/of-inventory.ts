/** What several defects of the inventory have in common. */
import type { Database, Procedures, Replacements } from '../defect.ts';

function procedures(replace: (real: Procedures, db: Database) => Procedures): Replacements {
  return { procedures: { inventory: replace } };
}

/** Corrects the stock by `sign` times the units of a checkout when `procedure` answers `outcome`. */
function afterResolving(procedure: string, outcome: string, sign: number): Replacements {
  return procedures((real, db) => {
    const linesOf = db.prepare('SELECT sku, units FROM holds WHERE checkout = ?');
    const add = db.prepare('UPDATE stock SET available = available + ? WHERE sku = ?');
    return {
      [procedure]: (args: readonly [checkout: string]) => {
        const answer: unknown = real[procedure]?.(args);
        if (answer !== outcome) return answer;
        const lines = linesOf.all(args[0]) as { sku: string; units: number }[];
        for (const { sku, units } of lines) add.run(sign * units, sku);
        return answer;
      },
    };
  });
}

export const defectsOf = { procedures, afterResolving };
