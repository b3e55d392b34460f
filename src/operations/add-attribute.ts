// Add Attribute (KMIP 1.4 section 4.14).

import { decodeItem } from '../kmip/ttlv.ts';
import type { Handler } from './handler.ts';

/** Adds an attribute and says it back, with its index where that is not the first. */
export const addAttribute: Handler<'AddAttribute'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  const { Attribute: given } = request;
  const { attribute } = await context.keys.addAttribute(context.caller, uid, given, context.version);
  const index = attribute?.index || undefined;
  // Usage Limits have a count that the client did not give.
  const AttributeValue = attribute?.value ? decodeItem(attribute.value) : given.AttributeValue;
  return { UniqueIdentifier: uid, Attribute: { ...given, AttributeIndex: index, AttributeValue } };
};
