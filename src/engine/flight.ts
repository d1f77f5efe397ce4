/** A call on its way with what the engine must remember of it; pooled, never garbage. */
import type { Call } from '../contract/call.ts';

export interface Flight extends Call {
  ordinal: number;
  population: number;
  /** Phase that the intended instant lies in. */
  phase: number;
  /** intendedAtUs relative to the start of the load. */
  plannedUs: number;
  /** Code of `operation`, looked up once when it is sent. */
  code: number;
  /** plannedUs of the operation's first attempt, and the phase that it lies in. */
  firstPlannedUs: number;
  operationPhase: number;
  /** An impatient second click: an attempt that is no operation of its own. */
  secondClick: boolean;
  /** µs until the second click on this order; -1 for none. */
  clickGapUs: number;
  /** orderReplay or orderChanged to send once this order is answered; '' for none. */
  followUp: '' | 'orderReplay' | 'orderChanged';
  /** Position among the operations in flight; -1 once settled. */
  position: number;
}

/**
 * One literal with every field of a call: an object made by spreading another one keeps further
 * fields outside of itself, which costs the engine half of its time.
 */
function createFlight(): Flight {
  return {
    operation: 'home',
    customer: 0,
    item: -1,
    quantity: 1,
    direct: false,
    key: '',
    checkoutId: '',
    orderId: '',
    variate: 0,
    instantPayment: false,
    timeoutMs: 0,
    loginStep: 0,
    attempt: 1,
    values: null,
    intendedAtUs: 0,
    dispatchedAtUs: 0,
    sentAtUs: 0,
    firstByteAtUs: 0,
    doneAtUs: 0,
    outcome: 'unknown',
    reason: 'none',
    status: 0,
    bytesReceived: 0,
    bytesSent: 0,
    connectUs: 0,
    gotCheckoutId: '',
    gotOrderId: '',
    gotOrderStatus: '',
    gotUnits: -1,
    gotTotalMinor: -1,
    gotStock: -1,
    gotExpiresAtUs: -1,
    gotTicket: -1,
    gotReplayed: false,
    slot: -1,
    ordinal: 0,
    population: 0,
    phase: 0,
    plannedUs: 0,
    code: 0,
    firstPlannedUs: 0,
    operationPhase: 0,
    secondClick: false,
    clickGapUs: -1,
    followUp: '',
    position: -1,
  };
}

/** What an overloaded target let pile up is given back: each takes about a kilobyte. */
const IDLE_MAX = 16_384;

/** Operations in flight, and idle objects for the next ones. */
export class FlightDeck {
  readonly #flying: Flight[] = [];
  readonly #idle: Flight[] = [];

  get size(): number {
    return this.#flying.length;
  }

  take(): Flight {
    const flight = this.spare();
    this.launch(flight);
    return flight;
  }

  /** An object that is not in flight yet; `launch` or `recycle` it. */
  spare(): Flight {
    return this.#idle.pop() ?? createFlight();
  }

  launch(flight: Flight): void {
    flight.position = this.#flying.length;
    this.#flying.push(flight);
  }

  /** Removes it from those in flight; its object stays the caller's until `recycle`. */
  land(flight: Flight): void {
    const last = this.#flying.pop() as Flight;
    if (last !== flight) {
      this.#flying[flight.position] = last;
      last.position = flight.position;
    }
    flight.position = -1;
  }

  recycle(flight: Flight): void {
    if (this.#idle.length < IDLE_MAX) this.#idle.push(flight);
  }

  /** Any one in flight, or undefined. */
  any(): Flight | undefined {
    return this.#flying[this.#flying.length - 1];
  }
}
