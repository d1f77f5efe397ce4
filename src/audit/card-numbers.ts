/** P8: nothing that is stored holds a card number. */
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';

export function checkCardNumbers({ input }: AuditContext, findings: Findings): void {
  const scan = input.cardScan;
  if (scan === undefined) return;
  findings.check(scan.files);
  if (scan.problem !== '') findings.unknown(`not everything was searched: ${shown(scan.problem)}`);
  for (const { place, kind, masked, offsetBytes } of scan.findings) {
    const what = kind === 'sent' ? 'a card number that was paid with' : 'what reads like a card';
    findings.violation(`${shown(place)} holds ${what}: ${shown(masked)}`, () => [
      `search of ${scan.files} files: ${shown(place)}, byte ${offsetBytes}: ${shown(masked)}`,
    ]);
  }
  findings.violationCount = Math.max(findings.violationCount, scan.found);
}
