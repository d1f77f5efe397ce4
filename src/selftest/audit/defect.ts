/** What a planted defect is: one mistake of a real shop as data, and what must convict it. */
import type { InvariantId } from '../../audit/invariants.ts';
import type { Clock } from '../../base/clock.ts';
import type { Prng } from '../../base/prng.ts';
import type { AdmissionOptions } from '../../contract/profile.ts';
import type { EventLog } from '../../reference-system/events/event-log.ts';
import type { Outbox } from '../../reference-system/events/relay.ts';
import type { NotificationsService } from '../../reference-system/notifications/notifications-service.ts';
import type { IdSource } from '../../reference-system/orders/id-source.ts';
import type { RunningOrdersService } from '../../reference-system/orders/orders-service.ts';
import type { GatewayClient } from '../../reference-system/payments/gateway-client.ts';
import type {
  ArchiveService,
  CartService,
  CatalogueService,
  InventoryService,
  OrdersService,
  PaymentMessages,
  PaymentService,
  SaleService,
  WaitingRoomService,
} from '../../reference-system/services.ts';
import type {
  Procedure,
  ProcedureModule,
} from '../../reference-system/storage/procedure-module.ts';
import type { Store, StoreName } from '../../reference-system/storage/store.ts';
import type { SaleTraffic } from './sale-traffic.ts';

export type Database = Parameters<ProcedureModule['prepare']>[0];

/** A text that occurs in the schema or a statement of a store, and what stands there instead. */
export interface Rewrite {
  readonly store: StoreName;
  readonly from: string;
  readonly to: string;
}

/** Who may send another request now. */
export interface RequestLimit {
  /** False when the name has used up what it may. */
  take(name: string): boolean;
}

/** Procedures of one store, by name. */
export type Procedures = Record<string, Procedure>;

/**
 * The parts of the shop that a defect takes the place of; each gets what it replaces. Built anew
 * for every life of the shop, so what a replacement remembers is lost in a crash, as it would be.
 */
export interface Replacements {
  readonly strategy?: string;
  readonly rewrites?: readonly Rewrite[];
  /** Those that take the place of real ones, which still can be called. */
  readonly procedures?: Partial<Record<StoreName, (real: Procedures, db: Database) => Procedures>>;
  readonly stores?: Partial<Record<StoreName, (real: Store) => Store>>;
  readonly inventory?: (real: InventoryService) => InventoryService;
  readonly payments?: (real: PaymentService) => PaymentService;
  readonly gatewayLine?: (real: GatewayClient) => GatewayClient;
  readonly orders?: (real: RunningOrdersService) => RunningOrdersService;
  readonly cart?: (real: CartService) => CartService;
  readonly catalogue?: (real: CatalogueService) => CatalogueService;
  readonly sale?: (real: SaleService) => SaleService;
  readonly archive?: (real: ArchiveService) => ArchiveService;
  readonly outbox?: (real: Outbox) => Outbox;
  readonly eventLog?: (real: EventLog) => EventLog;
  readonly notifications?: (real: NotificationsService) => NotificationsService;
  readonly ids?: (real: IdSource) => IdSource;
  /** Where messages of the payment gateway come in, in front of `orders`. */
  readonly messages?: (real: PaymentMessages, orders: OrdersService) => PaymentMessages;
  readonly waitingRoom?: (real: WaitingRoomService) => WaitingRoomService;
  /** What the waiting room goes by; what it promises stays as it is. */
  readonly admission?: (promised: AdmissionOptions) => AdmissionOptions;
  readonly rateLimit?: (real: RequestLimit) => RequestLimit;
  /** The inventory's own clock. */
  readonly inventoryClock?: (real: Clock) => Clock;
}

/** What a replacement may use. */
export interface DefectKit {
  readonly clock: Clock;
  readonly prng: Prng;
  /** 1 for the first life of the shop, one more after each crash. */
  readonly life: number;
  /** Where the shop keeps its files. */
  readonly dataDir: string;
  /** Requests per second of one customer. */
  readonly perUserPerSec: number;
  /** False once the life that this belongs to has ended: nothing more may then be done. */
  isAlive(): boolean;
}

export interface Defect {
  readonly id: string;
  /** One plain sentence. */
  readonly text: string;
  /** It must convict, whatever else does. */
  readonly invariant: InvariantId;
  /** What must happen for it to show. */
  readonly traffic?: Partial<SaleTraffic>;
  readonly plant: (kit: DefectKit) => Replacements;
}
