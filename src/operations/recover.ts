// Recover (KMIP 1.4 section 4.23): brings back what Archive put away.

import { recover as recovered } from '../keys/life-cycle.ts';
import type { Handler } from './handler.ts';

/** The object is on line again; one that was not archived stays as it is. */
export const recover: Handler<'Recover'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  await context.keys.objects.alter(context.caller, 'Recover', uid, (object, _, now) => ({
    object: recovered(object, now),
    result: undefined,
  }));
  context.place(uid);
  return { UniqueIdentifier: uid };
};
