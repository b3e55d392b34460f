// Create (KMIP 1.4 section 4.1).

import { enumeration } from '../codec.ts';
import { ObjectType } from '../enums.ts';
import { Identifier } from '../identifier.ts';
import { AttributesAsTemplate } from '../later-forms.ts';
import { one, optional, renamed, struct, withdrawn } from '../schema.ts';
import { TemplateAttribute } from '../template-attribute.ts';

export const CreateRequest = struct({
  ObjectType: one(enumeration(ObjectType)),
  TemplateAttribute: renamed(one(TemplateAttribute), 'Attributes', AttributesAsTemplate),
});

export const CreateResponse = struct({
  ObjectType: one(enumeration(ObjectType)),
  UniqueIdentifier: one(Identifier),
  TemplateAttribute: withdrawn(optional(TemplateAttribute)),
});
