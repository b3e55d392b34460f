// Import (KMIP 1.4 section 4.42): an object under the identifier that it has.

import { EdgeError } from '../errors.ts';
import type { ObjectWriter } from '../keys/object-ports.ts';
import { UniqueIdentifier } from '../kmip/enums.ts';
import type { Handler } from './handler.ts';
import { readIncoming } from './incoming.ts';

/** What an identifier may be made of: it goes into log lines, and beside wrapped keys to where those are opened. */
const identifier = /^[\w.:-]{1,128}$/;

/**
 * Takes in an object with its identifier. One that is there already stays, unless the client says that it is to be replaced
 * and it is the client's.
 */
export const importObject: Handler<'Import'> = async (context, request) => {
  const { UniqueIdentifier: uid, ReplaceExisting: replace = false } = request;
  if (!identifier.test(uid)) {
    throw new EdgeError(
      'invalid-field',
      'an identifier has 1 to 128 letters, digits, dots, colons, dashes or underscores',
    );
  }
  const own = request.Attribute.filter(({ AttributeName: name }) => !isOwnedByServer(name));
  const { key, material } = await readIncoming(context, request, request.ObjectType, own);
  const { caller, keys } = context;
  if (replace && caller.journal) throw new EdgeError('feature-not-supported', 'a replacing import cannot be undone');
  const make = (objects: ObjectWriter): void => {
    const there = objects.find(uid);
    if (!there) return;
    if (!replace || there.instanceId !== caller.instanceId) {
      throw new EdgeError('object-exists', `an object with the unique identifier '${uid}' exists already`);
    }
    objects.remove(uid);
  };
  await keys.objects.registerAll(caller, 'Import', [{ uid, key: { ...key, replaces: uid }, material }], make, {
    erase: replace,
  });
  context.place(uid);
  context.note(UniqueIdentifier.Import, uid);
  return { UniqueIdentifier: uid };
};

/** What an export lists and this server says itself; a part of a name in a certificate among it. */
const isOwnedByServer = (name: string): boolean =>
  ownedByServer.has(name) || /^Certificate (?:Subject|Issuer)\b/.test(name);

const ownedByServer: ReadonlySet<string> = new Set([
  'Unique Identifier',
  'State',
  'Digest',
  'Initial Date',
  'Last Change Date',
  'Lease Time',
  'Destroy Date',
  'Archive Date',
  'Compromise Date',
  'Compromise Occurrence Date',
  'Revocation Reason',
  'Always Sensitive',
  'Never Extractable',
  'Certificate Type',
  'Certificate Length',
  'X.509 Certificate Identifier',
  'X.509 Certificate Subject',
  'X.509 Certificate Issuer',
  'Key Format Type',
  'Opaque Data Type',
  'Protection Storage Mask',
  'Short Unique Identifier',
]);
