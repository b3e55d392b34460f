// Create Key Pair (KMIP 1.4 section 4.2).

import { Identifier } from '../identifier.ts';
import { AttributesAsTemplate } from '../later-forms.ts';
import { one, optional, renamed, struct, withdrawn } from '../schema.ts';
import { TemplateAttribute } from '../template-attribute.ts';

export const CreateKeyPairRequest = struct({
  CommonTemplateAttribute: renamed(optional(TemplateAttribute), 'CommonAttributes', AttributesAsTemplate),
  PrivateKeyTemplateAttribute: renamed(optional(TemplateAttribute), 'PrivateKeyAttributes', AttributesAsTemplate),
  PublicKeyTemplateAttribute: renamed(optional(TemplateAttribute), 'PublicKeyAttributes', AttributesAsTemplate),
});

export const CreateKeyPairResponse = struct({
  PrivateKeyUniqueIdentifier: one(Identifier),
  PublicKeyUniqueIdentifier: one(Identifier),
  PrivateKeyTemplateAttribute: withdrawn(optional(TemplateAttribute)),
  PublicKeyTemplateAttribute: withdrawn(optional(TemplateAttribute)),
});
