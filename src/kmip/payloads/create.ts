// Create (KMIP 1.4 section 4.1).

import { enumeration, text } from '../codec.ts';
import { ObjectType } from '../enums.ts';
import { one, optional, struct } from '../schema.ts';
import { TemplateAttribute } from '../template-attribute.ts';

export const CreateRequest = struct({
  ObjectType: one(enumeration(ObjectType)),
  TemplateAttribute: one(TemplateAttribute),
});

export const CreateResponse = struct({
  ObjectType: one(enumeration(ObjectType)),
  UniqueIdentifier: one(text),
  TemplateAttribute: optional(TemplateAttribute),
});
