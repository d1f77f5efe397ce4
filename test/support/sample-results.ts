// One result of every kind a run can end in, by name.
import { assembleResult } from '../../src/analysis/assemble.ts';
import type { RunResult } from '../../src/contract/run-result.ts';
import {
  FIGURES,
  invariant,
  metricsOf,
  sampleAudit,
  sampleCapacity,
  sampleLoad,
  sampleParts,
} from './sample-parts.ts';

const NO_CAPACITY = sampleCapacity({
  method: 'none',
  estimatePerSec: null,
  interval: null,
  requestsPerSec: null,
  ordersPerSec: null,
  limitingResource: null,
  reason: 'Only 4 s were measured; at least 10 s are needed.',
});

const unsafeRun = (): RunResult => {
  const parts = sampleParts();
  const run = { ...parts.run, system: { ...parts.run.system, strategy: 'unsafe' } };
  return assembleResult({
    ...parts,
    run,
    audit: sampleAudit({
      verdict: 'fail',
      oversoldUnits: 37,
      invariants: [
        invariant({
          verdict: 'fail',
          violationCount: 5,
          violations: [
            {
              summary: 'SKU-0001 had 110 units; 147 were confirmed to customers (37 too many)',
              witness: [
                'at 8.012 s customer c-311 was told order o-9f2 is confirmed (1 unit)',
                'at 8.013 s customer c-87 was told order o-9f3 is confirmed (1 unit), the 111th',
                'seed 42, replay: ecomsim run flash-sale --strategy unsafe --seed 42',
              ],
            },
          ],
        }),
        ...sampleAudit().invariants.slice(1),
      ],
    }),
    thresholds: [
      { expression: 'p(99)<250ms', observed: 312.4, ok: false, reason: '' },
      { expression: 'oversold_units==0', observed: 37, ok: false, reason: '' },
    ],
  });
};

/** Every string that a target, a file or a name could carry, at its worst. */
export const HOSTILE_TEXT =
  '\u001b[31mred\u001b[0m\r\n\u0007\u009b2J\u202eevil\u2066\u200b\u0000<script>%s\ud800';

const hostileRun = (): RunResult => {
  const parts = sampleParts();
  const base = assembleResult({
    ...parts,
    run: {
      ...parts.run,
      scenario: HOSTILE_TEXT,
      profile: HOSTILE_TEXT,
      command: HOSTILE_TEXT,
      target: { kind: HOSTILE_TEXT, name: HOSTILE_TEXT, url: HOSTILE_TEXT },
      system: { strategy: HOSTILE_TEXT },
    },
    targetDeath: HOSTILE_TEXT.repeat(40),
    artefacts: [{ name: HOSTILE_TEXT, path: HOSTILE_TEXT, sha256: HOSTILE_TEXT }],
    audit: sampleAudit({
      verdict: 'fail',
      reason: HOSTILE_TEXT,
      invariants: [
        invariant({
          id: HOSTILE_TEXT,
          title: HOSTILE_TEXT,
          verdict: 'fail',
          violationCount: 1,
          violations: [{ summary: HOSTILE_TEXT, witness: [HOSTILE_TEXT, '商品'.repeat(60)] }],
        }),
      ],
    }),
    thresholds: [{ expression: HOSTILE_TEXT, observed: null, ok: null, reason: HOSTILE_TEXT }],
    capacity: sampleCapacity({ limitingResource: HOSTILE_TEXT }),
    business: { ...parts.business, currency: HOSTILE_TEXT },
    load: sampleLoad({ unitsByPopulation: { [HOSTILE_TEXT]: 3 } }),
  });
  const row = base.operations['order'];
  if (row === undefined) throw new Error('the sample has orders');
  return {
    ...base,
    operations: { ...base.operations, [HOSTILE_TEXT]: row, ['x'.repeat(500)]: row },
    warnings: [{ code: HOSTILE_TEXT, message: HOSTILE_TEXT, advice: HOSTILE_TEXT }],
  };
};

export const SAMPLES = {
  pass: () => assembleResult(sampleParts()),
  violation: unsafeRun,
  'threshold failed': () =>
    assembleResult(
      sampleParts({
        thresholds: [
          { expression: 'p(99)<250ms', observed: 261.3, ok: false, reason: '' },
          { expression: 'order:p(90)<600ms', observed: 214.55, ok: true, reason: '' },
          { expression: 'failed_rate<0.1%', observed: 0.0123, ok: false, reason: '' },
          { expression: 'goodput>100/s', observed: 19.6, ok: false, reason: '' },
        ],
      }),
    ),
  'generator invalid': () =>
    assembleResult(
      sampleParts({
        load: sampleLoad({
          health: {
            verdict: 'invalid',
            reasons: [
              'schedule lag P99 was 48.1 ms, over the limit of 12.5 ms, worst in second 9: lower --rate or add cores',
            ],
            lagMs: { p50: 2.1, p99: 48.1, max: 211 },
            cpuUtilisation: 1.7,
            busyRatio: 0.93,
          },
        }),
      }),
    ),
  inconclusive: () =>
    assembleResult(
      sampleParts({
        audit: sampleAudit({
          verdict: 'unknown',
          reason: '2 orders are still in doubt: the shop did not answer their look-up',
          inDoubt: { total: 5, resolvedApplied: 2, resolvedAbsent: 1, stillUnknown: 2 },
          invariants: [
            invariant(),
            invariant({ id: 'no-undersell', verdict: 'unknown', checked: 0, reason: 'no probe' }),
          ],
        }),
        thresholds: [
          {
            expression: 'order:p(99.9)<2s',
            observed: null,
            ok: null,
            reason: 'too few samples (391)',
          },
        ],
        capacity: NO_CAPACITY,
      }),
    ),
  interrupted: () =>
    assembleResult(
      sampleParts({
        interrupted: true,
        load: sampleLoad({ stopped: 'interrupted', measuredMs: 4200, cutOff: 7 }),
        capacity: NO_CAPACITY,
      }),
    ),
  'target died': () =>
    assembleResult(
      sampleParts({
        targetDeath: 'the shop process (pid 4711) was killed by SIGKILL 9.2 s after the start',
        load: sampleLoad({ stopped: 'target-died' }),
        audit: sampleAudit({ verdict: 'unknown', reason: 'the ledger could not be read' }),
      }),
    ),
  'retry storm': () =>
    assembleResult(
      sampleParts({
        load: sampleLoad({
          metrics: metricsOf({
            ...FIGURES,
            checkout: { ...FIGURES['checkout']!, attempts: 5310 },
            order: { ...FIGURES['order']!, attempts: 977 },
          }),
          retries: {
            retries: 2941,
            helped: 802,
            givenUp: 512,
            deniedByBudget: 1204,
            cutShort: 3,
            doubleClicks: 42,
          },
        }),
      }),
    ),
  empty: () =>
    assembleResult(
      sampleParts({
        load: sampleLoad({
          journeysDue: 0,
          journeysStarted: 0,
          journeysCompleted: 0,
          offeredPerSec: Number.NaN,
          measuredMs: 0,
          metrics: metricsOf({}),
          timeline: [],
          unitsByPopulation: {},
        }),
        audit: sampleAudit({
          verdict: 'unknown',
          reason: 'there was nothing to audit',
          invariants: [],
        }),
        thresholds: [],
        observations: [],
        artefacts: [],
        capacity: NO_CAPACITY,
      }),
    ),
  hostile: hostileRun,
} as const satisfies Record<string, () => RunResult>;

export type SampleName = keyof typeof SAMPLES;
export const SAMPLE_NAMES = Object.keys(SAMPLES) as readonly SampleName[];
