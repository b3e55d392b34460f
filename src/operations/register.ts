// Register (KMIP 1.4 section 4.3).

import { UniqueIdentifier } from '../kmip/enums.ts';
import type { Handler } from './handler.ts';
import { readIncoming } from './incoming.ts';
import { attributesOf } from './templates.ts';

/** Takes in the object that the client brings and names it by the ID Placeholder. */
export const register: Handler<'Register'> = async (context, request) => {
  const attributes = await attributesOf(context, request.TemplateAttribute);
  const { key, material } = await readIncoming(context, request, request.ObjectType, attributes);
  const { uid } = await context.keys.register(context.caller, key, material);
  context.place(uid);
  context.note(UniqueIdentifier.Register, uid);
  return { UniqueIdentifier: uid };
};
