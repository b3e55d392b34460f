// RNG Retrieve (KMIP 1.4 section 4.35).

import { bytes, integer } from '../codec.ts';
import { one, struct } from '../schema.ts';

export const RNGRetrieveRequest = struct({ DataLength: one(integer) });

export const RNGRetrieveResponse = struct({ Data: one(bytes) });
