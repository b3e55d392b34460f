// Register (KMIP 1.4 section 4.3). Exactly one object field has to be there: the operation checks it.

import { enumeration } from '../codec.ts';
import { ObjectType } from '../enums.ts';
import { Identifier } from '../identifier.ts';
import { AttributesAsTemplate } from '../later-forms.ts';
import { objectFields } from '../objects.ts';
import { one, optional, renamed, struct, withdrawn } from '../schema.ts';
import { TemplateAttribute } from '../template-attribute.ts';

export const RegisterRequest = struct({
  ObjectType: one(enumeration(ObjectType)),
  TemplateAttribute: renamed(one(TemplateAttribute), 'Attributes', AttributesAsTemplate),
  ...objectFields,
});

export const RegisterResponse = struct({
  UniqueIdentifier: one(Identifier),
  TemplateAttribute: withdrawn(optional(TemplateAttribute)),
});
