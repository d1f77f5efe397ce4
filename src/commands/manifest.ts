/** Every command as plain data with a lazy loader, so that `--help` loads nothing else. */
import type { CommandModule } from './command.ts';

export interface OptionEntry {
  readonly flags: string;
  readonly text: string;
  readonly repeatable?: boolean;
}

export interface ArgumentEntry {
  /** `<name>` is required, `[name]` is not, `<name...>` may be repeated. */
  readonly name: string;
  readonly text: string;
}

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Shown first in the help: what most people want to type. */
  readonly examples: readonly string[];
  readonly args: readonly ArgumentEntry[];
  readonly options: readonly OptionEntry[];
  readonly load: () => Promise<CommandModule>;
}

const PROFILE: OptionEntry = {
  flags: '-p, --profile <name|file>',
  text: 'sizing profile: a shipped name or a YAML file (default: laptop)',
};
const STRATEGY: OptionEntry = {
  flags: '--strategy <name>',
  text: 'inventory locking strategy, see `ecomsim list strategies`',
};
const SET: OptionEntry = {
  flags: '--set <path=value>',
  text: 'any profile field, e.g. --set system.payment.declined=10% (repeatable)',
  repeatable: true,
};
const SEED: OptionEntry = {
  flags: '--seed <n>',
  text: 'reproduces arrivals, shoppers, items, think times and keys (default: 1)',
};
const NO_COLOR: OptionEntry = { flags: '--no-color', text: 'plain text (also: NO_COLOR=1)' };

const ALLOW_HOST: OptionEntry = {
  flags: '--allow-host <host>',
  text: 'this host of a private network is mine to load (repeatable)',
  repeatable: true,
};
const INSECURE: OptionEntry = {
  flags: '--insecure',
  text: 'do not verify the certificates of the target file’s host',
};

const RUN_OPTIONS: readonly OptionEntry[] = [
  PROFILE,
  {
    flags: '-t, --target <name|file>',
    text: 'what to load: reference, or a target file for a system of your own (shop.yaml)',
  },
  ALLOW_HOST,
  INSECURE,
  { flags: '-r, --rate <n/s>', text: 'journeys due per second at the peak, e.g. 250/s' },
  { flags: '-d, --duration <time>', text: 'measured time after warm-up, e.g. 20s' },
  {
    flags: '-u, --vus <n>',
    text: 'so many virtual users instead of arrivals: each comes back when it has been served',
  },
  {
    flags: '-s, --stage <time:rate>',
    text: '30s:100/s: from the rate before (0) to this one; 30s:100: virtual users (repeatable)',
    repeatable: true,
  },
  STRATEGY,
  SEED,
  {
    flags: '--threshold <expr>',
    text: 'e.g. "order:p(99)<800ms", beside the profile’s own (repeatable)',
    repeatable: true,
  },
  {
    flags: '--fault <name[=args]>',
    text: 'put the shop through it, e.g. kill=at:12s; see `ecomsim list faults` (repeatable)',
    repeatable: true,
  },
  SET,
  {
    flags: '-o, --out <format=path>',
    text: 'a further report file, e.g. json=result.json (repeatable)',
    repeatable: true,
  },
  { flags: '--reports-dir <dir>', text: 'where run folders are written (default: reports)' },
  {
    flags: '--history <off|writes|all>',
    text: 'operations kept for the audit; off proves nothing (default: writes)',
  },
  { flags: '--workers <n|auto>', text: 'load worker threads (default: cores − 1)' },
  { flags: '--http2', text: 'ask over HTTP/2; the bundled shop speaks HTTP/1.1 only' },
  {
    flags: '--connection-per-shopper',
    text: 'a connection for every shopper, closed when the session ends',
  },
  { flags: '-q, --quiet', text: 'no progress, only the final page' },
  NO_COLOR,
];

