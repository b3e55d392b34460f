// Revoke (KMIP 1.4 section 4.20).

import { RevocationReason } from '../attribute-values.ts';
import { dateTime, text } from '../codec.ts';
import { one, optional, struct } from '../schema.ts';

export const RevokeRequest = struct({
  UniqueIdentifier: optional(text),
  RevocationReason: one(RevocationReason),
  CompromiseOccurrenceDate: optional(dateTime),
});

export const RevokeResponse = struct({ UniqueIdentifier: one(text) });
