import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Prng } from '../../../src/base/prng.ts';
import { passesLuhn, scanForCards } from '../../../src/commands/run/card-scan.ts';
import type { CardScan } from '../../../src/contract/audit-probe.ts';

/** Published test numbers. */
const VISA = '4242424242424242';
const AMEX = '378282246310005';
/** Of a range that nobody issues. */
const SENT = '9999991234567890';

let root = '';

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-cards-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function scan(content: string | Uint8Array, sent: readonly string[] = []): Promise<CardScan> {
  writeFileSync(path.join(root, 'store.bin'), content);
  return scanForCards({ data: root }, sent);
}

describe('the search for card numbers', () => {
  it('knows the check digit', () => {
    for (const number of [VISA, AMEX, '5555555555554444']) expect(passesLuhn(number)).toBe(true);
    for (const number of ['4242424242424241', '378282246310006']) {
      expect(passesLuhn(number)).toBe(false);
    }
  });

  it('finds what was sent wherever it stands, and shows none of its middle', async () => {
    for (const text of [SENT, `x${SENT}9`, '9999 9912 3456 7890', '9999-9912-3456-7890']) {
      const { findings, found } = await scan(`\u0001\u0002${text}tok`, [SENT]);
      expect([text, found, findings[0]?.kind]).toEqual([text, 1, 'sent']);
      expect(findings[0]?.masked).toBe('999999******7890');
    }
  });

  it('finds it across the borders of what is read at a time', async () => {
    for (const before of [1024 * 1024 - 8, 1024 * 1024, 2 * 1024 * 1024 - 1030, 3_000_000]) {
      const { found, bytes, findings } = await scan(`${' '.repeat(before)}${SENT}\n`, [SENT]);
      expect([before, found, bytes]).toEqual([before, 1, before + 17]);
      expect(findings[0]?.offsetBytes).toBe(before);
    }
  });

  it('finds what reads like the number of a card', async () => {
    for (const text of [`"card":"${VISA}"`, `${AMEX}\n`, `pan=${VISA};`, '4242 4242 4242 4242']) {
      const { findings } = await scan(text);
      expect([text, findings[0]?.kind]).toEqual([text, 'shaped']);
    }
  });

  it('takes no id, hash, decimal or instant for one', async () => {
    const texts = [
      `o-${VISA}`,
      `${VISA}abc`,
      `0.${VISA}`,
      `eyJ${VISA}`,
      '4242424242424241',
      '1764000000000000',
      '1234567890123452',
      '"createdAtUs":4123456789015,',
    ];
    for (const text of texts) expect([text, (await scan(text)).found]).toEqual([text, 0]);
  });

  it('finds nothing in what chance writes', async () => {
    const prng = new Prng(7, 'card-scan');
    const noise = Uint8Array.from({ length: 1_000_000 }, () => prng.below(256));
    expect((await scan(noise, [SENT])).found).toBe(0);
    const hex = Array.from({ length: 200_000 }, () => prng.below(16).toString(16)).join('');
    expect((await scan(hex.replace(/(.{22})/g, 'o-$1\n'))).found).toBe(0);
  });

  it('looks into every folder, follows no link, and tells what it could not read', async () => {
    const outside = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-cards-'));
    writeFileSync(path.join(outside, 'secret'), VISA);
    symlinkSync(path.join(outside, 'secret'), path.join(root, 'link'));
    mkdirSync(path.join(root, 'deep', 'er'), { recursive: true });
    writeFileSync(path.join(root, 'deep', 'er', 'log.txt'), VISA);
    const { findings, files, problem } = await scanForCards({ data: root }, []);
    rmSync(outside, { recursive: true });
    expect(findings.map(({ place }) => place)).toEqual(['data/deep/er/log.txt']);
    expect([files, problem]).toEqual([1, '']);
    const unread = await scanForCards({ data: path.join(root, 'deep', 'er', 'log.txt') }, []);
    expect(unread.problem).toContain('ENOTDIR');
  });

  it('counts all and lists the first', async () => {
    const { found, findings } = await scan(`${VISA}\n`.repeat(50));
    expect([found, findings.length]).toEqual([50, 20]);
  });
});
