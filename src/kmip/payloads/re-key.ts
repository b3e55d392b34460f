// Re-key (KMIP 1.4 section 4.4).

import { interval } from '../codec.ts';
import { Identifier } from '../identifier.ts';
import { AttributesAsTemplate } from '../later-forms.ts';
import { one, optional, renamed, struct, withdrawn } from '../schema.ts';
import { TemplateAttribute } from '../template-attribute.ts';

export const ReKeyRequest = struct({
  UniqueIdentifier: optional(Identifier),
  Offset: optional(interval),
  TemplateAttribute: renamed(optional(TemplateAttribute), 'Attributes', AttributesAsTemplate),
});

export const ReKeyResponse = struct({
  UniqueIdentifier: one(Identifier),
  TemplateAttribute: withdrawn(optional(TemplateAttribute)),
});
