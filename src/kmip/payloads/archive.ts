// Archive (KMIP 1.4 section 4.22).

import { Identifier } from '../identifier.ts';
import { one, optional, struct } from '../schema.ts';

export const ArchiveRequest = struct({ UniqueIdentifier: optional(Identifier) });

export const ArchiveResponse = struct({ UniqueIdentifier: one(Identifier) });
