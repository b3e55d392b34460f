// The recorded requests and answers of vCenter 8.0.1 that lie beside the checkout, and a way to compare answers by what
// they are made of: identifiers, key bytes and times are different in every run.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type Item, ItemType } from '../../src/kmip/item.ts';
import { tagName } from '../../src/kmip/tags.ts';
import { decodeItem, encodeItem } from '../../src/kmip/ttlv.ts';

const folder = new URL('../../../shared/data/vcenter/', import.meta.url);

/** True where the folder is there; then it must not be empty. */
export const haveRecordings = existsSync(folder);

export interface Recording {
  readonly request: Buffer;
  readonly response: Buffer;
}

/** The exchanges of one file by name, `_request` and `_response` taken off. Throws where there are none. */
export const readRecordings = (): ReadonlyMap<string, Recording> => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  if (files.length === 0) throw new Error(`no recordings in ${folder.pathname}`);
  const named = JSON.parse(readFileSync(new URL('vcenter-8.0.1.json', folder), 'utf8')) as Record<string, string>;
  const bytes = (name: string): Buffer => Buffer.from(named[name] ?? '', 'hex');
  const names = Object.keys(named).flatMap((name) => /^(.+)_request$/.exec(name)?.[1] ?? []);
  if (names.length === 0) throw new Error(`no requests in ${folder.pathname}vcenter-8.0.1.json`);
  return new Map(
    names.map((name) => [name, { request: bytes(`${name}_request`), response: bytes(`${name}_response`) }]),
  );
};

/** The identifier that the recordings' key has. */
export const recordedUid = '01000000-7356-8565-621e-08ddba133224';

/** `message` with every occurrence of the recorded identifier replaced. */
export const withUid = (message: Buffer, uid: string): Buffer => encodeItem(replaced(decodeItem(message), uid));

const replaced = (item: Item, uid: string): Item => {
  if (item.type === ItemType.Structure) return { ...item, value: item.value.map((child) => replaced(child, uid)) };
  return item.type === ItemType.TextString && item.value === recordedUid ? { ...item, value: uid } : item;
};

/** One line for each item with its path, type and value, as far as the value is the same in every run. */
export const outline = (message: Buffer, uid: string): readonly string[] => lines(decodeItem(message), '', uid);

/** The recorded server writes Object Type into the Symmetric Key, which the standard does not have there. */
const strange = /\/SymmetricKey\/ObjectType/;

const lines = (item: Item, above: string, uid: string): readonly string[] => {
  const path = `${above}/${tagName(item.tag)}`;
  if (item.type !== ItemType.Structure) return [`${path} ${item.type} ${stable(path, item.value, uid)}`];
  // Which versions a server speaks is its own affair.
  if (path.endsWith('/ResponsePayload/ProtocolVersion')) return [];
  return [path, ...item.value.flatMap((child) => lines(child, path, uid))].filter((line) => !strange.test(line));
};

const stable = (path: string, value: unknown, uid: string): string => {
  if (path.endsWith('/TimeStamp')) return 'time';
  if (path.endsWith('/KeyMaterial')) return `${(value as Buffer).length} bytes`;
  if (Buffer.isBuffer(value)) return value.toString('hex');
  return value === uid || value === recordedUid ? 'uid' : String(value);
};
