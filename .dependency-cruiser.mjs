// Who may import whom: the import table of ARCHITECTURE.md as rules, one row after another.
//
// Every row is an allow-list. A folder without a row may import nothing and be imported by nobody,
// so a new part starts with a new row here.

/**
 * @typedef {object} Row
 * @property {string} [from] where the row holds, as a pattern; `^src/<name>/` when absent
 * @property {string[]} ours our own modules it may import, as patterns after `src/`
 * @property {string[]} [types] our own modules of which it may import types only
 * @property {string[]} [packages] packages it may import
 * @property {string} because
 */

/** @type {Record<string, Row>} */
const TABLE = {
  base: {
    ours: [],
    because: 'The ground everything stands on: knowing any other part would make a cycle.',
  },
  contract: {
    ours: ['base/'],
    because: 'The nouns that pass between parts; they must not know the parts.',
  },
  thresholds: {
    ours: ['base/', 'contract/'],
    because: 'One grammar for config, engine, capacity and compare, so it knows none of them.',
  },
  history: {
    ours: ['base/', 'contract/'],
    because: 'What was recorded must be readable without the engine that recorded it.',
  },
  config: {
    ours: ['base/', 'contract/', 'thresholds/'],
    packages: ['yaml', 'zod'],
    because: 'Turns text into typed values; what is then done with them is not its business.',
  },
  scenarios: {
    ours: ['base/', 'contract/'],
    packages: ['@faker-js/faker'],
    because: 'A scenario is data, never code: the engine and the model both interpret it.',
  },
  engine: {
    ours: ['base/', 'contract/', 'thresholds/', 'history/'],
    packages: ['hdr-histogram-js'],
    because: 'Drives any scenario against any target through the contract, knowing none of either.',
  },
  targets: {
    ours: ['base/', 'contract/'],
    packages: ['undici'],
    because: 'The only way to the system under load; it acts and does not judge.',
  },
  'targets-reference': {
    from: '^src/targets/reference[^/]*(/|\\.ts$)',
    ours: ['base/', 'contract/', 'targets/', 'reference-system/index\\.ts$'],
    packages: ['undici'],
    because: 'The one target that starts the bundled shop, by the front door only.',
  },
  'reference-system': {
    ours: ['base/'],
    types: ['contract/'],
    packages: ['fastify', 'better-sqlite3', 'fast-jwt', 'undici'],
    because:
      'The shop is a program of its own that could be on another machine: sharing types is a ' +
      'protocol, sharing code would let one bug hide in both. undici calls the payment gateway.',
  },
  audit: {
    ours: ['base/', 'contract/', 'history/'],
    because: 'The judge reads ledgers and history and shares no code with the judged.',
  },
  faults: {
    ours: ['base/', 'contract/'],
    because: 'Faults are planned as data and injected through the contract.',
  },
  statistics: {
    ours: ['base/'],
    packages: ['jstat', 'ml-matrix', 'ml-fcnnls'],
    because: 'Distributions, intervals, tests and fits that capacity and comparison share.',
  },
  capacity: {
    ours: ['base/', 'contract/', 'thresholds/', 'statistics/'],
    because: 'Searches with a function that measures a rate; how it is measured stays outside.',
  },
  analysis: {
    ours: ['base/', 'contract/', 'statistics/'],
    packages: ['hdr-histogram-js'],
    because: 'A report is a function of one finished result, read from its public format.',
  },
  reporters: {
    ours: ['base/', 'contract/', 'analysis/'],
    packages: ['chalk', 'cli-table3'],
    because: 'Renders a finished result; whatever a reporter needs must be in that result.',
  },
  calibration: {
    ours: ['base/', 'contract/', 'engine/'],
    because: 'Measures the generator alone; which other generator stands beside it is its caller’s.',
  },
  commands: {
    ours: [
      'base/',
      'contract/',
      'thresholds/',
      'history/',
      'config/',
      'scenarios/',
      'engine/',
      'targets/',
      'reference-system/index\\.ts$',
      'audit/',
      'faults/',
      'statistics/',
      'capacity/',
      'calibration/',
      'analysis/',
      'reporters/',
    ],
    packages: ['autocannon', 'commander'],
    because: 'A verb puts the parts together; autocannon is for the ceiling probe only.',
  },
  'commands-selftest': {
    from: '^src/commands/selftest(\\.ts$|/)',
    ours: [
      'base/',
      'contract/',
      'commands/',
      'selftest/',
      'reference-system/index\\.ts$',
      'reporters/',
      'analysis/',
    ],
    packages: ['commander'],
    because:
      'The verb that proves the tool is the only way from the product to its planted defects.',
  },
  selftest: {
    ours: [
      'base/',
      'contract/',
      'thresholds/',
      'history/',
      'config/',
      'scenarios/',
      'engine/',
      'targets/',
      'reference-system/',
      'audit/',
      'faults/',
      'capacity/',
      'analysis/',
      'reporters/',
    ],
    because: 'Proves every part with known truths and planted defects, below the verbs.',
  },
  cli: {
    from: '^src/cli\\.ts$',
    ours: ['base/', 'commands/manifest\\.ts$'],
    types: ['commands/'],
    packages: ['commander'],
    because: '`--help` must start as fast as Node: each verb is loaded when it is chosen.',
  },
  'load-worker': {
    from: '^src/load-worker\\.ts$',
    ours: [
      'base/',
      'contract/',
      'thresholds/',
      'history/',
      'scenarios/',
      'engine/',
      'targets/',
      'faults/',
    ],
    because: 'A load worker only generates load: no command, no report, no judge in its thread.',
  },
  'shop-process': {
    from: '^src/[a-z-]+-process\\.ts$',
    ours: ['base/', 'contract/', 'reference-system/', 'faults/'],
    because: 'The shop and its gateway are children that must not share code with the generator.',
  },
};

