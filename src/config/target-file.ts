/** A target file: YAML or JSON → a checked mapping, or every problem at once with its place. */
import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import { suggestion } from '../base/nearest-name.ts';
import { OPERATION_NAMES, type OperationName } from '../contract/operation.ts';
import { type TargetFile, withoutSecrets } from '../contract/target-file.ts';
import { mappingProblems } from '../contract/target-mapping/mapping-problems.ts';
import type { OperationMapping, TargetMapping } from '../contract/target-mapping.ts';
import { MAX_CSV_BYTES, parseCsv } from './csv.ts';
import { type ParsedDocument, type Path, parseYamlText, type Tree } from './document.ts';
import { blankEnvironment, fillEnvironment, readEnvironment } from './environment-values.ts';
import { FieldReader, isTree, reportAt } from './field-reader.ts';
import type { Environment } from './overrides.ts';
import { type Problem, quoteValue, sortProblems } from './problem.ts';
import { readLedger, readProducts } from './target-lists.ts';
import { readOperation } from './target-requests.ts';
import { readTextFile } from './text-file.ts';

const FIELDS = [
  'name',
  'baseUrl',
  'headers',
  'runKey',
  'users',
  'setup',
  'session',
  'products',
  'operations',
  'skip',
  'ledger',
  'probes',
  'exclusive',
  'holdTtl',
  'serverDeadline',
] as const;
const MAX_STEPS = 20;
const MAX_HEADERS = 50;
const MAX_NAME_CHARS = 60;
const PLAIN_NAME = /^[\w .-]+$/;
const DEFAULT_DEADLINE_MS = 15_000;
const HOUR_MS = 3_600_000;
const RUN_KEY = /^[\x21-\x7e]{16,200}$/;

export type LoadedTarget =
  | { readonly ok: true; readonly target: TargetFile }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Never throws for what is in the file or the environment. `needed`: what the traffic asks for. */
export async function loadTarget(
  file: string,
  env: Environment,
  needed: readonly OperationName[] = [],
): Promise<LoadedTarget> {
  const read = await readTextFile(file);
  const document = parseYamlText(read.text ?? '', file);
  if (read.problem !== undefined) {
    return { ok: false, problems: [{ source: file, path: '', message: read.problem }] };
  }
  if (document.tree === undefined) return { ok: false, problems: document.problems };
  const check = new TargetCheck(file, document, document.tree);
  const target = await check.read(env, needed);
  const { problems } = document;
  if (target !== undefined && problems.length === 0) return { ok: true, target };
  return { ok: false, problems: sortProblems(problems) };
}

class TargetCheck {
  readonly #file: string;
  readonly #document: { source: string; places: ParsedDocument['places']; problems: Problem[] };
  readonly #tree: Tree;
  readonly #reader: FieldReader;

  constructor(file: string, { places, problems }: ParsedDocument, tree: Tree) {
    this.#file = file;
    this.#document = { source: file, places, problems };
    this.#tree = tree;
    this.#reader = new FieldReader(this.#document, tree);
  }

  async read(env: Environment, needed: readonly OperationName[]): Promise<TargetFile | undefined> {
    const reader = this.#reader;
    reader.only(FIELDS);
    const secrets = readEnvironment(this.#document, this.#tree, env);
    const written = await this.#mapping();
    const shownUrl = reader.needed('baseUrl', 'where the target is: https://staging.shop.example');
    const baseUrl = fillEnvironment(shownUrl ?? '', secrets, false);
    if (shownUrl !== undefined) this.#checkUrl(shownUrl, baseUrl);
    const runKey = fillEnvironment(reader.text('runKey') ?? '', secrets, false);
    if (runKey !== '' && !RUN_KEY.test(runKey)) {
      reader.report(['runKey'], 'must be 16 to 200 printable characters without blanks');
    }
    const holdTtlMs = reader.durationMs('holdTtl', { min: 100, max: 24 * HOUR_MS });
    const exclusive = reader.flag('exclusive');
    if (written === undefined) return undefined;
    this.#checkMapping(written, needed, secrets);
    const { users, ...requests } = written;
    return {
      mapping: { ...fillEnvironment(requests, secrets, true), users, baseUrl },
      shownUrl: shownUrl ?? '',
      secrets,
      runKey,
      exclusive,
      holdTtlMs,
    };
  }

  async #mapping(): Promise<TargetMapping | undefined> {
    const reader = this.#reader;
    const { operations, isUsable } = this.#operations();
    const products = readProducts(reader);
    const mapping = {
      name: this.#name(),
      baseUrl: '',
      headers: reader.texts('headers', MAX_HEADERS),
      setup: this.#steps('setup'),
      session: this.#steps('session'),
      operations,
      skip: this.#skip(operations),
      users: await this.#users(),
      ledger: readLedger(reader),
      probes: reader.oneOf('probes', ['none', 'destructive'] as const, 'none'),
      serverDeadlineMs:
        reader.durationMs('serverDeadline', { min: 100, max: HOUR_MS }) ?? DEFAULT_DEADLINE_MS,
    };
    // Without products the rest can still be checked; the file is refused in any case.
    return isUsable ? { ...mapping, products: products ?? { kind: 'list', skus: [] } } : undefined;
  }

