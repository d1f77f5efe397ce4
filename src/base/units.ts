/** Conversion between what people write (`1m30s`, `24k/min`, `4%`) and numbers with units. */

const DURATION_PART = /(\d+(?:\.\d+)?)(us|µs|ms|s|m|h|d)/y;
const MS_PER: Readonly<Record<string, number>> = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `30s`, `1m30s`, `250ms`, `0` → milliseconds; undefined when it is not a duration. */
export function parseDurationMs(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  if (trimmed === '' || trimmed.length > 40) return undefined;
  let totalMs = 0;
  DURATION_PART.lastIndex = 0;
  while (DURATION_PART.lastIndex < trimmed.length) {
    const match = DURATION_PART.exec(trimmed);
    if (match === null) return undefined;
    totalMs += Number(match[1]) * (MS_PER[match[2] ?? ''] ?? Number.NaN);
  }
  return Number.isFinite(totalMs) ? totalMs : undefined;
}

const RATE = /^(\d+(?:\.\d+)?)\s*([kKM]?)\s*\/\s*(s|sec|min|m|h)$/;
const SECONDS_PER: Readonly<Record<string, number>> = { s: 1, sec: 1, min: 60, m: 60, h: 3600 };
const MULTIPLIER: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, M: 1e6 };

/** `400/s`, `24k/min` → events per second; undefined when it is not a rate. */
export function parseRatePerSec(text: string): number | undefined {
  const match = RATE.exec(text.trim());
  if (match === null) return undefined;
  const value = Number(match[1]) * (MULTIPLIER[match[2] ?? ''] ?? 1);
  return value / (SECONDS_PER[match[3] ?? 's'] ?? 1);
}

/** `4%` → 0.04, also plain `0.04`; undefined when neither. */
export function parseRatio(text: string): number | undefined {
  const trimmed = text.trim();
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(trimmed);
  if (percent !== null) return Number(percent[1]) / 100;
  if (!/^\d+(?:\.\d+)?$/.test(trimmed)) return undefined;
  return Number(trimmed);
}

/** Milliseconds for a person: `812 µs`, `4.21 ms`, `38.4 ms`, `1.25 s`, `2m05s`. */
export function formatMs(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 0.9995) return `${Math.round(ms * 1000)} µs`;
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}

/** A duration as it would be written in a profile: `20s`, `1m30s`, `250ms`. */
export function formatDuration(ms: number): string {
  if (ms < 1000 || ms % 1000 !== 0) return ms < 1000 ? `${ms}ms` : `${ms / 1000}s`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds}s`;
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)}m${rest === 0 ? '' : `${rest}s`}`;
}

/** `12,345` with a comma for thousands, whatever the locale of the machine. */
export function formatCount(value: number): string {
  const [whole, fraction] = String(Math.abs(value)).split('.');
  const grouped = (whole ?? '').replace(/\B(?=(\d{3})+$)/g, ',');
  return `${value < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Decimal units, as networks are measured: `950 B`, `18.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : Number(value.toPrecision(3))} ${units[unit]}`;
}

/** `1,234/s`, `87.3/s`, `2.31/s`. */
export function formatPerSec(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${formatCount(Number(value.toFixed(digits)))}/s`;
}

/** 0.0123 → `1.23%`. */
export function formatRatio(ratio: number): string {
  if (!Number.isFinite(ratio)) return '–';
  const percent = ratio * 100;
  const digits = percent >= 10 || percent === 0 ? 1 : 2;
  return `${percent.toFixed(digits)}%`;
}

/** Minor units with the currency's own number of decimals: (199900, 'EUR') → `1,999.00 EUR`. */
export function formatMoney(minor: number, currency: string): string {
  const decimals = CURRENCY_DECIMALS[currency] ?? 2;
  const perUnit = 10 ** decimals;
  // Whole numbers throughout: a quotient of large amounts would be rounded.
  const rest = Math.abs(minor) % perUnit;
  const whole = formatCount((Math.abs(minor) - rest) / perUnit);
  const fraction = decimals === 0 ? '' : `.${String(rest).padStart(decimals, '0')}`;
  return `${minor < 0 ? '-' : ''}${whole}${fraction} ${currency}`;
}

/** ISO 4217 exponents that differ from 2 among the currencies that are supported. */
const CURRENCY_DECIMALS: Readonly<Record<string, number>> = { JPY: 0, KRW: 0, KWD: 3, BHD: 3 };

/** Wall-clock milliseconds since 1970 → ISO 8601 in UTC, `2026-01-02T03:04:05.678Z`. */
export function formatIsoTime(wallMs: number): string {
  return new Date(wallMs).toISOString();
}

/** A date and time in ISO 8601 → milliseconds since 1970; undefined when it is not one. */
export function parseIsoTimeMs(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isFinite(ms) ? ms : undefined;
}
