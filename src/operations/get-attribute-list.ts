// Get Attribute List (KMIP 1.4 section 4.13).

import { attributeNamesOf } from '../keys/attributes.ts';
import type { Handler } from './handler.ts';

/** The names of all attributes of an object. */
export const getAttributeList: Handler<'GetAttributeList'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  const { object, attributes } = await context.keys.describe(context.caller, 'GetAttributeList', uid);
  return { UniqueIdentifier: uid, AttributeName: attributeNamesOf(object, attributes, context.version, context.now) };
};
