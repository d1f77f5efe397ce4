// A small closed-loop driver for the shop's benchmark: a number of shoppers without think time,
// each on a connection of its own, with latencies per operation.

// @ts-check
import { Client } from 'undici';

/**
 * @typedef {{ method: 'GET' | 'POST', path: string, body?: object, token?: string, key?: string }} Ask
 * @typedef {{ status: number, body: any, latencyMs: number }} Answer
 */

export class Latencies {
  /** @type {Map<string, number[]>} */
  #byName = new Map();
  /** @type {Map<string, number>} */
  statuses = new Map();

  /** @param {string} name @param {Answer} answer */
  add(name, answer) {
    const list = this.#byName.get(name) ?? [];
    if (list.length === 0) this.#byName.set(name, list);
    list.push(answer.latencyMs);
    const status = `${name} ${answer.status}`;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  get total() {
    return [...this.#byName.values()].reduce((sum, list) => sum + list.length, 0);
  }

  /** @param {string} name @param {number} status */
  count(name, status) {
    return this.statuses.get(`${name} ${status}`) ?? 0;
  }

  /** @returns {{ name: string, count: number, p50: number, p99: number, max: number }[]} */
  rows() {
    return [...this.#byName].map(([name, list]) => {
      const sorted = Float64Array.from(list).sort();
      const at = (/** @type {number} */ q) =>
        sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN;
      return { name, count: list.length, p50: at(0.5), p99: at(0.99), max: at(1) };
    });
  }
}

class Connection {
  #client;

  /** @param {string} origin */
  constructor(origin) {
    this.#client = new Client(origin, { pipelining: 1 });
  }

  /** @param {Ask} ask @returns {Promise<Answer>} */
  send(ask) {
    const startMs = performance.now();
    /** @type {Record<string, string>} */
    const headers = ask.token === undefined ? {} : { authorization: `Bearer ${ask.token}` };
    if (ask.body !== undefined) headers['content-type'] = 'application/json';
    if (ask.key !== undefined) headers['idempotency-key'] = ask.key;
    return new Promise((resolve, reject) => {
      let status = 0;
      /** @type {Buffer[]} */
      const chunks = [];
      this.#client.dispatch(
        {
          method: ask.method,
          path: ask.path,
          headers,
          body: ask.body === undefined ? null : JSON.stringify(ask.body),
        },
        {
          onRequestStart() {},
          onResponseStart(_controller, code) {
            status = code;
          },
          onResponseData(_controller, chunk) {
            chunks.push(chunk);
          },
          onResponseEnd() {
            const latencyMs = performance.now() - startMs;
            const text = Buffer.concat(chunks).toString();
            resolve({ status, latencyMs, body: text === '' ? undefined : JSON.parse(text) });
          },
          onResponseError(_controller, error) {
            reject(error);
          },
        },
      );
    });
  }

  close() {
    return this.#client.destroy();
  }
}

/**
 * Runs `shoppers` loops of `journey` for `durationMs` after `warmupMs`.
 * @param {{ origin: string, shoppers: number, warmupMs: number, durationMs: number,
 *   onMeasure?: () => Promise<void>,
 *   journey: (send: (name: string, ask: Ask) => Promise<Answer>, shopper: number) => Promise<void> }} options
 */
export async function drive(options) {
  const connections = Array.from(
    { length: options.shoppers },
    () => new Connection(options.origin),
  );
  let latencies = new Latencies();
  let stopping = false;
  const loops = connections.map(async (connection, shopper) => {
    const send = async (/** @type {string} */ name, /** @type {Ask} */ ask) => {
      const answer = await connection.send(ask);
      latencies.add(name, answer);
      return answer;
    };
    while (!stopping) await options.journey(send, shopper);
  });
  const wait = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
  await Promise.race([wait(options.warmupMs), Promise.all(loops)]);
  latencies = new Latencies();
  await options.onMeasure?.();
  const startMs = performance.now();
  await Promise.race([wait(options.durationMs), Promise.all(loops)]);
  const measured = latencies;
  const seconds = (performance.now() - startMs) / 1000;
  latencies = new Latencies();
  stopping = true;
  await Promise.all(loops);
  await Promise.all(connections.map((connection) => connection.close()));
  return { latencies: measured, seconds };
}
