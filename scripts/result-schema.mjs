// Derives the JSON Schemas of result.json and capacity.json from their types in src/contract/, so that
// the two cannot differ. Writes them to schema/: they are shipped, and what is read back is checked by
// them.

// @ts-check
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {{ source: string, type: string, file: string, title: string }} Described */

/** @param {string} name @returns {string} */
const inContract = (name) => path.join(ROOT, 'src/contract', name);

/** @type {readonly Described[]} */
export const SCHEMAS = [
  {
    source: inContract('run-result.ts'),
    type: 'RunResult',
    file: path.join(ROOT, 'schema/result-v1.schema.json'),
    title: 'ecomsim result.json, schema version 1',
  },
  {
    source: inContract('capacity.ts'),
    type: 'CapacityReport',
    file: path.join(ROOT, 'schema/capacity-v1.schema.json'),
    title: 'ecomsim capacity.json, schema version 1',
  },
];

/** Fields of type `number` that count things or are whole minor units, ids or settings. */
const INTEGERS = new Set([
  ...['count', 'ok', 'refused', 'failed', 'unknown', 'attempts', 'checked', 'violationCount'],
  ...['journeysDue', 'journeysStarted', 'journeysDropped', 'workers', 'connections', 'due'],
  ...['started', 'unitsForSale', 'unitsSold', 'ordersConfirmed', 'revenueMinor', 'stockLeft'],
  ...['heldUnits', 'oversoldUnits', 'undersoldUnits', 'strandedHolds', 'doubleCharges'],
  ...['chargesWithoutOrder', 'ordersWithoutCharge', 'lostOrders', 'total', 'resolvedApplied'],
  ...['resolvedAbsent', 'stillUnknown', 'seed', 'cores', 'memoryBytes'],
  ...['goals', 'unitsByPopulation', 'connectionsOpened', 'connectionWaits', 'bytesReceived'],
  ...['bytesSent', 'slowAnswers', 'egressRefused', 'virtualUsers', 'operations', 'retries'],
  ...['helped', 'inVain', 'givenUp', 'deniedByBudget', 'cutShort', 'doubleClicks'],
  ...['places', 'admitted', 'neverAdmitted', 'unusedTokens', 'waits', 'waiting', 'shed'],
  ...['displacementP99', 'displacementMax', 'shedByDelay', 'perAddress', 'perUser'],
  ...['requests', 'conflicts', 'steals', 'repairedUnits', 'judged'],
]);

/** @typedef {Record<string, unknown>} Schema */

/** Turns TypeScript types into JSON Schema; knows the constructs that the contract uses. */
class Converter {
  /** @type {ts.TypeChecker} */
  #checker;
  /** @type {Map<string, Schema>} */
  definitions = new Map();

  /** @type {string} */
  #rootType;

  /** @param {ts.TypeChecker} checker @param {string} rootType */
  constructor(checker, rootType) {
    this.#checker = checker;
    this.#rootType = rootType;
  }

