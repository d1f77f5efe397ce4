/** What the audit found, each with the operations that prove it. */
import type { ViolationView } from '../analysis/audit-view.ts';
import { hanging, INDENT, type Page, SYMBOL, titled } from './page-layout.ts';

export function violationLines(views: readonly ViolationView[], page: Page): string[] {
  const lines = views.flatMap(({ invariant, summary, witness }) => [
    ...hanging(`${SYMBOL.fail} `, `${invariant}: ${summary}`, page).map(page.paint.fail),
    ...witness.flatMap((step) => hanging(`${INDENT}${INDENT}- `, step, page)),
  ]);
  return titled('Violations', lines, page);
}
