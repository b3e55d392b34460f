#!/usr/bin/env -S node --max-semi-space-size=16 --disable-sigusr1 --no-wasm-tier-up --no-wasm-dynamic-tiering
// The command `kmip-edge`, started from a cache of compiled code. Without it Node keeps the tool that erases types in memory, a fifth of
// what a server needs. JavaScript, because this must run before that tool is needed. The cache lies in node_modules:
// whoever may write there may change the program anyway. Where it cannot be written, everything works, with more memory.
// Node erases types by WebAssembly. That is left as it was first compiled (--no-wasm-…): on a slow machine V8 13.6 aborts
// now and then while it puts faster code in its place (a failed check in ThreadIsolation::StartOfJitAllocationAt).

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const cache = join(root, 'node_modules/.cache/kmip-edge');
// Node keeps a cache for each user.
const marker = join(cache, `warm-${process.getuid?.() ?? 'anyone'}`);
const warmUp = 'KMIP_EDGE_WARM_UP';

const sources = () =>
  readdirSync(join(root, 'src'), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, 'src', name));

/** Changes with every source file: a cache of other code is as good as none. */
const sourceStamp = () => {
  const files = sources();
  const newest = Math.max(...files.map((path) => statSync(path).mtimeMs));
  return `${process.version} ${files.length} ${newest}`;
};

const isWarm = (stamp) => {
  try {
    return readFileSync(marker, 'utf8') === stamp;
  } catch {
    return false;
  }
};

/** Compiles everything in a process that ends, so that what compiling needs is not kept. */
const fillCache = () => {
  const stamp = sourceStamp();
  if (isWarm(stamp)) return;
  const options = { env: { ...process.env, [warmUp]: '1' }, stdio: 'ignore', timeout: 30_000 };
  const { status } = spawnSync(process.execPath, [...process.execArgv, import.meta.filename], options);
  try {
    if (status === 0) writeFileSync(marker, stamp);
  } catch {
    // A cache that cannot be written is done without.
  }
};

/** Imports what a server imports at first use: it must find that compiled, too. */
const lazyImports = () =>
  sources().flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/\bimport\('(\.[^']+)'\)/g)].map(
      ([, specifier]) => import(join(dirname(path), specifier)),
    ),
  );

enableCompileCache(cache);
if (process.env[warmUp]) {
  await Promise.all([import('./run.ts'), ...lazyImports()]);
  flushCompileCache();
} else {
  if (process.argv[2] === 'serve') fillCache();
  const { runProcess } = await import('./run.ts');
  await runProcess();
}
