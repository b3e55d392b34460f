// Modify Attribute (KMIP 1.4 section 4.15).

import { modifyAttribute as modify } from '../keys/attribute-changes.ts';
import { addressed } from './attribute-address.ts';
import type { Handler } from './handler.ts';

/** Replaces a value that is there. */
export const modifyAttribute: Handler<'ModifyAttribute'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  const { Attribute: given, CurrentAttribute: current } = request;
  const { caller, version } = context;
  const result = await context.keys.objects.alter(caller, 'ModifyAttribute', uid, (object, kept, now) =>
    modify(object, kept, addressed(given, current, kept, version), version, now),
  );
  return { UniqueIdentifier: uid, Attribute: { ...result, AttributeIndex: given.AttributeIndex } };
};
