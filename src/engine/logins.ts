/** Sessions of the coordinator's own probes: each customer logs in once, before the first question. */
import type { Call } from '../contract/call.ts';

/** Sends one step of the login with what the earlier ones gave. */
type LoginStep = (step: number, values: string[] | null) => Promise<Call>;

export class Logins {
  /** How many requests a login takes; 0: nobody logs in. */
  readonly steps: number;
  readonly #values = new Map<number, Promise<string[] | null>>();

  constructor(steps: number) {
    this.steps = steps;
  }

  /** What the target gave this customer so far; a login that failed is tried again. */
  of(customer: number, send: LoginStep): Promise<string[] | null> {
    const known = this.#values.get(customer);
    if (known !== undefined) return known;
    const values = this.#logIn(customer, send);
    this.#values.set(customer, values);
    return values;
  }

  learn(customer: number, values: string[] | null): void {
    if (values !== null) this.#values.set(customer, Promise.resolve(values));
  }

  async #logIn(customer: number, send: LoginStep): Promise<string[] | null> {
    let values: string[] | null = null;
    for (let step = 0; step < this.steps; step++) {
      const answered = await send(step, values);
      values = answered.values;
      if (answered.outcome === 'ok') continue;
      this.#values.delete(customer);
      return values;
    }
    return values;
  }
}
