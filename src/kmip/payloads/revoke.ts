// Revoke (KMIP 1.4 section 4.20).

import { RevocationReason } from '../attribute-values.ts';
import { dateTime } from '../codec.ts';
import { Identifier } from '../identifier.ts';
import { one, optional, struct } from '../schema.ts';

export const RevokeRequest = struct({
  UniqueIdentifier: optional(Identifier),
  RevocationReason: one(RevocationReason),
  CompromiseOccurrenceDate: optional(dateTime),
});

export const RevokeResponse = struct({ UniqueIdentifier: one(Identifier) });
