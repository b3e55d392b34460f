// Set Attribute (KMIP 2.1 section 6.1.53).

import { setAttribute as set } from '../keys/attribute-changes.ts';
import type { Handler } from './handler.ts';

/** Gives an attribute its one value. */
export const setAttribute: Handler<'SetAttribute'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  const { caller, version } = context;
  await context.keys.objects.alter(caller, 'SetAttribute', uid, (object, kept, now) =>
    set(object, kept, request.NewAttribute, version, now),
  );
  return { UniqueIdentifier: uid };
};
