/**
 * One store read for all who ask for the same thing while it is on its way. Whoever joins sees a
 * state no older than any answer given before: answers leave in the order of commits, and none of a
 * later commit has left while this one is awaited.
 */
export class SharedReads<T> {
  readonly #read: (key: string) => Promise<T>;
  readonly #underWay = new Map<string, Promise<T>>();

  constructor(read: (key: string) => Promise<T>) {
    this.#read = read;
  }

  get(key: string): Promise<T> {
    const joined = this.#underWay.get(key);
    if (joined !== undefined) return joined;
    const forget = (): void => {
      this.#underWay.delete(key);
    };
    const reading = this.#read(key);
    this.#underWay.set(key, reading);
    reading.then(forget, forget);
    return reading;
  }
}
