// Re-key (KMIP 1.4 section 4.4): a new symmetric key in the place of an old one.

import { randomUUID } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import { giveWay, replacementOf } from '../keys/replacement.ts';
import { readTemplate } from '../keys/template.ts';
import { ObjectType, UniqueIdentifier } from '../kmip/enums.ts';
import type { Handler } from './handler.ts';
import { attributesOf } from './templates.ts';

/** The new key has the old one's attributes and names; the old one stays and points to it. */
export const reKey: Handler<'ReKey'> = async (context, request) => {
  const old = context.uid(request.UniqueIdentifier);
  const { caller, keys, now, version } = context;
  const { object, attributes } = await keys.describe(caller, 'ReKey', old);
  if (object.objectType !== ObjectType.SymmetricKey) {
    throw new EdgeError('invalid-field', `object '${old}' is no symmetric key`);
  }
  const template = readTemplate(await attributesOf(context, request.TemplateAttribute), version);
  const key = replacementOf(object, attributes, request.Offset, template, now);
  const uid = randomUUID();
  await keys.objects.registerAll(caller, 'ReKey', [{ uid, key }], (objects, at) => giveWay(objects, old, uid, at));
  context.place(uid);
  context.note(UniqueIdentifier.ReKey, uid);
  return { UniqueIdentifier: uid };
};
