/** `ecomsim serve`: the bundled shop with a small catalogue and an open sale, until Ctrl-C. */
import { EcomsimError } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { buildScenario } from '../scenarios/registry.ts';
import { createTarget } from '../targets/target-registry.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { watchInterrupts } from './run/interrupts.ts';
import { readProfile, readSeed } from './run/setup.ts';

const CUSTOMERS = 100;

function readPort(options: OptionValues): number | undefined {
  const given = options['port'];
  if (given === undefined) return undefined;
  const port = Number(given);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new EcomsimError('INVALID_VALUE', `--port "${String(given)}" is not a port (1 to 65535)`);
}

export async function execute(
  _args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const port = readPort(options);
  const seed = readSeed(options);
  const profile = await readProfile(options, context);
  const scenario = await buildScenario('flash-sale', { profile, seed });
  const data = options['data'];
  const target = await createTarget('reference', {
    system: profile.system,
    seed,
    clock: context.clock,
    ...(port === undefined ? {} : { port }),
    ...(typeof data === 'string' ? { dataDir: data } : {}),
  });
  const interrupts = watchInterrupts(context.clock);
  const lastResort = (): void => target.kill();
  process.once('exit', lastResort);
  try {
    await target.open();
    const client = await target.prepare({
      catalogue: scenario.catalogue,
      currency: scenario.currency,
      hotItems: scenario.sale.hotItems,
      perCustomer: scenario.sale.perCustomer,
      customers: CUSTOMERS,
    });
    await target.openSale(context.clock.nowUs(), null);
    const sku = scenario.catalogue[scenario.sale.hotItems[0] ?? 0]?.sku ?? '';
    context.stdout.write(
      [
        `shop      ${target.url}   (loopback only, not for production)`,
        `API       ${target.url}/openapi.json`,
        `strategy  ${profile.system.inventory.strategy}`,
        `try       curl ${target.url}/api/inventory/${sku}`,
        `customer  c-0, token: ${client.tokens[0] ?? ''}`,
        'Ctrl-C stops it.',
        '',
      ].join('\n'),
    );
    const death = new Promise<string>((resolve) => target.onDeath(resolve));
    const stopped = new Promise<string>((resolve) => interrupts.onFirst(() => resolve('')));
    const reason = await Promise.race([death, stopped, interrupts.second]);
    if (reason !== '') throw new EcomsimError('TARGET_DIED', `the shop ended: ${reason}`);
    return EXIT.pass;
  } finally {
    interrupts.dispose();
    await target.close();
    process.off('exit', lastResort);
  }
}
