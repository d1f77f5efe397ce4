/** What the selftest and its truth server say to each other over IPC. */
import type { ScriptSpec } from './answer-script.ts';

export type ToTruthServer =
  | { readonly kind: 'play'; readonly script: ScriptSpec }
  | { readonly kind: 'freeze'; readonly fromUs: number; readonly untilUs: number }
  | { readonly kind: 'collect' };

export type FromTruthServer =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'playing' }
  | { readonly kind: 'log'; readonly rows: Float64Array };
