// RNG Seed (KMIP 1.4 section 4.36).

import { bytes, integer } from '../codec.ts';
import { one, struct } from '../schema.ts';

export const RNGSeedRequest = struct({ Data: one(bytes) });

export const RNGSeedResponse = struct({ DataLength: one(integer) });
