/** Evidence in plain words. Ids come from a target, so they are made visible and kept short. */
import { formatMoney } from '../base/units.ts';
import { PROBE_JOURNEY } from '../contract/history.ts';
import type { ChargeRow, HoldRow, OrderRow } from '../contract/ledger.ts';
import type { CatalogueItem } from '../contract/scenario.ts';
import type { Attempt } from './attempt.ts';

const TEXT_SHOWN = 60;
/** Controls, separators, invisible and direction-changing characters, halves of pairs. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/** Foreign text that can do nothing to a terminal or a page but be read. */
export function shown(text: string): string {
  const cut = text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}…` : text;
  return cut.replace(UNSAFE, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

export interface DescribeOptions {
  readonly catalogue: readonly CatalogueItem[];
  readonly currency: string;
  /** Offset of T0 from instant 0 of the history. */
  readonly opensAtUs: number;
  /** Host-wide µs of instant 0 of the history. */
  readonly startUs: number;
}

export class Describer {
  readonly #options: DescribeOptions;

  constructor(options: DescribeOptions) {
    this.#options = options;
  }

  /** An instant of the history, relative to the opening of the sale. */
  at(historyUs: number): string {
    const ms = (historyUs - this.#options.opensAtUs) / 1000;
    return `T0${ms < 0 ? '-' : '+'}${Math.abs(ms).toFixed(3)} ms`;
  }

  /** An instant of a ledger (host-wide). */
  atHost(hostUs: number): string {
    return this.at(hostUs - this.#options.startUs);
  }

  item(item: number): string {
    const sku = this.#options.catalogue[item]?.sku;
    return sku === undefined ? `item ${item}` : shown(sku);
  }

  money(minor: number): string {
    return formatMoney(minor, this.#options.currency);
  }

  attempt(attempt: Attempt): string {
    const { operation, outcome, reason, units, item, customer, journey } = attempt;
    const again = attempt.attempt > 1 ? ` (attempt ${attempt.attempt})` : '';
    const who = journey === PROBE_JOURNEY ? 'probe' : `journey ${journey}`;
    const what = item < 0 ? operation : `${operation} of ${units} × ${this.item(item)}`;
    const why = reason === 'none' ? '' : ` (${reason})`;
    const facts = [
      fact('order', attempt.orderId),
      fact('status', attempt.orderStatus),
      fact('checkout', attempt.checkoutId),
      fact('key', attempt.key),
      attempt.stock === -1 ? '' : `stock ${attempt.stock}`,
      attempt.totalMinor < 0 ? '' : this.money(attempt.totalMinor),
      attempt.expiresUs === -1 ? '' : `held until ${this.at(attempt.expiresUs)}`,
      attempt.replayed ? 'marked as replay' : '',
    ].filter((text) => text !== '');
    const answer = [`${outcome}${why}`, ...facts].join(', ');
    const span = `${this.at(attempt.invokedUs)} to ${this.at(attempt.doneUs)}`;
    return `${span}: ${who}, customer ${customer}: ${what}${again} → ${answer}`;
  }

  order(row: OrderRow): string {
    const lines = row.lines.map((line) => `${line.units} × ${shown(line.sku)}`).join(', ');
    const facts = [
      fact('key', row.key),
      fact('checkout', row.checkoutId),
      row.confirmedSeq > 0 ? `confirmed as number ${row.confirmedSeq}` : '',
      row.returnedSeq > 0 ? `returned at number ${row.returnedSeq}` : '',
    ].filter((text) => text !== '');
    return (
      `shop's ledger: order ${shown(row.id)} of ${shown(row.customer)}: ${lines}, ` +
      [`${this.money(row.totalMinor)}`, `status ${shown(row.status)}`, ...facts].join(', ')
    );
  }

  charge(row: ChargeRow): string {
    return (
      `gateway's ledger, ${this.atHost(row.atUs)}: charge ${shown(row.id)} for order ` +
      `${shown(row.orderId)}: ${this.money(row.amountMinor)}, ${shown(row.status)}`
    );
  }

  hold(row: HoldRow): string {
    const end =
      row.resolvedAtUs > 0 ? `${shown(row.state)} ${this.atHost(row.resolvedAtUs)}` : 'still held';
    return (
      `shop's ledger: hold of ${row.units} × ${shown(row.sku)} for checkout ` +
      `${shown(row.checkoutId)}, made ${this.atHost(row.createdAtUs)}, to expire ` +
      `${this.atHost(row.expiresAtUs)}: ${end}, resolved ${row.resolutions} times`
    );
  }
}

function fact(name: string, value: string): string {
  return value === '' ? '' : `${name} ${shown(value)}`;
}
