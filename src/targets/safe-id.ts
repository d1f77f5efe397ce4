/** Ids from a target go back into paths, headers and bodies: only harmless ones may. */

const SAFE_ID = /^[A-Za-z0-9_.:-]{1,200}$/;

/** `.` and `..` are path segments of their own meaning. */
export function isSafeId(value: unknown): value is string {
  return typeof value === 'string' && SAFE_ID.test(value) && value !== '.' && value !== '..';
}

/** A bearer token (RFC 6750, `b64token`), of at most 4 KiB. */
const SAFE_TOKEN = /^[A-Za-z0-9._~+/-]{1,4096}=*$/;

export function isSafeToken(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 4096 && SAFE_TOKEN.test(value);
}
