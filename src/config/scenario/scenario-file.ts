/** A scenario file from disk, with the CSV files it names, checked as far as the file alone goes. */
import path from 'node:path';
import type { RatePoint } from '../../contract/scenario.ts';
import type { ScenarioDraft } from '../../contract/scenario-draft.ts';
import { MAX_CSV_BYTES } from '../csv.ts';
import { nearestPlace, type ParsedDocument, type Path, parseYamlText } from '../document.ts';
import { DocumentReader, isGroup } from '../document-reader.ts';
import { nameOf, text } from '../fields.ts';
import { otherKind } from '../file-kind.ts';
import { type Problem, quoteValue, sortProblems } from '../problem.ts';
import { readTextFile } from '../text-file.ts';
import { isName } from './names.ts';
import { type ReadScenario, readScenario, type ScenarioRequest } from './read-scenario.ts';
import { GAP_RULES, parseReplay } from './replay-file.ts';

/** What somebody else finds wrong with a draft: where in it, and what. */
export interface DraftProblem {
  readonly path: Path;
  readonly message: string;
}

export interface LoadedScenario {
  /** Undefined when the text as a whole is unusable. Not to be driven when there are problems. */
  readonly draft: ScenarioDraft | undefined;
  readonly problems: readonly Problem[];
  /** In the order of the file, without those that only follow from what is known to be wrong. */
  readonly withProblems: (found: readonly DraftProblem[]) => Problem[];
}

/** `file` as the user named it, relative to `cwd`. Never throws for what the files hold. */
export async function loadScenarioFile(
  file: string,
  cwd: string,
  request: ScenarioRequest,
): Promise<LoadedScenario> {
  const read = await readTextFile(path.resolve(cwd, file));
  if (read.problem !== undefined) {
    return unusable([{ source: file, path: '', message: read.problem }]);
  }
  return loadScenarioText({ text: read.text, file, cwd }, request);
}

interface ScenarioText {
  readonly text: string;
  readonly file: string;
  readonly cwd: string;
}

async function loadScenarioText(
  { text: written, file, cwd }: ScenarioText,
  request: ScenarioRequest,
): Promise<LoadedScenario> {
  const document = parseYamlText(written, file);
  if (document.tree === undefined) return unusable(document.problems);
  const other = otherKind(document.tree, 'scenario');
  if (other !== undefined) {
    const place = document.places.keyAt([other.name]);
    const problem = { source: file, ...place, path: other.name, message: other.message };
    return unusable([...document.problems, problem]);
  }
  const { replays, problems } = await readReplays(document, file, cwd);
  const stem = path.basename(file, path.extname(file));
  const source = {
    document,
    source: file,
    fallbackName: isName(stem) ? stem : 'scenario',
    replays,
  };
  const found = readScenario(source, request);
  const all = [...document.problems, ...problems, ...found.reader.problems];
  return {
    draft: found.draft,
    problems: sortProblems(all),
    withProblems: (more) =>
      sortProblems([...all, ...more.flatMap((problem) => placed(problem, found, source))]),
  };
}

function unusable(problems: readonly Problem[]): LoadedScenario {
  return { draft: undefined, problems, withProblems: () => [...problems] };
}

function placed(
  problem: DraftProblem,
  { reader, origins }: ReadScenario,
  { document, source }: { readonly document: ParsedDocument; readonly source: string },
): Problem[] {
  const at = originOf(problem.path, origins);
  // Whatever hangs on a substitute is not the user's mistake.
  const isFollowUp = reader.wrong.some(
    (wrong) => isPrefix(wrong, at) || isPrefix(at, wrong) || isGuess(problem.path, wrong),
  );
  if (isFollowUp) return [];
  const place = nearestPlace(document.places, at);
  return [{ source, ...place, path: at.join('.'), message: problem.message }];
}

/** A rule that was misread changes what the whole journey can do, but not what names there are. */
function isGuess(at: Path, wrong: Path): boolean {
  const isRule = wrong[0] === 'journeys' && wrong.includes('next');
  return isRule && at[0] === 'journeys' && at[1] === wrong[1] && at.at(-1) !== 'to';
}

function originOf(at: Path, origins: ReadScenario['origins']): Path {
  for (let length = at.length; length > 0; length--) {
    const origin = origins.get(at.slice(0, length).join('\u0000'));
    if (origin !== undefined) return origin;
  }
  return at;
}

function isPrefix(start: Path, whole: Path): boolean {
  return start.length <= whole.length && start.every((part, index) => whole[index] === part);
}

interface Replays {
  readonly replays: ReadonlyMap<string, readonly RatePoint[]>;
  readonly problems: readonly Problem[];
}

/** The files are named relative to the scenario's own folder. */
async function readReplays(document: ParsedDocument, file: string, cwd: string): Promise<Replays> {
  const reader = new DocumentReader(document, file);
  const replays = new Map<string, readonly RatePoint[]>();
  const problems: Problem[] = [];
  const phases = reader.get(['phases']);
  if (!Array.isArray(phases)) return { replays, problems };
  for (const index of phases.keys()) {
    const shape = ['phases', index, 'shape'];
    const written = reader.get(shape);
    if (!isGroup(written) || written['file'] === undefined) continue;
    const named = reader.read([...shape, 'file'], text(4096), '');
    const gaps = reader.read([...shape, 'gaps'], nameOf('a way with gaps', GAP_RULES), 'error');
    if (named === '' || reader.isWrong(shape)) continue;
    const csv = path.join(path.dirname(file), named);
    const shown = path.isAbsolute(named) ? named : csv;
    const read = await readTextFile(path.resolve(cwd, shown), MAX_CSV_BYTES);
    if (read.problem !== undefined) {
      reader.report([...shape, 'file'], `${quoteValue(shown)} ${read.problem}`);
      continue;
    }
    const replay = parseReplay(read.text, shown, gaps);
    problems.push(...replay.problems);
    if (replay.problems.length === 0) replays.set(shape.join('.'), replay.points);
  }
  return { replays, problems: [...reader.problems, ...problems] };
}
