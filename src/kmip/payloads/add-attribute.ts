// Add Attribute (KMIP 1.4 section 4.14).

import { Identifier } from '../identifier.ts';
import { SingleAttribute } from '../later-forms.ts';
import { one, optional, renamed, struct, withdrawn } from '../schema.ts';
import { Attribute } from '../template-attribute.ts';

export const AddAttributeRequest = struct({
  UniqueIdentifier: optional(Identifier),
  Attribute: renamed(one(Attribute), 'NewAttribute', SingleAttribute),
});

export const AddAttributeResponse = struct({ UniqueIdentifier: one(Identifier), Attribute: withdrawn(one(Attribute)) });
