/**
 * `ecomsim validate shop.yaml --probe`: one fresh shopper asks each operation once, in an order that
 * makes sense, and what came back is shown. Writes go to this machine, or further with `--yes`.
 */
import { EcomsimError } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { type Call, type ClientSpec, createCall, type LoadClient } from '../contract/call.ts';
import { type OperationName, traitsOf } from '../contract/operation.ts';
import type { TargetFile } from '../contract/target-file.ts';
import { mappedOperations } from '../contract/target-mapping/mapped-operations.ts';
import type { RequestTemplate } from '../contract/target-mapping.ts';
import { escapeText } from '../reporters/escape-text.ts';
import { createLoadClient } from '../targets/client-registry.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { openLiveTarget } from './run/live-setup.ts';

const PRODUCTS = 5;
/** Each makes the next one possible. */
const ORDER: readonly OperationName[] = [
  'home',
  'search',
  'viewProduct',
  'viewStock',
  'addToCart',
  'viewCart',
  'checkout',
  'order',
  'orderStatus',
  'cancelOrder',
];

export async function probeTarget(
  file: TargetFile,
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const { mapping } = file;
  const target = await openLiveTarget(file, options, context);
  try {
    await target.open();
    const catalogue = (await target.products?.(PRODUCTS)) ?? [];
    const print = (line: string): void => context.stdout.write(`${escapeText(line)}\n`);
    const items = catalogue.map(({ sku, units }) => `${sku} (${units})`).join(', ');
    const stock = mapping.ledger.stock === undefined ? '; stock is not read' : ' with units';
    print(`set-up    ${mapping.setup.length} steps done`);
    print(`products  ${items}${stock}`);
    const spec = await target.prepare({
      catalogue,
      currency: '',
      hotItems: [0],
      perCustomer: 1,
      customers: 1,
    });
    const mayWrite = options['yes'] === true || isThisMachine(new URL(mapping.baseUrl).hostname);
    const probe = new Probe({ file, spec, context, mayWrite, print });
    return await probe.run();
  } finally {
    await target.close();
  }
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}

interface ProbeParts {
  readonly file: TargetFile;
  readonly spec: ClientSpec;
  readonly context: CommandContext;
  readonly mayWrite: boolean;
  readonly print: (line: string) => void;
}

class Probe {
  readonly #parts: ProbeParts;
  readonly #client: LoadClient;
  readonly #customer: number;
  readonly #key: string;
  #values: string[] | null = null;
  #checkoutId = '';
  #orderId = '';
  #notOk = 0;

  constructor(parts: ProbeParts) {
    this.#parts = parts;
    this.#client = createLoadClient(parts.spec, parts.context.clock);
    // Beyond the shoppers of most runs, and another one each time.
    const wallMs = parts.context.clock.wallMs();
    this.#customer = 1_000_000 + (Math.floor(wallMs / 1000) % 1_000_000_000);
    this.#key = `probe-${wallMs.toString(36)}`;
  }

  async run(): Promise<ExitCode> {
    const { file, print, mayWrite } = this.#parts;
    const { session, skip } = file.mapping;
    try {
      await this.#client.open();
      for (const [loginStep, { request }] of session.entries()) {
        await this.#ask('login', `session ${loginStep + 1}`, request, { loginStep });
      }
      const mapped = mappedOperations(file.mapping);
      for (const operation of ORDER) {
        const request = mapped[operation]?.request;
        if (request === undefined) {
          print(`${label(operation)}  ${skip.includes(operation) ? 'skipped' : 'not mapped'}`);
        } else if (!mayWrite && traitsOf(operation).effect === 'write') {
          print(`${label(operation)}  ${lineOf(request)}  not sent: it writes; add --yes`);
        } else await this.#ask(operation, operation, request, {});
      }
    } finally {
      await this.#client.close();
    }
    if (this.#notOk === 0) return EXIT.pass;
    const many = this.#notOk === 1 ? 'An operation was' : `${this.#notOk} operations were`;
    throw new EcomsimError(
      'TARGET_BAD_ANSWER',
      `${many} not answered ok; look at the lines marked with ✗ above`,
    );
  }

  async #ask(
    operation: OperationName,
    name: string,
    request: RequestTemplate,
    more: Partial<Call>,
  ): Promise<void> {
    const { clock } = this.#parts.context;
    const call = Object.assign(createCall(), {
      operation,
      customer: this.#customer,
      item: 0,
      key: this.#key,
      checkoutId: this.#checkoutId,
      orderId: this.#orderId,
      values: this.#values,
      variate: 0.5,
      ...more,
    });
    call.intendedAtUs = clock.nowUs();
    call.dispatchedAtUs = call.intendedAtUs;
    const before = [...(this.#values ?? [])];
    const answered = await new Promise<Call>((resolve) => this.#client.execute(call, resolve));
    this.#values = answered.values;
    if (answered.gotCheckoutId !== '') this.#checkoutId = answered.gotCheckoutId;
    if (answered.gotOrderId !== '') this.#orderId = answered.gotOrderId;
    this.#show(name, request, answered, before);
  }

  #show(name: string, request: RequestTemplate, answered: Call, before: readonly string[]): void {
    const { print } = this.#parts;
    const { outcome, reason, status } = answered;
    if (outcome !== 'ok') this.#notOk++;
    const why = reason === 'none' ? '' : ` (${reason})`;
    const mark = outcome === 'ok' ? '✓' : '✗';
    const ms = ((answered.doneAtUs - answered.dispatchedAtUs) / 1000).toFixed(1);
    print(`${label(name)}  ${lineOf(request)}`);
    const answer = status > 0 ? `HTTP ${status}` : 'no answer';
    const isUnsent = answered.sentAtUs === 0 && reason === 'bad_request';
    const told = isUnsent ? 'not sent: a value that it needs was not extracted' : answer;
    print(`${' '.repeat(13)}${mark} ${told}  ${outcome}${why}  ${ms} ms`);
    const got = extracted(answered, before);
    if (got.length > 0) print(`${' '.repeat(15)}extracted: ${got.join(', ')}`);
  }
}

function label(name: string): string {
  return name.padEnd(11);
}

/** As it is written in the file: what stands for a secret is not filled in. */
function lineOf({ method, path }: RequestTemplate): string {
  return `${method} ${path}`;
}

const MAX_SHOWN = 24;

/** Session values may be tokens: only that there is one, and how long it is. */
function extracted(call: Call, before: readonly string[]): string[] {
  const { gotCheckoutId, gotOrderId, gotOrderStatus, gotUnits, gotTotalMinor, gotStock } = call;
  const texts = { checkoutId: gotCheckoutId, orderId: gotOrderId, status: gotOrderStatus };
  const numbers = { units: gotUnits, totalMinor: gotTotalMinor, stock: gotStock };
  const news = (call.values ?? []).filter((value, index) => value !== (before[index] ?? ''));
  return [
    ...Object.entries(texts)
      .filter(([, text]) => text !== '')
      .map(([name, text]) => `${name} ${text.slice(0, MAX_SHOWN)}`),
    ...Object.entries(numbers)
      .filter(([, number]) => number >= 0)
      .map(([name, number]) => `${name} ${number}`),
    ...news.map((value) => `a value of ${value.length} characters`),
  ];
}