  /**
   * @param {ts.Type} type
   * @param {string} field the name of the property the type belongs to
   * @returns {Schema}
   */
  convert(type, field) {
    const checker = this.#checker;
    if (type.isUnion()) return this.#union(type, field);
    if (type.flags & ts.TypeFlags.Null) return { type: 'null' };
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (type.flags & ts.TypeFlags.String) return { type: 'string' };
    if (type.flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
    if (type.flags & ts.TypeFlags.Number) {
      return { type: INTEGERS.has(field) ? 'integer' : 'number' };
    }
    if (checker.isTupleType(type)) {
      const items = checker.getTypeArguments(/** @type {ts.TypeReference} */ (type));
      const [first] = items;
      if (first === undefined) throw new Error(`${field}: an empty tuple`);
      return {
        type: 'array',
        items: this.convert(first, field),
        minItems: items.length,
        maxItems: items.length,
      };
    }
    if (checker.isArrayType(type)) {
      const [item] = checker.getTypeArguments(/** @type {ts.TypeReference} */ (type));
      if (item === undefined) throw new Error(`${field}: an array of what?`);
      return { type: 'array', items: this.convert(item, field) };
    }
    if (type.flags & ts.TypeFlags.Object) return this.#object(type, field);
    throw new Error(`${field}: cannot express ${checker.typeToString(type)} in JSON Schema`);
  }

  /**
   * @param {ts.UnionType} type
   * @param {string} field
   * @returns {Schema}
   */
  #union(type, field) {
    const isNull = (/** @type {ts.Type} */ member) => (member.flags & ts.TypeFlags.Null) !== 0;
    const isBoolean = (/** @type {ts.Type} */ member) =>
      (member.flags & ts.TypeFlags.BooleanLiteral) !== 0;
    const nullable = type.types.some(isNull);
    // A property that may be missing is told by its absence from `required`.
    const members = type.types.filter(
      (member) => !isNull(member) && (member.flags & ts.TypeFlags.Undefined) === 0,
    );
    if (members.every(isBoolean)) return { type: nullable ? ['boolean', 'null'] : 'boolean' };
    if (members.every((member) => member.isStringLiteral() || member.isNumberLiteral())) {
      const values = members.map((member) => /** @type {ts.LiteralType} */ (member).value);
      return { enum: nullable ? [...values, null] : values };
    }
    const [only] = members;
    if (only === undefined || members.length > 1) throw new Error(`${field}: a mixed union`);
    const schema = this.convert(only, field);
    if (!nullable) return schema;
    if (typeof schema['type'] === 'string') return { ...schema, type: [schema['type'], 'null'] };
    return { anyOf: [schema, { type: 'null' }] };
  }

  /**
   * Named interfaces become definitions; anything else stays where it is.
   * @param {ts.Type} type
   * @param {string} field
   * @returns {Schema}
   */
  #object(type, field) {
    const indexed = type.getStringIndexType();
    if (indexed !== undefined) {
      return { type: 'object', additionalProperties: this.convert(indexed, field) };
    }
    const name = type.symbol.flags & ts.SymbolFlags.Interface ? type.symbol.name : '';
    if (name === '' || name === this.#rootType) return this.#members(type);
    if (!this.definitions.has(name)) {
      this.definitions.set(name, {});
      this.definitions.set(name, this.#members(type));
    }
    return { $ref: `#/$defs/${name}` };
  }

  /**
   * More properties may be added within a version, so unknown ones are allowed.
   * @param {ts.Type} type
   * @returns {Schema}
   */
  #members(type) {
    /** @type {Record<string, Schema>} */
    const properties = {};
    const required = [];
    for (const symbol of type.getProperties()) {
      const schema = this.convert(this.#checker.getTypeOfSymbol(symbol), symbol.name);
      const text = ts.displayPartsToString(symbol.getDocumentationComment(this.#checker));
      const described = text === '' || '$ref' in schema ? {} : { description: oneLine(text) };
      properties[symbol.name] = { ...described, ...schema };
      if ((symbol.flags & ts.SymbolFlags.Optional) === 0) required.push(symbol.name);
    }
    return { type: 'object', properties, required };
  }
}

/** @param {string} text */
function oneLine(text) {
  return text.replace(/\s+/g, ' ').trim();
}

/**
 * The text of the schema file as it must be.
 * @param {Described} described
 */
export function schemaText(described) {
  return `${JSON.stringify(generateSchema(described), null, 2)}\n`;
}

/** @param {Described} described @returns {Schema} */
function generateSchema({ source: file, type, title }) {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    ROOT,
  );
  const program = ts.createProgram([file], { ...options, types: [], noEmit: true });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  const symbol = module && checker.getExportsOfModule(module).find((s) => s.name === type);
  if (symbol === undefined) throw new Error(`${file} does not export ${type}`);
  const converter = new Converter(checker, type);
  const root = converter.convert(checker.getDeclaredTypeOfSymbol(symbol), 'result');
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    description: 'Times are milliseconds unless the name says otherwise; counts are integers.',
    ...root,
    $defs: Object.fromEntries([...converter.definitions].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const described of SCHEMAS) writeFileSync(described.file, schemaText(described));
}
