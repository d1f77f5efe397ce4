/** The names a profile may use, read from its schema: for suggestions and for `--set`. */
import { z } from 'zod';

/** Field names by group path; the group of the top level is ''. */
export function groupsOf(schema: z.ZodType): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  collect(schema, '', groups);
  return groups;
}

/** Paths of single values, `load.rate`. */
export function leafPathsOf(groups: ReadonlyMap<string, readonly string[]>): string[] {
  const leaves: string[] = [];
  for (const [group, names] of groups) {
    for (const name of names) {
      const path = group === '' ? name : `${group}.${name}`;
      if (!groups.has(path)) leaves.push(path);
    }
  }
  return leaves;
}

function collect(schema: unknown, path: string, groups: Map<string, readonly string[]>): void {
  const inner = schema instanceof z.ZodPrefault ? schema.unwrap() : schema;
  if (!(inner instanceof z.ZodObject)) return;
  groups.set(path, Object.keys(inner.shape));
  for (const [name, child] of Object.entries(inner.shape)) {
    collect(child, path === '' ? name : `${path}.${name}`, groups);
  }
}
