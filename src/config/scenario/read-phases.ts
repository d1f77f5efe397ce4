/** The phases of a scenario file: when how many come, and who. */
import type { Phase, RatePoint, RateShape } from '../../contract/scenario.ts';
import type { Path } from '../document.ts';
import { type DocumentReader, isGroup } from '../document-reader.ts';
import { decimal, share, text, trueOrFalse } from '../fields.ts';
import { quoteValue } from '../problem.ts';
import { isName, MAX_NAME_LENGTH, NAME_FORM } from './names.ts';
import { readShape } from './read-shape.ts';
import { lengthField, type Scale } from './written-levels.ts';

const PHASE_FIELDS = ['name', 'duration', 'shape', 'measured', 'mix'];
const MAX_PHASES = 1000;
const MIN_DURATION_MS = 1;
const EXAMPLE = '[{ name: sale, duration: 20s, shape: 100/s }]';

const fields = {
  name: text(MAX_NAME_LENGTH),
  measured: trueOrFalse(),
  share: share({ min: 0, max: 1 }),
  weight: decimal({ min: 0, max: 1_000_000 }),
};

export interface PhaseContext {
  readonly reader: DocumentReader;
  readonly scale: Scale;
  readonly populations: readonly string[];
  readonly replayOf: (path: Path) => readonly RatePoint[] | undefined;
}

export function readPhases(context: PhaseContext): Phase[] {
  const { reader } = context;
  if (reader.get(['phases']) === undefined) {
    reader.report(['phases'], `is missing; write phases: ${EXAMPLE}`);
    return [];
  }
  const count = reader.length(['phases'], EXAMPLE);
  if (count === 0 && !reader.isWrong(['phases'])) reader.report(['phases'], 'is empty');
  if (count > MAX_PHASES) {
    reader.report(['phases'], `lists ${count} phases; at most ${MAX_PHASES} are possible`);
    return [];
  }
  return Array.from({ length: count }, (_, index) => readPhase(context, index));
}

function readPhase(context: PhaseContext, index: number): Phase {
  const { reader, scale } = context;
  const path = ['phases', index];
  const at = (name: string): Path => [...path, name];
  const value = reader.get(path);
  if (!isGroup(value)) reader.report(path, `is no phase; write it like ${EXAMPLE.slice(1, -1)}`);
  else reader.allow(path, PHASE_FIELDS);
  const name = reader.require(at('name'), fields.name, `phase-${index + 1}`);
  if (!isName(name)) {
    reader.report(at('name'), `${quoteValue(name)} cannot be the name of a phase; ${NAME_FORM}`);
  }
  const measured = reader.read(at('measured'), fields.measured, true);
  const shapeContext = { reader, scale, isMeasured: measured, replayOf: context.replayOf };
  const shape = readShape(shapeContext, at('shape'));
  const length = lengthField(scale, measured, MIN_DURATION_MS);
  const own = lengthOf(shape);
  const durationMs =
    own === undefined
      ? reader.require(at('duration'), length, MIN_DURATION_MS)
      : reader.read(at('duration'), length, own);
  return { name, durationMs, shape, measured, mix: readMix(context, at('mix')) };
}

/** Of a curve that says how long it is. */
function lengthOf(shape: RateShape): number | undefined {
  switch (shape.kind) {
    case 'steps':
      return shape.steps.reduce((sum, step) => sum + step.durationMs, 0) || undefined;
    case 'plateau':
      return shape.surgeMs + shape.sustainMs + shape.fallMs;
    case 'replay':
      return shape.points.at(-1)?.atMs || undefined;
    default:
      return undefined;
  }
}

/** The phase's own, else the one for all phases, else everybody who is the only one. */
function readMix({ reader, populations }: PhaseContext, own: Path): Record<string, number> {
  const path = reader.get(own) === undefined ? ['mix'] : own;
  if (reader.get(path) === undefined) {
    const [only, ...others] = populations;
    if (only !== undefined && others.length === 0) return { [only]: 1 };
    if (populations.length > 0) {
      reader.report(own, `is missing; write mix: { ${populations.join(': 50%, ')}: 50% }`);
    }
    return {};
  }
  const mix: Record<string, number> = {};
  for (const name of reader.names(path, 'populations and their shares ("shopper: 60%")')) {
    const isWeight = typeof reader.get([...path, name]) === 'number';
    mix[name] = reader.read([...path, name], isWeight ? fields.weight : fields.share, 1);
  }
  return mix;
}
