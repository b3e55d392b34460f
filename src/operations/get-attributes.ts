// Get Attributes (KMIP 1.4 section 4.12).

import { EdgeError } from '../errors.ts';
import { selectAttributes } from '../keys/attributes.ts';
import type { Handler } from './handler.ts';

/** The attributes asked for; one that the object does not have is left out, which vCenter relies on. */
export const getAttributes: Handler<'GetAttributes'> = async (context, request) => {
  const { AttributeName: names } = request;
  if (new Set(names).size < names.length) throw new EdgeError('invalid-message', 'an attribute name is given twice');
  const uid = context.uid(request.UniqueIdentifier);
  const { object, attributes } = await context.keys.describe(context.caller, 'GetAttributes', uid);
  return {
    UniqueIdentifier: uid,
    Attribute: selectAttributes(object, attributes, names, context.version, context.now),
  };
};
