// Holds the imports of src/ against the layers of the design (architecture section 3) and the files against the house
// rules. The table is the documentation: a folder that is not in it may not exist.

import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'ava';

/**
 * What each part of src/ may import, beside its own files, leaf files and libraries. An entry is a folder or a file;
 * `types of X` allows `import type` only, and `lazy X` a dynamic import only. The first row that fits a file counts.
 */
const layers: readonly (readonly [part: string, mayImport: readonly string[]])[] = [
  // the domain, from the standard outwards
  ['kmip', []],
  ['keys', ['kmip']],
  ['operations', ['keys', 'kmip']],
  ['instances', ['keys', 'backup', 'ca']],
  ['backup', ['keys', 'seal']],
  // adapters: they implement the ports and never import one another
  [
    'store',
    [
      'types of keys/ports.ts',
      'types of keys/audit-ports.ts',
      'types of keys/backup-ports.ts',
      'types of keys/instance-ports.ts',
      'types of keys/locate-ports.ts',
      'types of keys/move-ports.ts',
      'types of keys/object.ts',
      'types of keys/object-ports.ts',
      'types of keys/removal-ports.ts',
      'types of keys/root-key-ports.ts',
      'types of keys/root-ports.ts',
      'types of keys/seal-ports.ts',
      'types of keys/telemetry-ports.ts',
      'types of keys/token-ports.ts',
      'types of keys/undo-ports.ts',
      'types of keys/use-ports.ts',
    ],
  ],
  ['cache', ['types of keys/cache-ports.ts']],
  [
    'upstream/regional-kmip',
    ['types of keys/root-key-ports.ts', 'keys/upstream-ports.ts', 'types of keys/object.ts', 'kmip'],
  ],
  ['upstream/*', ['keys/root-key-ports.ts', 'keys/upstream-ports.ts']],
  ['seal', ['types of keys/ports.ts', 'types of keys/root-key-ports.ts', 'types of keys/seal-ports.ts']],
  ['audit', ['types of keys/ports.ts', 'types of keys/audit-ports.ts', 'types of keys/seal-ports.ts']],
  // parts that stand alone
  ['ca', []],
  ['config', []],
  ['telemetry', []],
  // entries: they never import one another; cli and console are clients of the management API
  ['server', ['operations', 'types of keys', 'kmip']],
  ['admin/page', ['admin/api']],
  ['admin', ['keys', 'instances', 'backup', 'ca', 'seal', 'audit', 'telemetry', 'config', 'update']],
  ['cli', ['admin/api', 'config', 'kmip', 'types of main.ts', 'lazy main.ts', 'audit/chain']],
  ['system', []],
  ['console', ['admin/api', 'system', 'update']],
  ['first-boot', ['admin/api', 'system']],
  [
    'update',
    [
      'admin/api',
      'backup/tar.ts',
      'backup/manifest.ts',
      'store/sqlite/migrations.ts',
      'system/erase.ts',
      'system/upload.ts',
    ],
  ],
  // what main.ts is made of, and nothing but main.ts imports
  ['wiring', ['admin', 'audit', 'backup', 'ca', 'types of config', 'instances', 'keys', 'store', 'upstream']],
];

/** Pure tables may be longer than a person likes to read. */
const longTables = [/^src\/kmip\/tags\.ts$/, /^src\/kmip\/enums/];
const maximumLines = 400;

