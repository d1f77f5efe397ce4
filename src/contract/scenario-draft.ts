/**
 * A scenario as its author states it: what follows from the profile and from planned demand
 * (catalogue, stock, probes, built-in journeys) is still to be filled in.
 */
import type {
  Disturbance,
  Journey,
  LoadModel,
  Phase,
  Population,
  PriceChange,
  ProbeShares,
  Restock,
} from './scenario.ts';

/** A built-in journey, wanted under a name of the author's. */
export interface WantedPreset {
  readonly name: string;
  readonly preset: string;
  /** 1 = unhurried, below 1 everybody thinks faster; null: by the length of the run. */
  readonly pace: number | null;
  /** Mean time between two looks at the live stock. */
  readonly pollMs: number;
}

/** How many units an item has when the run starts. */
export type StockRule =
  /** Hot items: planned demand ÷ `demandToStock`; the others never run short. */
  | { readonly kind: 'demand'; readonly demandToStock: number }
  | { readonly kind: 'plenty' }
  /** Stated by rank, in runs; the last one also holds for all further items. */
  | { readonly kind: 'stated'; readonly runs: readonly StockRun[]; readonly demandToStock: number };

export interface StockRun {
  readonly items: number;
  readonly units: number;
}

export interface DraftSale {
  readonly opensAtMs: number;
  readonly closesAtMs: number | null;
  /** Indexes into the catalogue; null: as many of the first as the profile says. */
  readonly hotItems: readonly number[] | null;
  /** Null: the profile's. */
  readonly perCustomer: number | null;
  /** In order of time. */
  readonly restocks: readonly Restock[];
  /** In order of time. */
  readonly priceChanges: readonly PriceChange[];
}

export interface ScenarioDraft {
  readonly name: string;
  readonly title: string;
  readonly model: LoadModel;
  /** Rates and lengths as they will be driven. */
  readonly phases: readonly Phase[];
  readonly populations: readonly Population[];
  readonly journeys: readonly Journey[];
  /** Names of journeys whose number of steps the author did not bound. */
  readonly unboundedJourneys: readonly string[];
  readonly presets: readonly WantedPreset[];
  /** Null: the profile's. */
  readonly items: number | null;
  readonly currency: string;
  readonly zipfExponent: number;
  readonly stock: StockRule;
  readonly sale: DraftSale;
  /** In order of time. */
  readonly disturbances: readonly Disturbance[];
  /** Null: about 1 % of the orders, and enough of them. */
  readonly probes: ProbeShares | null;
  /** Null: what the journeys make likely. */
  readonly requiredGoals: readonly string[] | null;
  /** The highest rate, or number of virtual users, that the author speaks of. */
  readonly peakPerSec: number;
}
