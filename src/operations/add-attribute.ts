// Add Attribute (KMIP 1.4 section 4.14).

import type { Handler } from './table.ts';

/** Adds an attribute and says it back, with its index where that is not the first. */
export const addAttribute: Handler<'AddAttribute'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  const { Attribute: given } = request;
  const { attribute } = await context.keys.addAttribute(context.caller, uid, given, context.version);
  const index = attribute?.index || undefined;
  return { UniqueIdentifier: uid, Attribute: { ...given, AttributeIndex: index } };
};
