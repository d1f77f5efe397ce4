/** `ecomsim serve`: the bundled shop with a small catalogue and an open sale, until Ctrl-C. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EcomsimError, messageOf } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { customerIdOf } from '../contract/customer.ts';
import { buildScenario } from '../scenarios/registry.ts';
import { createTarget } from '../targets/target-registry.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { watchInterrupts } from './run/interrupts.ts';
import { readProfile } from './run/read-profile.ts';
import { readSeed } from './run/setup.ts';

const CUSTOMERS = 100;
const MAX_CUSTOMERS = 100_000;

function readPort(options: OptionValues): number | undefined {
  const given = options['port'];
  if (given === undefined) return undefined;
  const port = Number(given);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new EcomsimError('INVALID_VALUE', `--port "${String(given)}" is not a port (1 to 65535)`);
}

function readCustomers(options: OptionValues): number {
  const given = options['customers'];
  if (given === undefined) return CUSTOMERS;
  const count = Number(given);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_CUSTOMERS) return count;
  throw new EcomsimError(
    'INVALID_VALUE',
    `--customers "${String(given)}" is not a number from 1 to ${MAX_CUSTOMERS}`,
  );
}

/** For the `users` of a target file: who they are and what they show to be let in. */
async function writeUsers(file: string, tokens: readonly string[]): Promise<void> {
  const rows = tokens.map((token, customer) => `${customerIdOf(customer)},${token}\n`);
  try {
    await writeFile(file, `customer,token\n${rows.join('')}`, { mode: 0o600 });
  } catch (error) {
    throw new EcomsimError('OUTPUT_NOT_WRITABLE', `cannot write ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

export async function execute(
  _args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const port = readPort(options);
  const customers = readCustomers(options);
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
      customers,
    });
    const { users } = options;
    if (typeof users === 'string') {
      await writeUsers(path.resolve(context.cwd, users), client.tokens);
    }
    await target.openSale(context.clock.nowUs(), null);
    const sku = scenario.catalogue[scenario.sale.hotItems[0] ?? 0]?.sku ?? '';
    context.stdout.write(
      [
        `shop      ${target.url}   (loopback only, not for production)`,
        `API       ${target.url}/openapi.json`,
        `strategy  ${profile.system.inventory.strategy}`,
        `try       curl ${target.url}/api/inventory/${sku}`,
        `customer  c-0, token: ${client.tokens[0] ?? ''}`,
        ...(typeof users === 'string' ? [`users     ${customers} customers in ${users}`] : []),
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
