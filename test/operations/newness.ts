// Finds in an answer what its version does not have: tags, attributes and enumeration values newer than it. The table is
// kept apart from the one in src, so that a slip in either shows.

import { type Item, ItemType } from '../../src/kmip/item.ts';
import { Tag, tagName } from '../../src/kmip/tags.ts';
import { decodeItem } from '../../src/kmip/ttlv.ts';
import type { Version } from '../../src/kmip/version.ts';

/**
 * The last tag that each version added, from section 9.1.3.1 of each: tags are numbered in the order in which they came.
 */
const lastTags: readonly (readonly [Version, number])[] = [
  [100, 0x4200a1],
  [101, 0x4200b7],
  [102, 0x4200d3],
  [103, 0x4200f7],
  [104, 0x420124],
];

const newAttributes: Readonly<Record<string, Version>> = {
  'Certificate Length': 101,
  'X.509 Certificate Identifier': 101,
  'X.509 Certificate Subject': 101,
  'X.509 Certificate Issuer': 101,
  'Digital Signature Algorithm': 101,
  Fresh: 101,
  'Alternative Name': 102,
  'Key Value Present': 102,
  'Key Value Location': 102,
  'Original Creation Date': 102,
  'Random Number Generator': 103,
  'PKCS#12 Friendly Name': 104,
  Description: 104,
  Comment: 104,
  Sensitive: 104,
  'Always Sensitive': 104,
  Extractable: 104,
  'Never Extractable': 104,
};

/** The largest value of the enumerations that a server writes by itself, by version (section 9.1.3.2). */
const largestValues: Readonly<Record<number, readonly (readonly [Version, number])[]>> = {
  [Tag.Operation]: [
    [100, 0x1c],
    [101, 0x1e],
    [102, 0x29],
    [103, 0x29],
    [104, 0x2b],
  ],
  [Tag.ObjectType]: [
    [100, 0x08],
    [101, 0x08],
    [102, 0x09],
    [103, 0x09],
    [104, 0x09],
  ],
};

const since = (table: readonly (readonly [Version, number])[], value: number): Version =>
  table.find(([, last]) => value <= last)?.[0] ?? 999;

/** What in this message, header included, is newer than `version`. */
export const newerThan = (version: Version, message: Buffer): readonly string[] => inItem(version, decodeItem(message));

const inItem = (version: Version, item: Item): readonly string[] => {
  const found = since(lastTags, item.tag) > version ? [`tag ${tagName(item.tag)}`] : [];
  if (item.type === ItemType.Structure) return [...found, ...item.value.flatMap((child) => inItem(version, child))];
  if (item.tag === Tag.AttributeName && (newAttributes[String(item.value)] ?? 0) > version) {
    return [...found, `attribute ${item.value}`];
  }
  const values = largestValues[item.tag];
  return values && since(values, Number(item.value)) > version
    ? [...found, `${tagName(item.tag)} ${item.value}`]
    : found;
};