/** Rows that are exceptions for single files inside a folder that has a row. */
const EXCEPTIONS = {
  targets: ['targets-reference'],
  commands: ['commands-selftest'],
};

/** @param {string} name */
const fromOf = (name) => TABLE[name]?.from ?? `^src/${name}/`;

/** @param {[string, Row]} entry */
function rulesOf([name, { ours, types = [], packages = [], because }]) {
  const own = TABLE[name]?.from ? [] : [`^src/${name}/`];
  const exceptions = (EXCEPTIONS[name] ?? []).map(fromOf);
  const from = { path: fromOf(name), ...(exceptions.length > 0 && { pathNot: exceptions }) };
  const inSrc = (/** @type {string} */ pattern) => `^src/${pattern}`;
  const known = packages.map((p) => `^node_modules/(@types/)?${p}/`);
  return [
    {
      name: `${name}-imports-ours`,
      comment: because,
      severity: 'error',
      from,
      to: { path: '^src/', pathNot: [...own, ...[...ours, ...types].map(inSrc)] },
    },
    ...(types.length === 0
      ? []
      : [
          {
            name: `${name}-imports-types`,
            comment: because,
            severity: 'error',
            from,
            to: {
              path: types.map(inSrc),
              pathNot: [...own, ...ours.map(inSrc)],
              dependencyTypesNot: ['type-only'],
            },
          },
        ]),
    {
      name: `${name}-imports-packages`,
      comment: `${because} Packages it may use: ${packages.join(', ') || 'none'}.`,
      severity: 'error',
      from,
      to: {
        dependencyTypes: [
          'npm',
          'npm-dev',
          'npm-optional',
          'npm-peer',
          'npm-no-pkg',
          'npm-unknown',
        ],
        ...(known.length > 0 && { pathNot: known }),
      },
    },
  ];
}

/** The services of the shop, each a folder of src/reference-system/. */
const SERVICES =
  'gateway|sale|users|sellers|catalogue|search|recommendations|cart|wishlist|inventory|orders|payments|' +
  'notifications|logistics|archive|forecasting|storefront';

export default {
  forbidden: [
    ...Object.entries(TABLE).flatMap(rulesOf),
    {
      name: 'folder-without-a-row',
      comment: 'Every part has a row in the import table of ARCHITECTURE.md: add one first.',
      severity: 'error',
      from: { path: '^src/', pathNot: Object.keys(TABLE).map(fromOf) },
      to: {},
    },
    {
      name: 'services-meet-at-their-interfaces',
      comment:
        'A service of the shop reaches another only through its service interface or an event, so ' +
        'that each can be put in a process of its own.',
      severity: 'error',
      from: { path: `^src/reference-system/(${SERVICES})/` },
      to: {
        path: `^src/reference-system/(${SERVICES})/`,
        pathNot: ['^src/reference-system/$1/', '-service\\.ts$'],
      },
    },
    {
      name: 'the-judge-shares-no-code-with-the-judged',
      comment: 'A mistake in shared code would be made by the shop and excused by the audit.',
      severity: 'error',
      from: { path: '^src/audit/' },
      to: { path: '^src/(engine|reference-system|targets)/', reachable: true },
    },
    {
      name: 'no-way-to-the-planted-defects',
      comment: 'What is wrong on purpose is loaded by the verb that is told to, and by nothing else.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/selftest/', '^src/commands/(selftest(/|\\.ts$)|manifest\\.ts$)', '^src/cli\\.ts$'],
      },
      to: { path: '^src/selftest/', reachable: true },
    },
    {
      name: 'sqlite-in-one-place',
      comment: 'What the binding opens must stay referenced; storage/sqlite.ts sees to it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/reference-system/storage/sqlite[.]ts$' },
      to: { path: 'better-sqlite3', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'faker-by-locale',
      comment: '@faker-js/faker loads in 240 ms, its `locale/en` in 38 ms.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^node_modules/@faker-js/faker/', pathNot: '/dist/locale/en\\.' },
    },
    {
      name: 'no-circular',
      comment: 'Parts that import each other are one part with two names.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A module that nobody imports and that imports nothing is dead.',
      severity: 'error',
      from: { orphan: true, pathNot: ['^src/cli\\.ts$', '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'not-to-dev-dep',
      comment: 'What only development installs is missing on the machine of a user.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: ['^node_modules/@types/'],
      },
    },
    {
      name: 'not-to-test',
      comment: 'Tests and benchmarks are not shipped.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'An import that resolves to nothing fails at run time.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
