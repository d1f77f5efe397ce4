/** What is tried and searched beside the load, for the audit alone. */

/** One request for what belongs to another customer, sent after the load. */
export interface ForeignProbe {
  readonly action: 'read' | 'readByKey' | 'cancel' | 'pay' | 'list';
  /** Customer whose order or checkout it is. */
  readonly owner: number;
  /** Customer who asked; -1: nobody, without a token. */
  readonly intruder: number;
  /** Id of the order or checkout. */
  readonly subject: string;
  /** HTTP status; 0 without a complete answer. */
  readonly status: number;
  /** The answer names the order of the owner. */
  readonly leaked: boolean;
}

/** Where a search of everything that is stored found a card number, or what looks like one. */
export interface CardFinding {
  /** Name of the file. */
  readonly place: string;
  /** `sent`: a number that the load paid with · `shaped`: reads like the number of a card. */
  readonly kind: 'sent' | 'shaped';
  /** With all digits but the first six and the last four hidden. */
  readonly masked: string;
  readonly offsetBytes: number;
}

export interface CardScan {
  /** Card numbers of the load that were searched for; 0 where it pays with none. */
  readonly numbersSent: number;
  readonly files: number;
  readonly bytes: number;
  /** The first of them; `found` counts all. */
  readonly findings: readonly CardFinding[];
  readonly found: number;
  /** Why something could not be searched; '' when all was. */
  readonly problem: string;
}

/** What a stranger asks for: an order or checkout of `owner`. */
export interface ForeignQuestion {
  readonly action: ForeignProbe['action'];
  readonly owner: number;
  readonly intruder: number;
  /** Token of the intruder; '' for none. */
  readonly token: string;
  /** Id of the order, or of the checkout that is paid for. */
  readonly subject: string;
  /** readByKey: the owner's idempotency key; pay: a new one. */
  readonly key: string;
}