/** A search sets the load itself, and judges no disturbed shop. */
const NOT_FOR_CAPACITY = ['--rate', '--duration', '--vus', '--stage', '--fault', '--history'];

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'drive a scenario against a target, judge it, report',
    examples: [
      'ecomsim run flash-sale',
      'ecomsim run flash-sale --strategy unsafe        # see an oversell being caught',
      'ecomsim run flash-sale --fault kill             # kill -9 of the shop in mid-sale',
      'ecomsim run flash-sale -p ci -o json=out.json   # a 10 s gate for CI',
      'ecomsim run steady-browse -u 100                # 100 virtual users, as in k6',
    ],
    args: [{ name: '<scenario>', text: 'see `ecomsim list scenarios`, or a scenario file' }],
    options: RUN_OPTIONS,
    load: () => import('./run.ts'),
  },
  {
    name: 'compare',
    summary: 'the same sale with one thing varied, side by side; or results that are there already',
    examples: [
      'ecomsim compare flash-sale --vary system.inventory.strategy=guarded-update,unsafe',
      'ecomsim compare flash-sale -p laptop -p ci --repeat 6',
      'ecomsim compare spike --vary load.rate=100/s,200/s --repeat 6 --margin 10%',
      'ecomsim compare baseline/ current/',
    ],
    args: [
      {
        name: '<what...>',
        text: 'a scenario, or two or more of: result.json, run folder, folder of run folders',
      },
    ],
    options: [
      {
        flags: '--vary <field=values>',
        text: 'a profile field and its values: load.rate=100/s,200/s (repeatable: every pair)',
        repeatable: true,
      },
      { flags: '--repeat <n>', text: 'runs of each arm, interleaved (default: 1; verdicts: 4 up)' },
      { flags: '--runs <n>', text: 'the same as --repeat' },
      { flags: '--margin <share>', text: 'smaller changes do not matter (default: 5%)' },
      {
        ...PROFILE,
        text: 'sizing profile; named twice or more, they are compared',
        repeatable: true,
      },
      ...RUN_OPTIONS.filter((option) => option !== PROFILE),
    ],
    load: () => import('./compare.ts'),
  },
  {
    name: 'capacity',
    summary: 'search the highest rate that the target sustains, with its interval',
    examples: [
      'ecomsim capacity flash-sale                     # about 12 minutes',
      'ecomsim capacity flash-sale --threshold "p(99)<100ms" --budget 20m',
      'ecomsim capacity steady-browse -r 100/s --highest 2000/s',
      'ecomsim capacity flash-sale --budget 45s --window 8s   # a first look, claims little',
    ],
    args: [{ name: '<scenario>', text: 'see `ecomsim list scenarios`, or a scenario file' }],
    options: [
      { flags: '--budget <time>', text: 'all windows together (default: 12m)' },
      { flags: '--window <time>', text: 'length of a window, without warm-up (default: 15s)' },
      {
        flags: '-r, --rate <n/s>',
        text: 'of the first window (default: a quarter of the profile’s)',
      },
      {
        flags: '--highest <n/s>',
        text: 'nothing above is tried (default: 16 times the profile’s rate)',
      },
      {
        flags: '--width <ratio>',
        text: 'the search ends when the 90 % interval is as narrow (default: 10%)',
      },
      {
        flags: '--resume <folder>',
        text: 'go on with an interrupted search: its windows are kept, the budget is a new one',
      },
      ...RUN_OPTIONS.filter(({ flags }) => !NOT_FOR_CAPACITY.some((own) => flags.includes(own))),
    ],
    load: () => import('./capacity.ts'),
  },
  {
    name: 'serve',
    summary: 'start the bundled shop and leave it running',
    examples: ['ecomsim serve', 'ecomsim serve --port 8080 --strategy unsafe'],
    args: [],
    options: [
      PROFILE,
      { flags: '--port <n>', text: 'public port on 127.0.0.1 (default: any free one)' },
      { flags: '--customers <n>', text: 'how many customers there are (default: 100)' },
      { flags: '--users <file>', text: 'write the customers and their tokens to a CSV file' },
      { flags: '--data <dir>', text: 'keep the shop’s files here (default: temporary)' },
      STRATEGY,
      SEED,
      SET,
      NO_COLOR,
    ],
    load: () => import('./serve.ts'),
  },
  {
    name: 'audit',
    summary: 'judge a stored run again from its history, ledgers and probes',
    examples: ['ecomsim audit reports/20260101-120000-flash-sale-1a2b'],
    args: [{ name: '<folder>', text: 'a folder under reports/' }],
    options: [NO_COLOR],
    load: () => import('./audit.ts'),
  },
  {
    name: 'report',
    summary: 'render a stored result again',
    examples: [
      'ecomsim report reports/20260101-120000-flash-sale-1a2b/result.json',
      'ecomsim report result.json -o json=copy.json',
    ],
    args: [{ name: '<file>', text: 'a result.json or capacity.json, or the folder it is in' }],
    options: [
      {
        flags: '-o, --out <format=path>',
        text: 'write a file instead of printing (repeatable)',
        repeatable: true,
      },
      NO_COLOR,
    ],
    load: () => import('./report.ts'),
  },
  {
    name: 'list',
    summary: 'list scenarios, profiles, strategies, faults, invariants, goals or operations',
    examples: ['ecomsim list', 'ecomsim list strategies', 'ecomsim list faults'],
    args: [
      {
        name: '[what]',
        text: 'scenarios, profiles, strategies, faults, invariants, goals, operations',
      },
    ],
    options: [NO_COLOR],
    load: () => import('./list.ts'),
  },
  {
    name: 'validate',
    summary: 'check a scenario, profile or target file; prints every problem at once',
    examples: [
      'ecomsim validate my-scenario.yaml   # and what it means: phases, journeys, operations',
      'ecomsim validate my-profile.yaml',
      'ecomsim validate shop.yaml --probe',
    ],
    args: [{ name: '<file>', text: 'a scenario, a profile or a target file, in YAML or JSON' }],
    options: [
      { ...PROFILE, text: 'what a scenario leaves to the profile (default: laptop)' },
      { flags: '--probe', text: 'target file: send each operation once and show what came back' },
      {
        flags: '--yes',
        text: 'with --probe: writes too (orders!), on a host that is not this one',
      },
      ALLOW_HOST,
      INSECURE,
      NO_COLOR,
    ],
    load: () => import('./validate.ts'),
  },
  {
    name: 'init',
    summary: 'write a commented starter: a scenario, a target file or a profile',
    examples: [
      'ecomsim init scenario',
      'ecomsim init scenario mine.yaml --from spike   # a built-in one, to change',
      'ecomsim init target shop.yaml',
      'ecomsim init profile my-profile.yaml',
    ],
    args: [
      { name: '[kind]', text: 'scenario, target or profile (the default)' },
      { name: '[file]', text: 'default: the kind’s name with .yaml; never overwrites' },
    ],
    options: [
      {
        flags: '--from <scenario>',
        text: 'a built-in scenario written out, instead of the starter',
      },
      { ...PROFILE, text: 'with --from: the sizing it is written out for (default: laptop)' },
      NO_COLOR,
    ],
    load: () => import('./init.ts'),
  },
  {
    name: 'selftest',
    summary: 'prove the reported latencies, the verdict of the audit, and the shop under kill -9',
    examples: [
      'ecomsim selftest latency           # against a server whose delays are known',
      'ecomsim selftest latency --quick   # 75 s instead of 140',
      'ecomsim selftest audit             # one planted defect at a time, about a minute',
      'ecomsim selftest audit --quick --false-alarms 2000',
      'ecomsim selftest audit --only no-guard --only O3',
      'ecomsim selftest crash             # 300 × kill -9, each audited',
    ],
    args: [{ name: '[what]', text: 'latency (the default), audit or crash' }],
    options: [
      { flags: '--quick', text: 'latency: shorter cases; audit: one defect per invariant' },
      {
        flags: '--only <name>',
        text: 'audit: this defect, or all that this invariant convicts (repeatable)',
        repeatable: true,
      },
      { flags: '--seeds <n>', text: 'audit: sales in which a defect must be convicted (20)' },
      {
        flags: '--false-alarms <n>',
        text: 'audit: sales of the correct shop per locking strategy (20)',
      },
      { flags: '--cycles <n>', text: 'crash: how often the shop is killed (default: 300)' },
      { ...STRATEGY, text: 'crash: how stock is kept (default: guarded-update)' },
      { ...SEED, text: 'crash: reproduces the instants of the kills (default: 1)' },
      NO_COLOR,
    ],
    load: () => import('./selftest.ts'),
  },
  {
    name: 'calibrate',
    summary: 'measure what the load generator can do on this machine; run warns above it',
    examples: [
      'ecomsim calibrate generator           # about a minute',
      'ecomsim calibrate generator --quick   # about 20 s, coarser',
    ],
    args: [{ name: '[what]', text: 'generator (the default)' }],
    options: [{ flags: '--quick', text: 'fewer and shorter trials' }],
    load: () => import('./calibrate.ts'),
  },
];