  #name(): string {
    const given = this.#reader.text('name', MAX_NAME_CHARS);
    const stem = basename(this.#file, extname(this.#file)).replace(/\.target$/, '');
    const name = given ?? stem.slice(0, MAX_NAME_CHARS);
    if (PLAIN_NAME.test(name)) return name;
    if (given !== undefined) {
      this.#reader.report(['name'], `${quoteValue(given)} is not made of letters, digits, . _ -`);
    }
    return 'target';
  }

  #steps(name: 'setup' | 'session'): OperationMapping[] {
    return this.#reader.groups(name, MAX_STEPS).flatMap((step) => readOperation(step) ?? []);
  }

  #operations(): { operations: TargetMapping['operations']; isUsable: boolean } {
    const operations: Partial<Record<OperationName, OperationMapping>> = {};
    const group = this.#reader.group('operations');
    if (!this.#reader.has('operations')) {
      this.#reader.missing('operations', 'say how each operation looks on this target');
    }
    if (group === undefined) return { operations, isUsable: false };
    group.only(MAPPABLE);
    for (const [name, value] of group.entries()) {
      if (!isMappable(name)) continue;
      const one = group.group(name);
      if (one === undefined || !isTree(value)) continue;
      const operation = readOperation(one, name === 'order' ? ['resolve'] : []);
      if (operation !== undefined) operations[name] = operation;
      const resolve = name === 'order' ? one.group('resolve') : undefined;
      if (resolve === undefined) continue;
      if (group.has('orderStatus')) {
        one.report(['resolve'], 'is the same as the operation orderStatus; keep one of them');
      }
      const status = readOperation(resolve);
      // What an order is told to extract is found in its status as well, unless it says otherwise.
      if (status !== undefined) {
        const extract = { ...operation?.extract, ...status.extract };
        operations.orderStatus = { ...status, extract };
      }
    }
    return { operations, isUsable: true };
  }

  #skip(operations: TargetMapping['operations']): OperationName[] {
    return this.#reader.words('skip', OPERATION_NAMES.length).flatMap((word, index) => {
      const name = MAPPABLE.find((one) => one === word);
      if (name === undefined) {
        const near = suggestion(word, MAPPABLE);
        this.#reader.report(['skip', index], `there is no operation ${quoteValue(word)}${near}`);
        return [];
      }
      if (operations[name] !== undefined) {
        this.#reader.report(['skip', index], `${name} is mapped and skipped; keep one of them`);
      }
      return [name];
    });
  }

  /** Beside the target file, so that both can be moved together. */
  async #users(): Promise<TargetMapping['users']> {
    const named = this.#reader.text('users');
    if (named === undefined) return null;
    const file = isAbsolute(named) ? named : join(dirname(this.#file), named);
    const read = await readTextFile(file, MAX_CSV_BYTES);
    if (read.text === undefined) {
      this.#reader.report(['users'], `${quoteValue(named)} ${read.problem}`);
      return null;
    }
    const { table, problems } = parseCsv(read.text, file);
    this.#document.problems.push(...problems);
    return { columns: table.columns, rows: table.rows };
  }

  #checkUrl(shown: string, filled: string): void {
    const problem = urlProblem(filled);
    if (problem === HOLDS_USER) this.#reader.report(['baseUrl'], problem);
    else if (problem !== '') this.#reader.report(['baseUrl'], `${quoteValue(shown)} ${problem}`);
  }

  /** The status of an order may stand under `resolve`. */
  #asWritten(path: Path): Path {
    const isResolve = path[0] === 'operations' && path[1] === 'orderStatus';
    if (!isResolve || this.#document.places.keyAt(path.slice(0, 2)) !== undefined) return path;
    return ['operations', 'order', 'resolve', ...path.slice(2)];
  }

  /** Templates are checked as they were written: what the environment holds is only text. */
  #checkMapping(
    written: TargetMapping,
    needed: readonly OperationName[],
    secrets: TargetFile['secrets'],
  ): void {
    const { users, ...requests } = written;
    const checked = { ...blankEnvironment(requests), users };
    for (const { path, message } of mappingProblems(checked, needed)) {
      reportAt(this.#document, this.#asWritten(path), withoutSecrets(message, secrets));
    }
  }
}

const MAPPABLE: readonly OperationName[] = OPERATION_NAMES.filter((name) => name !== 'login');

function isMappable(name: string): name is OperationName {
  return (MAPPABLE as readonly string[]).includes(name);
}

/** Not quoted: it is no secret of ours to show. */
const HOLDS_USER = 'holds a user or password; send them as a header with {env.NAME}';

/** What is wrong with an address; '' when it can be used. */
function urlProblem(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return 'is no address; write it like https://staging.shop.example';
  if (url.username !== '' || url.password !== '') return HOLDS_USER;
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return 'is neither http:// nor https://';
  if (url.search !== '' || url.hash !== '') return 'ends with "?…" or "#…"; leave that out';
  return '';
}
