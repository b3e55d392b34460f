// Delete Attribute (KMIP 1.4 section 4.16).

import { EdgeError } from '../errors.ts';
import { type Changed, deleteAttribute as remove } from '../keys/attribute-changes.ts';
import type { KeptAttribute, ManagedObject, Seconds } from '../keys/object.ts';
import type { RequestPayload } from '../kmip/payloads/table.ts';
import { V2_0, type Version } from '../kmip/version.ts';
import { indexOf } from './attribute-address.ts';
import type { Handler } from './handler.ts';

/** Takes a value away, or with a reference of 2.x all values of an attribute. */
export const deleteAttribute: Handler<'DeleteAttribute'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  const { caller, version } = context;
  const result = await context.keys.objects.alter(caller, 'DeleteAttribute', uid, (object, kept, now) =>
    removed(object, kept, request, version, now),
  );
  return { UniqueIdentifier: uid, Attribute: result };
};

const removed = (
  object: ManagedObject,
  kept: readonly KeptAttribute[],
  request: RequestPayload<'DeleteAttribute'>,
  version: Version,
  now: Seconds,
): Changed => {
  const { CurrentAttribute: current, AttributeName: name, AttributeIndex: index } = request;
  if (current) return remove(object, kept, current.AttributeName, indexOf(current, kept, version), version, now);
  if (name === undefined) throw new EdgeError('missing-data', 'no attribute is named');
  const own = kept.filter((one) => one.name === name).map((one) => one.index);
  const indices = version >= V2_0 && own.length > 0 ? own : [index ?? own[0] ?? 0];
  let changed: Changed | undefined;
  for (const one of indices) {
    changed = remove(changed?.object ?? object, changed?.attributes ?? kept, name, one, version, now);
  }
  if (!changed) throw new EdgeError('attribute-not-found', 'the object does not have the attribute');
  return changed;
};
