/** The storage procedures of the shop with one defect in them: other SQL, or other procedures. */
import { assert } from '../../base/assert.ts';
import type {
  ProcedureModule,
  ProceduresOf,
} from '../../reference-system/storage/procedure-module.ts';
import { modulesOf } from '../../reference-system/storage/procedure-registry.ts';
import type { StoreName } from '../../reference-system/storage/store.ts';
import type { Database, Replacements, Rewrite } from './defect.ts';

/** Which rewrites have found their place: one that finds none plants nothing. */
class Rewriter {
  readonly #rewrites: readonly Rewrite[];
  readonly #done = new Set<Rewrite>();

  constructor(rewrites: readonly Rewrite[]) {
    this.#rewrites = rewrites;
  }

  text(source: string): string {
    let text = source;
    for (const rewrite of this.#rewrites) {
      if (!text.includes(rewrite.from)) continue;
      text = text.replaceAll(rewrite.from, rewrite.to);
      this.#done.add(rewrite);
    }
    return text;
  }

  requireAll(): void {
    for (const rewrite of this.#rewrites) {
      assert(this.#done.has(rewrite), `no statement of ${rewrite.store} has "${rewrite.from}"`);
    }
  }
}

/** The same database, except that statements are prepared from rewritten text. */
function rewriting(db: Database, rewriter: Rewriter): Database {
  return new Proxy(db, {
    get: (target, name) => {
      if (name === 'prepare') return (source: string) => target.prepare(rewriter.text(source));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function planted(module: ProcedureModule, replacements: Replacements): ProcedureModule {
  const store = module.name as StoreName;
  const rewrites = (replacements.rewrites ?? []).filter((rewrite) => rewrite.store === store);
  const rewriter = new Rewriter(rewrites);
  const replace = replacements.procedures?.[store];
  return {
    name: module.name,
    schema: rewriter.text(module.schema),
    prepare: (db, options) => {
      const real = module.prepare(rewrites.length === 0 ? db : rewriting(db, rewriter), options);
      rewriter.requireAll();
      return replace === undefined ? real : { ...real, ...replace(real, db) };
    },
  };
}

/** What the stores run when `replacements` are in place. */
export function plantedProcedures(replacements: Replacements): ProceduresOf {
  return (services) => modulesOf(services).map((module) => planted(module, replacements));
}
