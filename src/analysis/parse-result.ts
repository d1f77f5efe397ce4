/** Text that claims to be a result.json → a RunResult, or every reason why it is none. */
import { readFileSync } from 'node:fs';
import { EcomsimError, messageOf } from '../base/errors.ts';
import type { RunResult } from '../contract/run-result.ts';
import { type Schema, schemaProblems } from './schema-check.ts';

/** A day of seconds takes about 25 MB. */
const MAX_CHARACTERS = 64 * 1024 * 1024;
const SCHEMA_VERSION = 1;
/** Shipped beside the code, whether that runs from src/ or from dist/. */
const SCHEMA_FILE = new URL('../../schema/result-v1.schema.json', import.meta.url);

/**
 * Unknown properties are kept: a later writer of the same version may have added them. Throws
 * EcomsimError INVALID_RESULT whose details name every problem. Strings in the result are whatever
 * the file says and must be escaped where they are shown.
 */
export function parseResult(text: string): RunResult {
  if (text.length > MAX_CHARACTERS) {
    throw invalid(`is larger than ${MAX_CHARACTERS / 1024 / 1024} MiB`);
  }
  const value = parseJson(text);
  checkVersion(value);
  const problems = schemaProblems(value, resultSchema());
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    throw invalid(`is no valid result (${count})`, problems);
  }
  return value as RunResult;
}

function invalid(what: string, details: readonly string[] = [], cause?: unknown): EcomsimError {
  const message = `This file ${what}; expected the result.json of an ecomsim run.`;
  return new EcomsimError('INVALID_RESULT', message, {
    details,
    ...(cause === undefined ? {} : { cause }),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch (error) {
    const told = messageOf(error)
      .replace(/[^ -~]/g, '?')
      .slice(0, 200);
    throw invalid('is not JSON', [told], error);
  }
}

function checkVersion(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('holds no JSON object');
  }
  const version: unknown = Object.hasOwn(value, 'schemaVersion')
    ? (value as { schemaVersion: unknown }).schemaVersion
    : undefined;
  if (version === SCHEMA_VERSION) return;
  if (typeof version === 'number' && Number.isInteger(version) && version > SCHEMA_VERSION) {
    throw invalid(
      `has schema version ${version}, written by a newer ecomsim (this one reads version ${SCHEMA_VERSION})`,
    );
  }
  if (version === undefined) throw invalid('has no schemaVersion');
  throw invalid('has a schemaVersion that never existed', [
    `schemaVersion: expected ${SCHEMA_VERSION}`,
  ]);
}

let loaded: Schema | undefined;

function resultSchema(): Schema {
  loaded ??= JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as Schema;
  return loaded;
}
