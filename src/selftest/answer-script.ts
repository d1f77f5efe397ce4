/**
 * What the truth server does with request number n: a pure function of the seed and n, so that
 * every delay is known before the first request is sent.
 */
import { type Distribution, sampleMs } from '../base/distributions.ts';
import { Prng } from '../base/prng.ts';

/** `reset`: the connection is reset before a byte of the answer, `cut`: in the middle of it. */
export const FATES = ['answered', 'reset', 'cut'] as const;
export type Fate = (typeof FATES)[number];

/** Serialisable. */
export interface ScriptSpec {
  readonly seed: number;
  readonly name: string;
  /** One of them is drawn by weight for each request. */
  readonly delays: readonly { readonly weight: number; readonly delay: Distribution }[];
  readonly capMs: number;
  /** The body leaves in so many pieces, evenly spread over the delay. */
  readonly pieces: number;
  /** Share of requests whose connection is reset: half of them before, half amid the answer. */
  readonly resetShare: number;
  /**
   * Request n is the one whose token is n. With virtual users (their number; 0 for none) the token
   * is the user's, and the server counts: the k-th request of user v is number k · users + v.
   */
  readonly users: number;
}

export interface ScriptedAnswer {
  /** From the receipt of the request to its last byte. */
  readonly delayMs: number;
  readonly fate: Fate;
}

export class AnswerScript {
  readonly spec: ScriptSpec;
  readonly #base: Prng;
  readonly #draw = new Prng(0);
  readonly #weightSum: number;

  constructor(spec: ScriptSpec) {
    this.spec = spec;
    this.#base = new Prng(spec.seed, `truth ${spec.name}`);
    this.#weightSum = spec.delays.reduce((sum, { weight }) => sum + weight, 0);
  }

  answerTo(number: number): ScriptedAnswer {
    const { resetShare, capMs } = this.spec;
    this.#draw.seek(this.#base, number, 0);
    const lot = this.#draw.unit();
    const fate = lot < resetShare / 2 ? 'reset' : lot < resetShare ? 'cut' : 'answered';
    return { delayMs: Math.min(capMs, sampleMs(this.#drawDelay(), this.#draw)), fate };
  }

  #drawDelay(): Distribution {
    let left = this.#draw.unit() * this.#weightSum;
    for (const { weight, delay } of this.spec.delays) {
      left -= weight;
      if (left < 0) return delay;
    }
    return { kind: 'constant', ms: 0 };
  }
}
