// Attribute and Template-Attribute (KMIP 1.4 sections 2.1.1 and 2.1.8): how KMIP 1.x carries attributes. The value stays
// an item here; attributes.ts knows what it means.

import { Name } from './attribute-values.ts';
import { anyItem, type Infer, integer, textOf } from './codec.ts';
import { many, one, optional, struct } from './schema.ts';

/** Bytes. */
const longestName = 1024;

/** Section 2.1.1. The value is absent only where an attribute is named and not given, as in Notify. */
export const Attribute = struct({
  AttributeName: one(textOf(longestName)),
  AttributeIndex: optional(integer),
  AttributeValue: optional(anyItem),
});
export type Attribute = Infer<typeof Attribute>;

/** Section 2.1.8. `Name` refers to templates, deprecated since 1.3. */
export const TemplateAttribute = struct({ Name: many(Name), Attribute: many(Attribute) });
export type TemplateAttribute = Infer<typeof TemplateAttribute>;
