// Obtain Lease (KMIP 1.4 section 4.17).

import { dateTime, interval } from '../codec.ts';
import { Identifier } from '../identifier.ts';
import { one, optional, struct } from '../schema.ts';

export const ObtainLeaseRequest = struct({ UniqueIdentifier: optional(Identifier) });

export const ObtainLeaseResponse = struct({
  UniqueIdentifier: one(Identifier),
  LeaseTime: one(interval),
  LastChangeDate: one(dateTime),
});
