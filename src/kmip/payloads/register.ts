// Register (KMIP 1.4 section 4.3). Exactly one object field has to be there: the operation checks it.

import { enumeration, text } from '../codec.ts';
import { ObjectType } from '../enums.ts';
import { objectFields } from '../objects.ts';
import { one, optional, struct } from '../schema.ts';
import { TemplateAttribute } from '../template-attribute.ts';

export const RegisterRequest = struct({
  ObjectType: one(enumeration(ObjectType)),
  TemplateAttribute: one(TemplateAttribute),
  ...objectFields,
});

export const RegisterResponse = struct({
  UniqueIdentifier: one(text),
  TemplateAttribute: optional(TemplateAttribute),
});
