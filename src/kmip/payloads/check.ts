// Check (KMIP 1.4 section 4.10). The answer names what is not satisfied.

import { integer, interval, longInteger } from '../codec.ts';
import { Identifier } from '../identifier.ts';
import { one, optional, struct } from '../schema.ts';

export const CheckRequest = struct({
  UniqueIdentifier: optional(Identifier),
  UsageLimitsCount: optional(longInteger),
  CryptographicUsageMask: optional(integer),
  LeaseTime: optional(interval),
});

export const CheckResponse = struct({
  UniqueIdentifier: one(Identifier),
  UsageLimitsCount: optional(longInteger),
  CryptographicUsageMask: optional(integer),
  LeaseTime: optional(interval),
});
