/** Many may be inside, or one alone: who wants to be alone waits until the others have left. */
export class Gate {
  #inside = 0;
  /** Set while somebody is alone or waits to be. */
  #closed: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  async with<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed !== undefined) await this.#closed;
    this.#inside++;
    try {
      return await work();
    } finally {
      this.#inside--;
      if (this.#inside === 0) this.#onEmpty?.();
    }
  }

  async alone(work: () => Promise<void>): Promise<void> {
    while (this.#closed !== undefined) await this.#closed;
    let open = (): void => {};
    this.#closed = new Promise((resolve) => {
      open = resolve;
    });
    try {
      if (this.#inside > 0) {
        await new Promise<void>((resolve) => {
          this.#onEmpty = resolve;
        });
      }
      await work();
    } finally {
      this.#onEmpty = undefined;
      this.#closed = undefined;
      open();
    }
  }
}
