// House rules that no linter knows. Each is a function of one file, with an example that breaks it
// and one that keeps it; test/tidy.test.ts checks the examples and then the whole tree.
import os from 'node:os';
import path from 'node:path';

export interface SourceFile {
  /** Relative to the root of the clone, with forward slashes. */
  readonly file: string;
  readonly text: string;
}

export interface TidyRule {
  readonly name: string;
  readonly appliesTo: (file: string) => boolean;
  /** What is wrong, one entry for each place; nothing when the file keeps the rule. */
  readonly problems: (source: SourceFile) => string[];
  readonly bad: SourceFile;
  readonly good: SourceFile;
}

interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const ROOT = path.dirname(import.meta.dirname);
const CODE = /^(src|test|scripts|bench)\/.*\.(ts|mjs)$/;
const VAGUE_NAME = /(^|[-/._])(utils?|helpers?|common|misc|libs?|managers?)(?=[-/._]|$)/i;
const HOME_PATH = /(?<![\w.:/*-])\/(home|root|Users|work|workspace|private)\/[\w.-]+/;
const ENTRY = /^src\/(cli|load-worker|[a-z]+(-[a-z]+)*-process)\.ts$/;
const MAX_LINES = 400;

/** Real time and chance, and what to use instead. */
const BANNED_CALLS: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b/, 'Clock.wallMs'],
  [/\bnew Date\(\)/, 'Clock.wallMs'],
  [/\bperformance\.now\b/, 'Clock.nowUs'],
  [/\bprocess\.hrtime\b/, 'Clock.nowUs'],
  [/(?<![.\w])(globalThis\.)?setTimeout\(/, 'Clock.after or Clock.sleep'],
  [/(?<![.\w])(globalThis\.)?setInterval\(/, 'Clock.every'],
  [/(?<![.\w])(globalThis\.)?setImmediate\(/, 'Clock.soon'],
  [/['"](node:)?timers(\/promises)?['"]/, 'Clock'],
];

/** Blanks comments out and keeps the lines, so that line numbers stay right. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(?<=^|\s)\/\/.*$/gm, '');
}

function linesMatching(text: string, pattern: RegExp, say: (line: string) => string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      pattern.test(line) ? [`line ${index + 1}: ${say(line.trim())}`] : [],
    );
}

function withoutFences(markdown: string): string {
  return markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
}

/** Words that these rules look for, put together so that this file keeps the rules itself. */
const word = (...parts: string[]): string => parts.join('');

const UNFINISHED = new RegExp(
  `\\b(${word('FIX', 'ME')}|${word('TO', 'DO')}|${word('XX', 'X')})\\b`,
);
const FOCUSED = new RegExp(`\\b(describe|test|it|suite)(\\.\\w+)*${word('\\.', 'only')}\\b`);

export const TIDY_RULES: readonly TidyRule[] = [
  {
    name: 'every code file opens with a comment that says its purpose',
    appliesTo: (file) => CODE.test(file) && !file.endsWith('.test.ts'),
    problems: ({ text }) => {
      const opening = text.replace(/^#!.*\n/, '').trimStart();
      const words = /^(\/\/|\/\*\*?)\s*((\S+\s+){3,}\S+)/.test(opening);
      return words ? [] : ['opens without a comment on what it is for'];
    },
    bad: { file: 'src/base/a.ts', text: 'export const a = 1;\n' },
    good: { file: 'src/cli.ts', text: '#!/usr/bin/env node\n/** Starts the chosen verb. */\n' },
  },
  {
    name: 'names say what a thing is',
    appliesTo: (file) => CODE.test(file),
    problems: ({ file }) => {
      const vague = VAGUE_NAME.exec(file)?.[2];
      return vague === undefined ? [] : [`"${vague}" says nothing; name the thing inside`];
    },
    bad: { file: 'src/engine/http-utils.ts', text: '' },
    good: { file: 'src/engine/library-card.ts', text: '' },
  },
  {
    name: 'nothing is left unfinished in the text',
    appliesTo: () => true,
    problems: ({ text }) => linesMatching(text, UNFINISHED, (line) => line),
    bad: { file: 'src/a.ts', text: word('// TO', 'DO: finish') },
    good: { file: 'src/a.ts', text: '// Sends a mastodon.' },
  },
  {
    name: 'no test is focused',
    appliesTo: (file) => file.startsWith('test/'),
    problems: ({ text }) => linesMatching(text, FOCUSED, (line) => line),
    bad: { file: 'test/a.test.ts', text: word('test', '.only', "('a', () => {});") },
    good: { file: 'test/a.test.ts', text: "test('a', () => {});" },
  },
  {
    name: 'real time is touched in one file',
    appliesTo: (file) => file.startsWith('src/') && file !== 'src/base/clock.ts',
    problems: ({ text }) => {
      const code = withoutComments(text);
      return BANNED_CALLS.flatMap(([call, instead]) =>
        linesMatching(code, call, (line) => `${line} — use ${instead}`),
      );
    },
    bad: { file: 'src/engine/a.ts', text: 'const startedMs = Date.now();' },
    good: { file: 'src/engine/a.ts', text: '// Not Date.now().\nsocket.setTimeout(5);' },
  },
  {
    name: 'chance is seeded',
    appliesTo: (file) => file.startsWith('src/'),
    problems: ({ text }) =>
      linesMatching(withoutComments(text), /\bMath\.random\b/, (line) => `${line} — use Prng`),
    bad: { file: 'src/scenarios/a.ts', text: 'const pick = Math.random();' },
    good: { file: 'src/scenarios/a.ts', text: 'const pick = prng.float();' },
  },
  {
    name: 'a document has one title',
    appliesTo: (file) => file.endsWith('.md'),
    problems: ({ text }) => {
      const titles = withoutFences(text).match(/^# /gm)?.length ?? 0;
      return titles === 1 ? [] : [`has ${titles} first-level headings`];
    },
    bad: { file: 'docs/a.md', text: '# One\n\n# Two\n' },
    good: { file: 'docs/a.md', text: '# One\n\n```sh\n# a comment\n```\n' },
  },
  {
    name: 'a source file fits in the head',
    appliesTo: (file) => file.startsWith('src/') && file.endsWith('.ts'),
    problems: ({ text }) => {
      const count = text.trimEnd().split('\n').length;
      return count <= MAX_LINES ? [] : [`has ${count} lines; ${MAX_LINES} are the limit`];
    },
    bad: { file: 'src/a.ts', text: 'x\n'.repeat(MAX_LINES + 1) },
    good: { file: 'src/a.ts', text: 'x\n'.repeat(MAX_LINES) },
  },
  {
    name: 'no path of somebody’s machine',
    appliesTo: (file) => file !== 'package-lock.json',
    problems: ({ text }) => [
      ...linesMatching(text, HOME_PATH, (line) => line),
      ...[ROOT, os.homedir()]
        .filter((place) => place.length > 5 && text.includes(place))
        .map((place) => `mentions ${place}`),
    ],
    bad: { file: 'docs/a.md', text: `see ${['', 'home', 'ann', 'ecomsim'].join('/')}` },
    good: { file: 'docs/a.md', text: 'GET https://shop.example/home/page and ./home/ann' },
  },
  {
    name: 'the lockfile names no download address',
    appliesTo: (file) => file === 'package-lock.json',
    problems: ({ text }) => linesMatching(text, /"resolved": "https?:/, (line) => line),
    bad: { file: 'package-lock.json', text: '"resolved": "https://mirror.example/a.tgz"' },
    good: { file: 'package-lock.json', text: '"version": "1.0.0"' },
  },
  {
    name: 'the lockfile pins every package',
    appliesTo: (file) => file === 'package-lock.json',
    problems: ({ text }) => {
      const packages: Record<string, LockedPackage> = JSON.parse(text).packages;
      const locked = ([place, { version }]: [string, LockedPackage]) => place === '' || version;
      const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
        Object.keys(optionalDependencies).filter(
          (name) => !packages[`${place}/node_modules/${name}`] && !packages[`node_modules/${name}`],
        ),
      );
      const unpinned = Object.entries(packages).filter((entry) => !locked(entry));
      return [...unpinned.map(([place]) => place), ...missing].map(
        (name) => `${name} is not pinned: make the lockfile anew, in a folder without node_modules`,
      );
    },
    bad: {
      file: 'package-lock.json',
      text: '{ "packages": { "node_modules/a": { "version": "1.0.0", "optionalDependencies": { "b": "1" } } } }',
    },
    good: {
      file: 'package-lock.json',
      text: '{ "packages": { "node_modules/a": { "version": "1.0.0" } } }',
    },
  },
  {
    name: 'the root of src holds the entries of processes and threads only',
    appliesTo: (file) => /^src\/[^/]+$/.test(file),
    problems: ({ file }) => (ENTRY.test(file) ? [] : ['belongs in a folder']),
    bad: { file: 'src/order.ts', text: '' },
    good: { file: 'src/shop-process.ts', text: '' },
  },
  {
    name: 'the program can be started as a command',
    appliesTo: (file) => file === 'src/cli.ts',
    problems: ({ text }) =>
      text.startsWith('#!/usr/bin/env node\n') ? [] : ['must start with #!/usr/bin/env node'],
    bad: { file: 'src/cli.ts', text: '// Starts.\n' },
    good: { file: 'src/cli.ts', text: '#!/usr/bin/env node\n// Starts.\n' },
  },
];
