#!/usr/bin/env -S node --max-semi-space-size=16 --disable-sigusr1 --no-wasm-tier-up --no-wasm-dynamic-tiering
// The command `kmip-edge`, without the tool that erases types (compiled.js): a fifth of the memory that a server needs. It fills
// the cache of compiled code; where that cannot be written, everything works, with more memory.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { dirname, join } from 'node:path';
import { cache, isErased, root, runCompiled } from '../compiled.js';

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

runCompiled();
if (process.env[warmUp]) {
  await Promise.all([import('./run.ts'), ...lazyImports()]);
  flushCompileCache();
} else {
  if (process.argv[2] === 'serve' && !isErased) fillCache();
  const { runProcess } = await import('./run.ts');
  await runProcess();
}
