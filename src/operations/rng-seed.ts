// RNG Seed (KMIP 1.4 section 4.36). The operating system's random numbers need no seed, and a client's is not to be trusted
// with them: the answer says how much of it was used, which is nothing.

import type { Handler } from './handler.ts';

/** Uses nothing of the seed, and says so. */
export const rngSeed: Handler<'RNGSeed'> = () => ({ DataLength: 0 });