/** What no file of src/ may hold. */
const forbidden: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a default export', /^\s*export\s+default\b|\bas\s+default\b(?=[^;]*\})/m],
  ['an enum or a namespace', /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?(?:enum|namespace|module)\s+[\w'"]+\s*\{/m],
  ['an import whose path is computed', /\bimport\s*\(\s*[^'"\s]/],
  // Node then loads fetch and WebSocket too, a tenth of an idle server's memory; node:https does not.
  ['an import of node:http', /^\s*import\s+(?!type\b)[^;]*?from\s*'node:http'/m],
];
/** Written so that it does not find itself. */
const nakedNote = /\b(?:TOD[O]|FIXM[E]|XX[X])\b/;

type ImportKind = 'static' | 'type' | 'dynamic';
interface Import {
  readonly kind: ImportKind;
  readonly specifier: string;
}

const withoutComments = (source: string): string =>
  source.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/(^|\s)\/\/.*$/gm, '$1');

const importsOf = (source: string): readonly Import[] => {
  const code = withoutComments(source);
  const named = code.matchAll(/^\s*(?:import|export)\s+(type\s)?[^'";=()]*?\bfrom\s*['"]([^'"]+)['"]/gm);
  const bare = code.matchAll(/^\s*import\s*['"]([^'"]+)['"]/gm);
  const dynamic = code.matchAll(/\bimport\s*\(\s*['"]([^'"]+)['"]/g);
  return [
    ...[...named].map(([, type, specifier = '']) => ({ kind: type ? 'type' : 'static', specifier }) as const),
    ...[...bare].map(([, specifier = '']) => ({ kind: 'static', specifier }) as const),
    ...[...dynamic].map(([, specifier = '']) => ({ kind: 'dynamic', specifier }) as const),
  ];
};

/** True when `path` (below src/) is the file or in the folder that `entry` names; `*` is any one folder. */
const isIn = (path: string, entry: string): boolean => {
  if (entry.endsWith('/*')) return path.split('/').length > 2 && isIn(path, entry.slice(0, -2));
  return path === entry || path === `${entry}.ts` || path.startsWith(`${entry}/`);
};

/** The folder that a file may use freely: of upstream/*, each kind is its own. */
const ownFolder = (path: string, part: string): string =>
  part.endsWith('/*') ? path.split('/').slice(0, 2).join('/') : part;

const isLeaf = (path: string): boolean => !path.includes('/') && path !== 'main.ts';

const allows = (entry: string, target: string, kind: ImportKind): boolean => {
  const [, condition, name = ''] = /^(types of |lazy )?(.+)$/.exec(entry) ?? [];
  if (condition === 'types of ' && kind !== 'type') return false;
  if (condition === 'lazy ' && kind !== 'dynamic') return false;
  return isIn(target, name);
};

/** What is wrong with one import of the file at `path`, both below src/. */
const importProblem = (path: string, { kind, specifier }: Import): string | undefined => {
  if (!/^[./]/.test(specifier)) return undefined;
  if (!specifier.endsWith('.ts')) return `imports '${specifier}', which does not end in .ts`;
  const target = normalize(join(dirname(path), specifier));
  if (specifier.startsWith('/') || target.startsWith('..')) return `imports '${specifier}', which is outside src/`;
  if (isLeaf(target) || path === 'main.ts') return undefined;
  if (isLeaf(path)) return `is a leaf file and imports ${target}`;
  const [part, mayImport] = layers.find(([name]) => isIn(path, name)) ?? [];
  if (part === undefined || mayImport === undefined) return 'is in a folder that is not in the table of layers';
  if (isIn(target, ownFolder(path, part))) return undefined;
  return mayImport.some((entry) => allows(entry, target, kind)) ? undefined : `may not import ${target} (${kind})`;
};

const importProblems = (path: string, source: string): readonly string[] =>
  importsOf(source)
    .map((found) => importProblem(path, found))
    .filter((problem) => problem !== undefined);

const files = (root: 'src' | 'test') =>
  globSync('**/*.ts', { cwd: root })
    .toSorted()
    .map((path) => ({ path, name: `${root}/${path}`, source: readFileSync(join(root, path), 'utf8') }));
const [sources, tests] = [files('src'), files('test')];

test('there are files to look at', (t) => {
  t.true(sources.length > 0);
  t.true(tests.length > 0);
  t.true(sources.flatMap(({ source }) => importsOf(source)).length > 0);
});

test('every file of src/ is in a layer and imports only what its layer may', (t) => {
  const strays = sources.filter(({ path }) => path.includes('/') && !layers.some(([part]) => isIn(path, part)));
  t.deepEqual(
    strays.map(({ name }) => name),
    [],
  );
  t.deepEqual(
    sources.flatMap(({ path, name, source }) => importProblems(path, source).map((problem) => `${name} ${problem}`)),
    [],
  );
});

test('no file is longer than a person reads at once', (t) => {
  const long = [...sources, ...tests]
    .filter(({ name }) => !longTables.some((table) => table.test(name)))
    .map(({ name, source }) => ({ name, lines: source.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > maximumLines);
  t.deepEqual(long, []);
});

for (const [what, pattern] of forbidden) {
  test(`no file of src/ holds ${what}`, (t) => {
    const found = sources.filter(({ source }) => pattern.test(withoutComments(source)));
    t.deepEqual(
      found.map(({ name }) => name),
      [],
    );
  });
}

const nameRules: readonly (readonly [rule: string, broken: (file: (typeof sources)[number]) => boolean])[] = [
  ['says what is left to do in a comment', ({ source }) => nakedNote.test(source)],
  ['is called utils or helpers', ({ name }) => /(?:^|[/-])(?:utils?|helpers?)(?=[/.-])/.test(name)],
  ['begins without a comment', ({ source }) => !/^(?:#!.*\n)?\/[/*]/.test(source)],
];
for (const [rule, broken] of nameRules) {
  test(`no file ${rule}`, (t) => {
    const found = [...sources, ...tests].filter(broken);
    t.deepEqual(
      found.map(({ name }) => name),
      [],
    );
  });
}

const brokenCode = [
  'export default 1;',
  'export { x as default };',
  'export enum A {',
  'namespace A {',
  'import(name);',
  "import { request, type Agent } from 'node:http';",
];
for (const code of brokenCode) {
  test(`'${code}' is found`, (t) => t.is(forbidden.filter(([, pattern]) => pattern.test(code)).length, 1));
}

// The rules themselves: each line is one file with one import, and whether the table allows it.
const examples: readonly (readonly [path: string, code: string, allowed: boolean])[] = [
  ['main.ts', "import { x } from './server/listen.ts';", true],
  ['clock.ts', "import { x } from './errors.ts';", true],
  ['clock.ts', "import { x } from './kmip/tags.ts';", false],
  ['clock.ts', "import { x } from './main.ts';", false],
  ['kmip/a.ts', "import { x } from '../errors.ts';", true],
  ['kmip/payloads/a.ts', "import {\n  x,\n} from '../tags.ts';", true],
  ['kmip/a.ts', "import { x } from '../keys/ports.ts';", false],
  ['kmip/a.ts', "export * from '../keys/ports.ts';", false],
  ['kmip/a.ts', "const x = await import('../keys/ports.ts');", false],
  ['kmip/a.ts', "// import { x } from '../keys/ports.ts';", true],
  ['kmip/a.ts', "import { x } from 'node:fs';", true],
  ['kmip/a.ts', "import { x } from './tags.js';", false],
  ['kmip/a.ts', "import { x } from '../../test/kit/a.ts';", false],
  ['store/sqlite/a.ts', "import type { x } from '../../keys/ports.ts';", true],
  ['store/sqlite/a.ts', "import type { x } from '../../keys/service.ts';", false],
  ['store/sqlite/a.ts', "import { x } from '../../cache/key-cache.ts';", false],
  ['upstream/key-protect/a.ts', "import { x } from './client.ts';", true],
  ['upstream/key-protect/a.ts', "import { x } from '../local-root/a.ts';", false],
  ['upstream/key-protect/a.ts', "import { x } from '../../kmip/tags.ts';", false],
  ['upstream/regional-kmip/a.ts', "import { x } from '../../kmip/tags.ts';", true],
  ['upstream/regional-kmip/a.ts', "import { x } from '../key-protect/a.ts';", false],
  ['server/a.ts', "import type { x } from '../keys/service.ts';", true],
  ['server/a.ts', "import { x } from '../keys/service.ts';", false],
  ['server/a.ts', "import { type x } from '../keys/service.ts';", false],
  ['server/a.ts', "import { x } from '../admin/api/table.ts';", false],
  ['cli/a.ts', "import { x } from '../admin/api/table.ts';", true],
  ['cli/a.ts', "import { x } from '../admin/api/routes.ts';", true],
  ['cli/a.ts', "import { x } from '../admin/session.ts';", false],
  ['cli/a.ts', "import { x } from '../store/sqlite/open.ts';", false],
  ['cli/a.ts', "const { x } = await import('../main.ts');", true],
  ['cli/a.ts', "import { x } from '../main.ts';", false],
  ['admin/page/a.ts', "import { x } from '../api/table.ts';", true],
  ['admin/page/a.ts', "import { x } from '../handlers.ts';", false],
  ['console/a.ts', "import { x } from '../kmip/tags.ts';", false],
  ['elsewhere/a.ts', "import { x } from './b.ts';", false],
];
for (const [path, code, allowed] of examples) {
  test(`${path} ${allowed ? 'may' : 'may not'} say ${JSON.stringify(code)}`, (t) => {
    t.is(importProblems(path, code).length, allowed ? 0 : 1);
  });
}
