/** What the parent and its child processes say to each other over IPC; secrets travel only here. */
import type { ErrorCode } from '../../base/errors.ts';
import type { PaymentOptions, SystemOptions } from '../../contract/profile.ts';

export type Role = 'shop' | 'payment-gateway';

/** Common to both roles. */
interface RoleStart {
  readonly seed: number;
  /** Folder of this role's own files; exists already. */
  readonly dataDir: string;
  /** Required by every request on a control port. */
  readonly secret: string;
  /** Signs what gateway and shop tell each other by themselves. */
  readonly callbackSecret: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly controlPort: number;
}

export interface ShopStart extends RoleStart {
  readonly role: 'shop';
  readonly system: SystemOptions;
  readonly instance: string;
  /** Signs access tokens; the same for every restart of one system, so that tokens stay valid. */
  readonly tokenSecret: string;
  /** Signs the addresses that a load generator states for its shoppers; '' when nobody may. */
  readonly addressSecret: string;
  readonly gatewayOrigin: string;
  /** Artificial delay after each commit; only benchmarks set it. */
  readonly extraSyncMs: number;
}

export interface GatewayStart extends RoleStart {
  readonly role: 'payment-gateway';
  readonly payment: PaymentOptions;
}

export type ChildStart = ShopStart | GatewayStart;

export type ToChild =
  /**
   * Loads the role's modules while the other process is still starting. `temporaryRoot` is removed
   * when the parent dies; null when the data is to be kept.
   */
  | { readonly kind: 'load'; readonly role: Role; readonly temporaryRoot: string | null }
  | { readonly kind: 'start'; readonly start: ChildStart }
  | { readonly kind: 'stop' };

export interface ReadyMessage {
  readonly kind: 'ready';
  readonly port: number;
  readonly controlPort: number;
}

export interface FailedMessage {
  readonly kind: 'failed';
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: readonly string[];
}

export type FromChild = ReadyMessage | FailedMessage;

/** What a role gives to the process that carries it. */
export interface RunningRole {
  readonly port: number;
  readonly controlPort: number;
  /** Orderly end: finishes what is in hand and closes the stores. */
  stop(): Promise<void>;
}
