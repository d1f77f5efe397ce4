/** The commented scenario that `ecomsim init scenario` writes: short, complete, runs as it is. */

/** YAML text that loads without problems. */
export function starterScenario(): string {
  return STARTER;
}

const STARTER = `# A scenario for ecomsim: what happens. The sizing (which system, how many products) is the profile.
# Check it with \`ecomsim validate <this file>\`, drive it with \`ecomsim run <this file>\`.
# -r 500/s moves the peak and -d 2m the measured length; everything below goes with them.
title: My first sale

# Journeys due per second at the peak; percentages below are of it. Absolute rates (100/s) work too.
peak: 100/s

# One after the other. Thresholds select them by name: '*#drop:p(95)<1s'.
phases:
  # Not measured: left out of latency figures, never out of the audit.
  - { name: warmup, duration: 2s, measured: false, shape: 10%..40% }
  - { name: presale, duration: 4s, shape: 40% }
  - name: drop
    duration: 10s
    # Also: constant, ramp, steps, plateau, peak-after-start, double-hump, diurnal, replay.
    shape: { kind: drop, base: 20%, peak: 100%, decay: 3s }
    # Who comes in this phase, instead of the mix below.
    mix: { shopper: 50%, visitor: 10%, bot: 40% }
  - { name: tail, duration: 4s, shape: 20% }
# To replay recorded traffic: shape: { kind: replay, file: traffic.csv } with rows of time,rate.

# Who comes, unless a phase says otherwise.
mix: { shopper: 60%, visitor: 30%, bot: 10% }

populations:
  # A built-in journey; four of five come for a sale item, the others by popularity.
  shopper:
    journey: browse-and-buy
    hotShare: 80%
    # An attempt that fails is made again, with the same idempotency key.
    retry: { attempts: 3, backoff: { base: 200ms, max: 2s }, outcomes: [failed, unknown] }
    # Impatient hands: the same order sent twice.
    doubleClick: { share: 2%, gap: 150ms }
  # A journey of your own, below.
  visitor: { journey: look-around }
  # Bots share a pool of accounts.
  bot:
    journey: { preset: scalp, poll: 500ms }
    hotShare: 100%
    accounts: { pool: 20 }
    bot: true

journeys:
  look-around:
    # Between two steps, unless a step or a rule says otherwise. Also: 2s, { p50: 1s, p99: 8s }.
    think: 300ms..1s
    steps:
      # The first one is where it starts. \`next: page\` goes on after an ok answer; all else ends it.
      home: { operation: home, item: browsed, next: page }
      page:
        operation: viewProduct
        item: browsed
        next:
          # Shares of one choice add up to 100%.
          - { outcomes: ok, choose: { page: 50%, stock: 30%, end: 20% } }
          # Rules are tried in order; chances are of what the rules before left over.
          - { outcomes: [failed, unknown], probability: 50%, to: page, think: 2s }
      stock: { operation: viewStock, think: 500ms, next: { reasons: in_stock, to: page } }

sale:
  # When: the name of a phase, or a time like 6s.
  opensAt: drop
  hotItems: 1
  # Units of a hot item = planned demand for it / this. Left out: never short.
  demandToStock: 10
`;
