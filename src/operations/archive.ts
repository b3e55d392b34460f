// Archive (KMIP 1.4 section 4.22). An archived object stays where it is, and is not given out until it is recovered.

import { archive as archived } from '../keys/life-cycle.ts';
import type { Handler } from './handler.ts';

/** Marks the object as archived. */
export const archive: Handler<'Archive'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  await context.keys.objects.alter(context.caller, 'Archive', uid, (object, _, now) => ({
    object: archived(object, now),
    result: undefined,
  }));
  return { UniqueIdentifier: uid };
};
