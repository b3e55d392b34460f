// Destroy (KMIP 1.4 section 4.21).

import type { Handler } from './handler.ts';

/** Erases the material; the attributes stay. */
export const destroy: Handler<'Destroy'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  await context.keys.destroy(context.caller, uid);
  return { UniqueIdentifier: uid };
};
