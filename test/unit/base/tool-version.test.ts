import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { toolVersion } from '../../../src/base/tool-version.ts';

it('the version of the tool is that of its package', () => {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  expect(toolVersion()).toBe((JSON.parse(manifest) as { version: string }).version);
});
