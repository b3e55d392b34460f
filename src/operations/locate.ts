// Locate (KMIP 1.4 section 4.9).

import { EdgeError } from '../errors.ts';
import { readSearch } from '../keys/locate.ts';
import { attribute } from '../kmip/attributes.ts';
import { ObjectGroupMember, UniqueIdentifier } from '../kmip/enums.ts';
import type { Handler } from './handler.ts';

/** No answer lists more, whatever was asked for: 36 bytes each keep it well below a megabyte. */
const mostItems = 10_000;

/**
 * Unique identifiers, oldest first. One single result becomes the ID Placeholder; anything else empties it. Located Items
 * counts all that match, so it is left out where the search stopped before it had seen them all.
 */
export const locate: Handler<'Locate'> = async (context, request) => {
  const {
    ObjectGroupMember: member,
    MaximumItems: maximum = mostItems,
    OffsetItems: offset = 0,
    StorageStatusMask: storage,
  } = request;
  if (maximum < 0 || offset < 0) throw new EdgeError('invalid-field', 'maximum and offset items cannot be negative');
  const fresh = member === ObjectGroupMember.GroupMemberFresh ? [attribute('Fresh', true)] : [];
  const search = readSearch([...request.Attribute, ...fresh], storage, context.version, context.now);
  // The default object of a group is its oldest.
  const wanted = Math.min(maximum, member === ObjectGroupMember.GroupMemberDefault ? 1 : mostItems);
  const found = await context.keys.locate(context.caller, { ...search, maximum: wanted, offset });
  const only = found.length === 1 ? found[0] : undefined;
  context.place(only);
  context.note(UniqueIdentifier.Locate, only);
  const complete = found.length < wanted && (found.length > 0 || offset === 0);
  return { LocatedItems: complete ? offset + found.length : undefined, UniqueIdentifier: found };
};
