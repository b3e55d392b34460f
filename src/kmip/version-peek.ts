// Finds the protocol version of a message before, or without, decoding the rest of it: the version decides which fields
// count, and an error answer to a broken request still has to be in the request's version (KMIP 1.4 section 6.1).

import { EdgeError, isKind } from '../errors.ts';
import { ProtocolVersion } from './header.ts';
import { ItemType } from './item.ts';
import { headerSize, invalidMessage, itemEnd, lengthAt, tagAt, typeAt } from './reader.ts';
import { Tag, tagName } from './tags.ts';
import { isVersion, toVersion, V2_1, type Version } from './version.ts';

/** The version in the header of a request or response that is otherwise not looked at. Throws where there is none. */
export const protocolVersionOf = (bytes: Buffer): Version => {
  const root = structureEnd(bytes, 0, bytes.length);
  const headerTag = tagAt(bytes, 0) === Tag.RequestMessage ? Tag.RequestHeader : Tag.ResponseHeader;
  const header = find(bytes, headerSize, root, headerTag, 0);
  const at = find(bytes, header + headerSize, structureEnd(bytes, header, root), Tag.ProtocolVersion, header);
  const parts = ProtocolVersion.decode({ bytes, version: V2_1, depth: 0 }, at);
  if (!isVersion(parts)) throw new EdgeError('invalid-field', 'ProtocolVersion is out of range');
  return toVersion(parts);
};

/** The version of a request that may be broken in any way, or undefined where not even that can be read. */
export const peekVersion = (bytes: Buffer): Version | undefined => {
  try {
    return protocolVersionOf(bytes);
  } catch (error) {
    if (isKind(error, 'invalid-message', 'missing-data', 'invalid-field')) return undefined;
    throw error;
  }
};

/** Where the children of the structure at `at` end. */
const structureEnd = (bytes: Buffer, at: number, limit: number): number => {
  itemEnd(bytes, at, limit);
  if (typeAt(bytes, at) !== ItemType.Structure) throw invalidMessage(`${tagName(tagAt(bytes, at))} is no structure`);
  return at + headerSize + lengthAt(bytes, at);
};

/** The child with `tag` between `at` and `end`; the structure around them is at `parent`. */
const find = (bytes: Buffer, at: number, end: number, tag: number, parent: number): number => {
  for (let child = at; child < end; ) {
    const next = itemEnd(bytes, child, end);
    if (tagAt(bytes, child) === tag) return child;
    child = next;
  }
  throw new EdgeError('missing-data', `${tagName(tagAt(bytes, parent))}: ${tagName(tag)} is missing`);
};
