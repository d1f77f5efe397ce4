/** A short sale: enough for a sell-out, expiring holds and every probe. */
export const SHORT: readonly string[] = [
  ...['-p', 'ci', '-d', '5s'],
  ...['--set', 'load.warmup=1s'],
  ...['--set', 'system.inventory.holdTtl=3s'],
  ...['--set', 'system.payment.timeout=500ms'],
];
