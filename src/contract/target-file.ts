/** A target file as it was read and checked: what is sent, and what only the coordinator knows. */
import type { TargetMapping } from './target-mapping.ts';

/** A value that came from the environment: it is sent, and shown as `{env.NAME}` everywhere. */
export interface Secret {
  readonly name: string;
  readonly value: string;
}

export interface TargetFile {
  /** With the values of the environment in place: to be sent, never to be shown or stored. */
  readonly mapping: TargetMapping;
  /** The base address as it was written. */
  readonly shownUrl: string;
  readonly secrets: readonly Secret[];
  /** What the consent of a public host's owner is bound to; '' when the file has none. */
  readonly runKey: string;
  /** Nobody else buys while the run lasts. */
  readonly exclusive: boolean;
  /** How long a checkout holds its units; null when the file does not say. */
  readonly holdTtlMs: number | null;
}

/** Shorter values would blank out half of every text, and are no secrets. */
const SHORTEST_SECRET = 4;

/** Text as it may be shown: every value of the environment replaced by its placeholder. */
export function withoutSecrets(text: string, secrets: readonly Secret[]): string {
  let shown = text;
  for (const { name, value } of secrets) {
    if (value.length < SHORTEST_SECRET) continue;
    for (const form of new Set([
      value,
      encodeURIComponent(value),
      JSON.stringify(value).slice(1, -1),
    ])) {
      shown = shown.replaceAll(form, `{env.${name}}`);
    }
  }
  return shown;
}
