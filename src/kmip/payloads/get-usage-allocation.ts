// Get Usage Allocation (KMIP 1.4 section 4.18).

import { longInteger } from '../codec.ts';
import { Identifier } from '../identifier.ts';
import { one, optional, struct } from '../schema.ts';

export const GetUsageAllocationRequest = struct({
  UniqueIdentifier: optional(Identifier),
  UsageLimitsCount: one(longInteger),
});

export const GetUsageAllocationResponse = struct({ UniqueIdentifier: one(Identifier) });
