// Activate (KMIP 1.4 section 4.19).

import type { Handler } from './handler.ts';

/** Makes a Pre-Active key Active, from now on. */
export const activate: Handler<'Activate'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  await context.keys.activate(context.caller, uid);
  return { UniqueIdentifier: uid };
};
