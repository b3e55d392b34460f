// Modify Attribute (KMIP 1.4 section 4.15). KMIP 2.x names a value of several by the value itself, 1.x by its index.

import { Identifier } from '../identifier.ts';
import { SingleAttribute } from '../later-forms.ts';
import { one, optional, renamed, since, struct, withdrawn } from '../schema.ts';
import { Attribute } from '../template-attribute.ts';
import { V2_0 } from '../version.ts';

export const ModifyAttributeRequest = struct({
  UniqueIdentifier: optional(Identifier),
  CurrentAttribute: optional(SingleAttribute, since(V2_0)),
  Attribute: renamed(one(Attribute), 'NewAttribute', SingleAttribute),
});

export const ModifyAttributeResponse = struct({
  UniqueIdentifier: one(Identifier),
  Attribute: withdrawn(one(Attribute)),
});
