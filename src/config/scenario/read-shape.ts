/** The rate curve of one phase, in words and units of a person. */
import type { RatePoint, RateShape, Surge } from '../../contract/scenario.ts';
import type { Path } from '../document.ts';
import { type DocumentReader, isGroup } from '../document-reader.ts';
import { nameOf } from '../fields.ts';
import { quoteValue } from '../problem.ts';
import { lengthField, levelField, type Scale } from './written-levels.ts';

/** The fields of each kind beside `kind`. */
const FIELDS = {
  constant: ['rate'],
  ramp: ['from', 'to'],
  steps: ['steps'],
  drop: ['base', 'peak', 'decay'],
  'peak-after-start': ['base', 'peak', 'mode'],
  plateau: ['base', 'peak', 'surge', 'sustain', 'fall'],
  'double-hump': ['base', 'humps'],
  diurnal: ['low', 'high', 'period', 'highAt', 'spikes'],
  replay: ['file', 'gaps', 'points'],
} as const satisfies Record<RateShape['kind'], readonly string[]>;

export const SHAPE_KINDS = Object.keys(FIELDS) as readonly RateShape['kind'][];
const NOBODY: RateShape = { kind: 'constant', perSec: 0 };
const MIN_LENGTH_MS = 0.001;

export interface ShapeContext {
  readonly reader: DocumentReader;
  readonly scale: Scale;
  readonly isMeasured: boolean;
  /** The points of the CSV file named at a path; undefined when it could not be used. */
  readonly replayOf: (path: Path) => readonly RatePoint[] | undefined;
}

/** `100/s`, `10/s..100/s`, or a group with `kind` and its fields. */
export function readShape(context: ShapeContext, path: Path): RateShape {
  const { reader } = context;
  const value = reader.get(path);
  if (value === undefined) {
    reader.report(path, 'is missing; write shape: 100/s, or shape: { kind: … }');
    return NOBODY;
  }
  if (!isGroup(value)) return readShortForm(context, path, value);
  const kind = reader.require(
    [...path, 'kind'],
    nameOf('a kind of shape', SHAPE_KINDS),
    'constant',
  );
  if (reader.isWrong([...path, 'kind'])) return NOBODY;
  reader.allow(path, ['kind', ...FIELDS[kind]]);
  return new ShapeReader(context, path).read(kind);
}

function readShortForm(context: ShapeContext, path: Path, value: unknown): RateShape {
  const { reader, scale } = context;
  const [from, to, ...more] = typeof value === 'string' ? value.split('..') : [];
  if (to === undefined) {
    return { kind: 'constant', perSec: reader.read(path, levelField(scale), 0) };
  }
  const field = levelField(scale);
  const ends = [from, to].map((text) => field.safeParse((text ?? '').trim()));
  const [first, last] = ends;
  if (more.length === 0 && first?.success === true && last?.success === true) {
    return { kind: 'ramp', fromPerSec: first.data, toPerSec: last.data };
  }
  const example = scale.kind === 'open' ? '10/s..100/s' : '10%..100%';
  reader.report(path, `${quoteValue(value)} is not a ramp; write it like ${example}`);
  return NOBODY;
}

class ShapeReader {
  readonly #context: ShapeContext;
  readonly #path: Path;

  constructor(context: ShapeContext, path: Path) {
    this.#context = context;
    this.#path = path;
  }

