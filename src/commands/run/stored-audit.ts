/** The audit's evidence on disk: written beside the result so that a run can be judged again. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { LedgerTable } from '../../audit/ledger-table.ts';
import { LedgerTexts } from '../../audit/ledger-texts.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import type { AuditInput } from '../../contract/audit.ts';
import { openHistory } from '../../history/history-reader.ts';
import { HISTORY_DIR, type RunFolder } from './run-folder.ts';
import { ledgerParts, loadLedger, type StoredLedger } from './stored-ledger.ts';

const INPUT_FILE = 'audit-input.json';
const MAX_BYTES = 512 * 1024 * 1024;

export async function storeAudit(folder: RunFolder, input: AuditInput): Promise<void> {
  const { history: _history, ledgers, ...rest } = input;
  const evidence = { ...rest, ledgers: ledgers.length };
  await folder.write(INPUT_FILE, `${JSON.stringify(evidence, null, 2)}\n`);
  for (const [index, ledger] of ledgers.entries()) {
    await folder.write(`ledger-${index + 1}.json`, ledgerParts(ledger));
  }
}

async function readJson(file: string): Promise<unknown> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new EcomsimError('INVALID_HISTORY', `cannot read ${file}: ${messageOf(error)}`, {
      details: ['name the folder of a run, as it stands under reports/'],
    });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const REQUIRED = [
  'runId',
  'catalogue',
  'sale',
  'promises',
  'resolutions',
  'drainProbes',
  'startUs',
];

/** Throws EcomsimError INVALID_HISTORY when the folder is not one of a run. */
export async function loadAudit(folder: string): Promise<AuditInput> {
  const file = path.join(folder, INPUT_FILE);
  const evidence = await readJson(file);
  const missing = isRecord(evidence) ? REQUIRED.filter((name) => !(name in evidence)) : REQUIRED;
  if (!isRecord(evidence) || missing.length > 0) {
    throw new EcomsimError('INVALID_HISTORY', `${file} lacks ${missing.join(', ')}`);
  }
  const ledgerCount = Number(evidence['ledgers']);
  const ledgers: LedgerTable[] = [];
  const texts = new LedgerTexts();
  let before: StoredLedger | undefined;
  for (let index = 1; index <= Math.min(ledgerCount, 16); index++) {
    const ledgerFile = path.join(folder, `ledger-${index}.json`);
    const table = loadLedger(ledgerFile, texts, before);
    before = { file: ledgerFile, table };
    ledgers.push(table);
  }
  const historyDir = path.join(folder, HISTORY_DIR);
  const names = await readdir(historyDir).catch(() => []);
  const history = await openHistory(names.sort().map((name) => path.join(historyDir, name)));
  return { ...(evidence as unknown as AuditInput), ledgers, history };
}
