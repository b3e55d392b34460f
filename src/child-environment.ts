// The environment of a program of ours that is run as a process of its own: nothing of this process's, but the cache of
// compiled code, without which it would first load the tool that erases types.

import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

export const childEnvironment = (): NodeJS.ProcessEnv => {
  const cache = getCompileCacheDir();
  // Node gives the folder of its version, and wants the one above it.
  return cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) };
};
