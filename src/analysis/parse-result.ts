/** Text that claims to be a stored result or capacity → the value, or every reason why it is none. */
import { readFileSync } from 'node:fs';
import { EcomsimError, messageOf } from '../base/errors.ts';
import type { CapacityReport } from '../contract/capacity.ts';
import type { RunResult } from '../contract/run-result.ts';
import { type Schema, schemaProblems } from './schema-check.ts';

/** A day of seconds takes about 25 MB. */
const MAX_CHARACTERS = 64 * 1024 * 1024;
const SCHEMA_VERSION = 1;

interface StoredKind {
  readonly noun: string;
  /** What it is written by. */
  readonly expected: string;
  /** Shipped beside the code, whether that runs from src/ or from dist/. */
  readonly schemaFile: URL;
}

const RESULT: StoredKind = {
  noun: 'result',
  expected: 'the result.json of an ecomsim run',
  schemaFile: new URL('../../schema/result-v1.schema.json', import.meta.url),
};
const CAPACITY: StoredKind = {
  noun: 'capacity',
  expected: 'the capacity.json of an ecomsim capacity search',
  schemaFile: new URL('../../schema/capacity-v1.schema.json', import.meta.url),
};

/**
 * Unknown properties are kept: a later writer of the same version may have added them. Throws
 * EcomsimError INVALID_RESULT whose details name every problem. Strings in the result are whatever
 * the file says and must be escaped where they are shown.
 */
export function parseResult(text: string): RunResult {
  return parseStored(text, RESULT) as RunResult;
}

/** As `parseResult`. */
export function parseCapacity(text: string): CapacityReport {
  return parseStored(text, CAPACITY) as CapacityReport;
}

function parseStored(text: string, kind: StoredKind): unknown {
  const invalid: Invalid = (what, details = [], cause) => {
    const message = `This file ${what}; expected ${kind.expected}.`;
    return new EcomsimError('INVALID_RESULT', message, {
      details,
      ...(cause === undefined ? {} : { cause }),
    });
  };
  if (text.length > MAX_CHARACTERS) {
    throw invalid(`is larger than ${MAX_CHARACTERS / 1024 / 1024} MiB`);
  }
  const value = parseJson(text, invalid);
  checkVersion(value, invalid);
  const problems = schemaProblems(value, schemaOf(kind));
  if (problems.length === 0) return value;
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  throw invalid(`is no valid ${kind.noun} (${count})`, problems);
}

type Invalid = (what: string, details?: readonly string[], cause?: unknown) => EcomsimError;

function parseJson(text: string, invalid: Invalid): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch (error) {
    const told = messageOf(error)
      .replace(/[^ -~]/g, '?')
      .slice(0, 200);
    throw invalid('is not JSON', [told], error);
  }
}

function checkVersion(value: unknown, invalid: Invalid): void {
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

const loaded = new Map<StoredKind, Schema>();

function schemaOf(kind: StoredKind): Schema {
  const schema = loaded.get(kind) ?? (JSON.parse(readFileSync(kind.schemaFile, 'utf8')) as Schema);
  loaded.set(kind, schema);
  return schema;
}