  read(kind: RateShape['kind']): RateShape {
    switch (kind) {
      case 'constant':
        return { kind, perSec: this.#level('rate') };
      case 'ramp':
        return { kind, fromPerSec: this.#level('from'), toPerSec: this.#level('to') };
      case 'steps':
        return { kind, steps: this.#steps() };
      case 'drop':
        return { kind, ...this.#baseAndPeak(), decayMs: this.#length('decay') };
      case 'peak-after-start': {
        const ends = this.#baseAndPeak();
        if (this.#get('mode') === undefined) return { kind, ...ends };
        return { kind, ...ends, modeMs: this.#length('mode') };
      }
      case 'plateau': {
        const [surgeMs, fallMs] = [this.#length('surge', 0), this.#length('fall', 0)];
        return {
          kind,
          ...this.#baseAndPeak(),
          surgeMs,
          sustainMs: this.#length('sustain'),
          fallMs,
        };
      }
      case 'double-hump': {
        const [first, second, ...more] = this.#surges('humps');
        if (first === undefined || second === undefined || more.length > 0) {
          this.#context.reader.report([...this.#path, 'humps'], 'must list two humps');
          return NOBODY;
        }
        return { kind, basePerSec: this.#level('base'), humps: [first, second] };
      }
      case 'diurnal':
        return {
          kind,
          lowPerSec: this.#level('low'),
          highPerSec: this.#level('high'),
          periodMs: this.#length('period'),
          highAtMs: this.#length('highAt', 0),
          spikes: this.#surges('spikes'),
        };
      case 'replay':
        return this.#replay();
    }
  }

  #get(name: string): unknown {
    return this.#context.reader.get([...this.#path, name]);
  }

  #level(name: string): number {
    return this.#levelAt([...this.#path, name]);
  }

  #levelAt(path: Path): number {
    const { reader, scale } = this.#context;
    return reader.require(path, levelField(scale), 0);
  }

  #length(name: string, minMs = MIN_LENGTH_MS): number {
    return this.#lengthAt([...this.#path, name], minMs);
  }

  #lengthAt(path: Path, minMs: number): number {
    const { reader, scale, isMeasured } = this.#context;
    return reader.require(path, lengthField(scale, isMeasured, minMs), 1);
  }

  #baseAndPeak(): { readonly basePerSec: number; readonly peakPerSec: number } {
    return { basePerSec: this.#level('base'), peakPerSec: this.#level('peak') };
  }

  #steps(): { readonly durationMs: number; readonly perSec: number }[] {
    return this.#entries('steps', ['duration', 'rate'], '[{ duration: 10s, rate: 100/s }]').map(
      (at) => ({
        durationMs: this.#lengthAt([...at, 'duration'], MIN_LENGTH_MS),
        perSec: this.#levelAt([...at, 'rate']),
      }),
    );
  }

  #surges(name: string): Surge[] {
    const example = '[{ at: 10s, surplus: 100/s, decay: 5s }]';
    return this.#entries(name, ['at', 'surplus', 'decay'], example).map((at) => ({
      atMs: this.#lengthAt([...at, 'at'], 0),
      surplusPerSec: this.#levelAt([...at, 'surplus']),
      decayMs: this.#lengthAt([...at, 'decay'], MIN_LENGTH_MS),
    }));
  }

  #entries(name: string, fields: readonly string[], example: string): Path[] {
    return this.#context.reader.entries([...this.#path, name], fields, example);
  }

  #replay(): RateShape {
    const { reader, replayOf } = this.#context;
    if ((this.#get('file') === undefined) === (this.#get('points') === undefined)) {
      reader.report(this.#path, 'a replay needs either file: traffic.csv or points: [[0s, 10/s]]');
      return NOBODY;
    }
    if (this.#get('file') === undefined) return { kind: 'replay', points: this.#points() };
    const points = replayOf(this.#path);
    if (points !== undefined) return { kind: 'replay', points: this.#scaled(points) };
    reader.markWrong(this.#path);
    return NOBODY;
  }

  #scaled(points: readonly RatePoint[]): readonly RatePoint[] {
    const { scale, isMeasured } = this.#context;
    scale.onAbsolute(points.reduce((most, { perSec }) => Math.max(most, perSec), 0));
    const lengthFactor = isMeasured ? scale.lengthFactor : 1;
    if (lengthFactor === 1 && scale.levelFactor === 1) return points;
    return points.map(({ atMs, perSec }) => ({
      atMs: atMs * lengthFactor,
      perSec: perSec * scale.levelFactor,
    }));
  }

  #points(): RatePoint[] {
    const { reader } = this.#context;
    const list = [...this.#path, 'points'];
    const length = reader.length(list, '[[0s, 10/s], [30s, 100/s]]');
    return Array.from({ length }, (_, index) => {
      const at = [...list, index];
      const pair = reader.get(at);
      if (Array.isArray(pair) && pair.length === 2) {
        return { atMs: this.#lengthAt([...at, 0], 0), perSec: this.#levelAt([...at, 1]) };
      }
      reader.report(at, 'is not a point; write it like [30s, 100/s]');
      return { atMs: 0, perSec: 0 };
    });
  }
}
