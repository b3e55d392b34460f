// Set Attribute (KMIP 2.1 section 6.1.53).

import { Identifier } from '../identifier.ts';
import { SingleAttribute } from '../later-forms.ts';
import { one, optional, struct } from '../schema.ts';

export const SetAttributeRequest = struct({
  UniqueIdentifier: optional(Identifier),
  NewAttribute: one(SingleAttribute),
});

export const SetAttributeResponse = struct({ UniqueIdentifier: one(Identifier) });
