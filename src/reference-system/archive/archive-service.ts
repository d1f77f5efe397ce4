/** The archive: documents that nobody changes any more, in a file of its own that only grows. */
import type { ArchiveService } from '../services.ts';
import type { Store } from '../storage/store.ts';
import type { ArchiveTuple } from './archive-procedures.ts';

const MAX_PAGE = 10_000;

export function createArchiveService({ store }: { store: Store }): ArchiveService {
  return {
    append: (documents) => {
      const tuples = documents.map(({ id, customer, body }): ArchiveTuple => [id, customer, body]);
      return store.callAdmitted('append', tuples);
    },
    async byId(id) {
      return (await store.callAdmitted<string | null>('byId', id)) ?? undefined;
    },
    ofCustomer: (customer, before, limit) => store.call('ofCustomer', [customer, before, limit]),
    async rows(after, limit) {
      const size = Math.max(1, Math.min(limit, MAX_PAGE));
      const from = Number(after ?? 0);
      const rows = await store.callAdmitted<[number, string][]>('rows', [from, size]);
      const last = rows.at(-1);
      const next = rows.length === size && last !== undefined ? `${last[0]}` : null;
      return { items: rows.map(([, body]) => body), next };
    },
  };
}
