/** The commented profile that `ecomsim init` writes: every field, with its default. */

/** YAML text that loads without problems and means the same as an empty profile. */
export function starterProfile(): string {
  return STARTER;
}

const STARTER = `# A profile for ecomsim: the size of the system, and how hard it is driven.
# Every field may be left out; the values below are the defaults.
# Check it with \`ecomsim validate <this file>\`, use it with \`ecomsim run flash-sale -p <this file>\`.
description: My first profile

# What is driven: the bundled reference shop.
target: reference

system:
  storage: embedded
  # shared: one database file for all services · per-service: a file for each.
  layout: shared
  inventory:
    # See \`ecomsim list strategies\`; \`unsafe\` oversells, to prove that the audit notices.
    strategy: guarded-update
    # A checkout holds its units this long. Longer than all payment attempts together (checked).
    holdTtl: 8s
    # How often expired holds are given back.
    sweepEvery: 1s
    # The rest is for single strategies. buckets: parts of the stock of a product, and whether an
    # empty one takes from the others.
    buckets: 8
    stealing: true
    # optimistic, lease: attempts after one that came too late, and the first wait before another.
    retries: 8
    retryBackoff: 1ms
    # row-lock*, lease: longest wait for a lock, and the database connections that waiting takes.
    # lockHold, how long a lock is held, is 2ms there; guarded-update and buckets have none unless
    # it is given.
    lockTimeout: 2s
    connections: 32
    # unit-rows: rows that lie ready per product.
    poolRows: 1000
    # counter-first: how often the counter is compared with the database; 0s: never.
    reconcileEvery: 5s
    # lease: how long a lock lasts, whether the database refuses who was overtaken, and a pause
    # longer than the lease that befalls one holder in so many; 0s: none.
    leaseTtl: 500ms
    fencing: true
    leasePause: 0s
    leasePauseEvery: 50
  payment:
    latency: { p50: 60ms, p99: 300ms }
    timeout: 2s
    attempts: 3
    # Share of charges that the payment gateway declines.
    declined: 4%
    # Share of charges that happen but whose answer is lost.
    lostAnswers: 0.5%
    # Signed messages of the gateway about each charge, and what befalls them.
    callbacks:
      delay: { p50: 100ms, p99: 1s }
      lost: 2%
      late: 2%
      lateBy: 10s
      duplicated: 5%
      # Taken in before the charge itself is answered.
      early: 2%
      # The same bytes again a while later; beside the true one another that lies.
      replayed: 1%
      forged: 1%
  archive:
    # A completed order can be cancelled this long; then it is moved to the archive. never: it stays.
    after: 5s
  limits:
    # Units of a sale item per customer.
    perCustomer: 2
    # Requests per second that the shop takes from one address and from one user; 0/s: no limit.
    perAddress: 0/s
    perUser: 0/s
  # A waiting room in front of the checkout of sale items: on or off.
  admission:
    waitingRoom: off
    # Admitted per second, and admitted people who may still check out at a time; 0: no limit.
    rate: 50/s
    atOnce: 0
    # An admission lasts so long and is good for so many checkouts.
    tokenTtl: 30s
    checkouts: 3
    # A place is lost when its owner has not asked for so long.
    placeTtl: 15s
  # Beyond this the shop answers 503 before it begins with a request: requests in hand, orders
  # in hand, delay of the event loop (0: no limit).
  shedding: { requests: 2048, orders: 4096, loopDelay: 1s }

load:
  # Journeys due per second at the peak; each makes about six requests.
  rate: 250/s
  # Before \`duration\`; left out of latency figures, never out of the audit.
  warmup: 3s
  duration: 20s
  # Longest wait at the end for requests in flight.
  drain: 10s
  # Load worker threads: a number, or auto = cores - 1.
  workers: auto
  maxConnections: 256
  # A request without an answer after this counts as unknown.
  timeout: 10s

sale:
  # Products in the catalogue, and how many of them are in the sale.
  skus: 200
  hotSkus: 1
  # Units of a sale item = planned demand for it / demandToStock.
  demandToStock: 25
  # Share of arrivals that are bots.
  botShare: 40%

# [operation[.outcome][@population][#phase]:]metric op value; without an outcome: answers ok.
thresholds:
  - p(99)<250ms
  - order:p(90)<600ms
  - failed_rate<0.1%
  - oversold_units==0

# What the shop is put through in mid-run, e.g. [ 'kill=at:12s' ]; see \`ecomsim list faults\`.
faults: []
`;
