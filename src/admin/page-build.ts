// Makes the files of the web page as a browser gets them. The page's own source is TypeScript beside this file; its types
// are erased by Node itself, so there is no build step and nothing to keep in step. What is served is exactly what the
// page's first module imports, directly or not: no file has to be listed, and no other file can be asked for.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** One file as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly etag: string;
  readonly body: Uint8Array;
  readonly gzip: Uint8Array;
  readonly brotli: Uint8Array;
}

export interface Page {
  /** What `/` answers. */
  readonly index: PageFile;
  /** The others by address. An address holds a hash of all of them, so that each may be kept for ever. */
  readonly files: ReadonlyMap<string, PageFile>;
}

const source = join(import.meta.dirname, '..');
const entry = 'admin/page/main.ts';
/** What the page may be made of, below src/. Everything else is the server's. */
const folders = ['admin/page/', 'admin/api/'];
const libraries: readonly string[] = ['preact', 'preact/hooks', 'htm', 'htm/preact'];
/** In this order, as one file. */
const styles = [...['tokens', 'frame', 'layout', 'actions', 'tables', 'forms', 'windows', 'steps', 'charts', 'views']];
const icon = 'admin/page/icon.svg';

/** Reads, erases and compresses everything: a third of a second of work, and memory that Node then keeps. */
export const buildPage = (): Page => {
  const modules = new Map<string, string>();
  collect(entry, modules);
  const style = styles.map((name) => readFileSync(join(source, `admin/page/style/${name}.css`), 'utf8')).join('\n');
  const texts = new Map([...modules, ['style.css', style], ['icon.svg', readFileSync(join(source, icon), 'utf8')]]);
  const hash = createHash('sha256');
  for (const [path, text] of texts) hash.update(`${path}\0${text}\0`);
  const base = `/page/${hash.digest('hex').slice(0, 16)}/`;
  return {
    index: pageFile('text/html; charset=utf-8', indexPage(base, [...modules.keys()])),
    files: new Map([...texts].map(([path, text]) => [base + path, pageFile(typeOf(path), text)])),
  };
};

/** An import, or an export from elsewhere: at the beginning of a line or, where it was minified, of a statement. */
const importPattern = /((?:^|;)(?:import\s*|(?:import|export)\b[^'"();=]*?\bfrom\s*))(['"])([^'"\n]+)\2/gm;

/** Adds the module at `path` (below src/) and all that it imports. */
const collect = (path: string, modules: Map<string, string>): void => {
  if (modules.has(path)) return;
  // Its place is taken before its imports are looked at: two modules may import each other.
  modules.set(path, '');
  const code = codeOf(path).replace(/^\/\/# sourceMappingURL=.*$/m, '');
  const imported: string[] = [];
  const linked = code.replace(importPattern, (_all, before: string, quote: string, specifier: string) => {
    const target = targetOf(path, specifier);
    imported.push(target);
    return `${before}${quote}${linkTo(path, target)}${quote}`;
  });
  modules.set(path, linked);
  for (const target of imported) collect(target, modules);
};

const codeOf = (path: string): string => {
  const library = libraries.find((name) => libraryPath(name) === path);
  if (library !== undefined) return readFileSync(fileURLToPath(import.meta.resolve(library)), 'utf8');
  return stripTypeScriptTypes(readFileSync(join(source, path), 'utf8'));
};

const libraryPath = (name: string): string => `library/${name.replace('/', '-')}.js`;

/** Throws for a module that is none of the page's: what runs in the server is not for browsers. */
const targetOf = (path: string, specifier: string): string => {
  if (libraries.includes(specifier)) return libraryPath(specifier);
  const target = normalize(join(dirname(path), specifier));
  if (specifier.startsWith('.') && folders.some((folder) => target.startsWith(folder))) return target;
  throw new Error(`the page may not import '${specifier}' (${path})`);
};

const linkTo = (path: string, target: string): string => {
  const link = relative(dirname(path), target);
  return link.startsWith('.') ? link : `./${link}`;
};

const typeOf = (path: string): string => {
  if (path.endsWith('.css')) return 'text/css; charset=utf-8';
  return path.endsWith('.svg') ? 'image/svg+xml' : 'text/javascript; charset=utf-8';
};

const pageFile = (type: string, text: string): PageFile => {
  const body = Buffer.from(text);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  return {
    type,
    etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`,
    body,
    gzip: gzipSync(body, { level: 9 }),
    brotli: brotliCompressSync(body, { params: quality }),
  };
};

/** All modules are named at once, so that the browser need not find them one after the other. */
const indexPage = (base: string, modules: readonly string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>kmip-edge</title>
<link rel="icon" href="${base}icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${base}style.css">
${modules.map((path) => `<link rel="modulepreload" href="${base}${path}">`).join('\n')}
<script type="module" src="${base}${entry}"></script>
</head>
<body>
<div id="page"><noscript>This page needs JavaScript. Everything it does, the command line does as well: kmip-edge --help.</noscript></div>
</body>
</html>
`;
