// How programs get by without the tool that erases types: it is WebAssembly, takes 25 MB and time, and on a slow machine V8 13.6
// aborts in it now and then, while it puts faster code in the place of the first (a failed check in
// ThreadIsolation::StartOfJitAllocationAt; --no-wasm-tier-up and --no-wasm-dynamic-tiering, with which programs are started,
// keep it from that). JavaScript, because this must run before that tool is needed.
//
// The product in the appliance holds sources whose types are erased already. Elsewhere there is a cache of compiled code; it
// lies in node_modules: whoever may write there may change the program anyway. Node keeps it for each user, processor and
// set of flags, which is why the appliance, read-only and run anywhere, cannot have one.

import { existsSync, readFileSync } from 'node:fs';
import { enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = join(import.meta.dirname, '..');
export const cache = join(root, 'node_modules/.cache/kmip-edge');
/** Whether there are no types left in the sources: the file says so that the build of the product leaves. */
export const isErased = existsSync(join(root, 'src/types-are-erased'));

const sources = pathToFileURL(join(root, 'src/')).href;

/** Gives what is erased already to the engine as it is. */
const load = (url, context, next) => {
  if (!url.startsWith(sources) || !url.endsWith('.ts')) return next(url, context);
  return { format: 'module', source: readFileSync(fileURLToPath(url)), shortCircuit: true };
};

/** To be called before anything else is imported. */
export const runCompiled = () => {
  if (isErased) registerHooks({ load });
  else enableCompileCache(cache);
};
