// The import rules catch what they say they catch: one violating file for each kind of rule.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import rules from '../.dependency-cruiser.mjs';

const PACKAGES = [
  'better-sqlite3',
  'undici',
  'commander',
  'autocannon',
  'chalk',
  '@faker-js/faker',
];
const DEV_PACKAGES = ['fast-check'];

/** Modules for the violations to import, themselves within the rules. */
const GROUND = [
  'base/clock.ts',
  'contract/target.ts',
  'engine/scheduler.ts',
  'reference-system/index.ts',
  'reference-system/orders/orders.ts',
  'reference-system/orders/order-service.ts',
  'commands/run.ts',
  'commands/manifest.ts',
  'selftest/defects.ts',
];

interface Case {
  readonly file: string;
  readonly source: string;
  /** The rule that must fire, or undefined where nothing may. */
  readonly rule?: string;
}

const CASES: readonly Case[] = [
  { file: 'base/a.ts', source: "import '../contract/target.ts';", rule: 'base-imports-ours' },
  { file: 'base/b.ts', source: "import 'chalk';", rule: 'base-imports-packages' },
  {
    file: 'audit/a.ts',
    source: "import '../reference-system/index.ts';",
    rule: 'audit-imports-ours',
  },
  {
    file: 'audit/b.ts',
    source: "import '../engine/scheduler.ts';",
    rule: 'the-judge-shares-no-code-with-the-judged',
  },
  { file: 'engine/a.ts', source: "import 'undici';", rule: 'engine-imports-packages' },
  { file: 'targets/live.ts', source: "import 'undici';" },
  {
    file: 'targets/model.ts',
    source: "import '../reference-system/index.ts';",
    rule: 'targets-imports-ours',
  },
  { file: 'targets/reference.ts', source: "import '../reference-system/index.ts';" },
  {
    file: 'targets/reference-pages.ts',
    source: "import '../reference-system/orders/orders.ts';",
    rule: 'targets-reference-imports-ours',
  },
  {
    file: 'reference-system/storage/store.ts',
    source: "import Database from 'better-sqlite3';\nDatabase;",
    rule: 'sqlite-in-one-place',
  },
  {
    file: 'reference-system/storage/sqlite.ts',
    source: "import Database from 'better-sqlite3';\nDatabase;",
  },
  {
    file: 'reference-system/storage/batch-runner.ts',
    source: "import type { Database } from 'better-sqlite3';",
  },
  { file: 'cli.ts', source: "import './commands/run.ts';", rule: 'cli-imports-types' },
  {
    file: 'commands/compare.ts',
    source: "import '../selftest/defects.ts';",
    rule: 'commands-imports-ours',
  },
  { file: 'commands/selftest.ts', source: "import '../selftest/defects.ts';" },
  { file: 'commands/selftest/audit.ts', source: "import '../../selftest/defects.ts';" },
  {
    file: 'commands/serve.ts',
    source: "import './compare.ts';",
    rule: 'no-way-to-the-planted-defects',
  },
  {
    file: 'capacity/a.ts',
    source: "import 'autocannon';",
    rule: 'capacity-imports-packages',
  },
  {
    file: 'scenarios/a.ts',
    source: "import '@faker-js/faker';",
    rule: 'faker-by-locale',
  },
  {
    file: 'reference-system/gateway.ts',
    source: "import '../contract/target.ts';",
    rule: 'reference-system-imports-types',
  },
  {
    file: 'reference-system/routes.ts',
    source: "import type { Target } from '../contract/target.ts';\nexport type Routes = Target;",
  },
  {
    file: 'reference-system/cart/a.ts',
    source: "import '../orders/orders.ts';",
    rule: 'services-meet-at-their-interfaces',
  },
  { file: 'reference-system/cart/b.ts', source: "import '../orders/order-service.ts';" },
  {
    file: 'load-worker.ts',
    source: "import './commands/run.ts';",
    rule: 'load-worker-imports-ours',
  },
  {
    file: 'shop-process.ts',
    source: "import './engine/scheduler.ts';",
    rule: 'shop-process-imports-ours',
  },
  { file: 'novelty/a.ts', source: "import '../base/clock.ts';", rule: 'folder-without-a-row' },
  { file: 'faults/alone.ts', source: 'export {};', rule: 'no-orphans' },
  { file: 'history/a.ts', source: "import './b.ts';", rule: 'no-circular' },
  { file: 'faults/a.ts', source: "import 'fast-check';", rule: 'not-to-dev-dep' },
  { file: 'faults/b.ts', source: "import '../../test/fake.ts';", rule: 'not-to-test' },
  { file: 'faults/c.ts', source: "import './absent.ts';", rule: 'not-to-unresolvable' },
];

let root = '';
const fired = new Map<string, string[]>();

function write(file: string, text: string): void {
  const place = path.join(root, file);
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.writeFileSync(place, text);
}

function writePackage(name: string): void {
  write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
  write(`node_modules/${name}/index.js`, '');
}

beforeAll(async () => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-import-rules-')));
  const versions = (names: string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));
  const manifest = { dependencies: versions(PACKAGES), devDependencies: versions(DEV_PACKAGES) };
  write('package.json', JSON.stringify(manifest));
  for (const name of [...PACKAGES, ...DEV_PACKAGES]) writePackage(name);
  write('test/fake.ts', 'export {};');
  for (const file of GROUND) write(`src/${file}`, 'export interface Target {}');
  write('src/history/b.ts', "import './a.ts';");
  for (const { file, source } of CASES) write(`src/${file}`, source);

  const { tsConfig: _, ...options } = rules.options;
  const ruleSet = { forbidden: rules.forbidden } as IFlattenedRuleSet;
  const { output } = await cruise(['src'], { ...options, validate: true, ruleSet, baseDir: root });
  for (const { from, rule } of (output as ICruiseResult).summary.violations) {
    const file = from.replace(/^src\//, '');
    fired.set(file, [...(fired.get(file) ?? []), rule.name]);
  }
});

afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

describe('import rules', () => {
  test.each(CASES.filter(({ rule }) => rule))('$file breaks $rule', ({ file, rule }) => {
    expect(fired.get(file) ?? []).toContain(rule);
  });

  test.each(CASES.filter(({ rule }) => !rule))('$file breaks nothing', ({ file }) => {
    expect(fired.get(file) ?? []).toEqual([]);
  });

  test('every rule says why', () => {
    for (const rule of rules.forbidden) expect(rule.comment, rule.name).toMatch(/\w{3,}.*\./);
  });
});
