// Export (KMIP 1.4 section 4.43): an object with all its attributes.

import { selectAttributes } from '../keys/attributes.ts';
import type { ObjectType } from '../kmip/enums.ts';
import type { Handler } from './handler.ts';
import { outgoing } from './outgoing.ts';

/** As Get, with the attributes. */
export const exportObject: Handler<'Export'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  const { object, attributes } = await context.keys.describe(context.caller, 'Export', uid);
  const key = await context.keys.get(context.caller, uid, 'Export');
  const fields = await outgoing(context, key, request);
  return {
    ObjectType: key.objectType as ObjectType,
    UniqueIdentifier: uid,
    Attribute: selectAttributes(object, attributes, [], context.version, context.now),
    ...fields,
  };
};
