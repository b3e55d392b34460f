// Requests that are well-formed and wrong: valid ones whose items are exchanged, repeated, left out or given other values, as
// the grammar of KMIP allows. They come past the decoder, to where operations and objects are.

import { type Item, ItemType } from '../../src/kmip/item.ts';
import { Tag } from '../../src/kmip/tags.ts';
import type { Random } from '../kmip/mutate.ts';
import { growDer } from './grow-der.ts';

const pick = <T>(list: readonly T[], random: Random): T | undefined => list[random(list.length)];

/** Where numbers break. */
const integers = [0, 1, -1, 2, 7, 8, 64, 127, 128, 256, 4096, 65_535, 0x7fff_ffff, -0x8000_0000];
const longs = [
  0n,
  1n,
  -1n,
  255n,
  1_700_000_000n,
  2n ** 31n,
  2n ** 53n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  8_640_000_000_000n,
];
const texts = [
  '',
  'x',
  'x-a',
  'y-a',
  'State',
  'Name',
  'Cryptographic Length',
  '\u0000',
  'é☃🔑',
  'a'.repeat(1025),
  '../..',
];

const bytesOf = (random: Random): Buffer =>
  Buffer.alloc(pick([0, 1, 7, 8, 12, 15, 16, 24, 31, 32, 33, 64, 1024], random) ?? 0, random(256));

/** Another value of the same type. */
const otherValue = (item: Item, random: Random): Item => {
  switch (item.type) {
    case ItemType.Integer:
      return { ...item, value: pick(integers, random) ?? 0 };
    case ItemType.Enumeration:
      return { ...item, value: random(4) === 0 ? (pick(integers, random) ?? 0) >>> 0 : 1 + random(40) };
    case ItemType.Interval:
      return { ...item, value: (pick(integers, random) ?? 0) >>> 0 };
    case ItemType.LongInteger:
    case ItemType.DateTime:
    case ItemType.DateTimeExtended:
      return { ...item, value: pick(longs, random) ?? 0n };
    case ItemType.BigInteger:
      return { ...item, value: (pick(longs, random) ?? 0n) ** BigInt(1 + random(4)) };
    case ItemType.Boolean:
      return { ...item, value: !item.value };
    case ItemType.TextString:
      return { ...item, value: pick(texts, random) ?? '' };
    case ItemType.ByteString:
      return { ...item, value: random(2) === 0 ? bytesOf(random) : growDer(item.value, item.value, random) };
    default:
      return item;
  }
};

const leaf = (tag: number, random: Random): Item =>
  otherValue(
    pick<Item>(
      [
        { tag, type: ItemType.Integer, value: 0 },
        { tag, type: ItemType.Enumeration, value: 0 },
        { tag, type: ItemType.TextString, value: '' },
        { tag, type: ItemType.ByteString, value: Buffer.alloc(0) },
        { tag, type: ItemType.Boolean, value: false },
        { tag, type: ItemType.DateTime, value: 0n },
        { tag, type: ItemType.LongInteger, value: 0n },
      ],
      random,
    ) ?? { tag, type: ItemType.Integer, value: 0 },
    random,
  );

const tags = Object.values(Tag);

const all = (item: Item): readonly Item[] => [
  item,
  ...(item.type === ItemType.Structure ? item.value.flatMap(all) : []),
];

/** One item in another form; `donor` is a message to take parts of. */
const changed = (item: Item, donor: Item, random: Random): readonly Item[] => {
  switch (random(9)) {
    case 0:
      return [];
    case 1:
      return [item, item];
    case 2:
      return [{ ...item, tag: pick(tags, random) ?? item.tag }];
    case 3:
      return [leaf(item.tag, random)];
    case 4:
      return [{ ...(pick(all(donor), random) ?? item), tag: item.tag }];
    case 5:
      return [item, pick(all(donor), random) ?? item];
    case 6:
      return item.type === ItemType.Structure
        ? [{ ...item, value: item.value.toReversed() }]
        : [otherValue(item, random)];
    default:
      return item.type === ItemType.Structure ? [{ ...item, value: [] }] : [otherValue(item, random)];
  }
};

/** Items that stay in most messages: without them a message ends before its operation. */
const framing: ReadonlySet<number> = new Set([
  Tag.RequestHeader,
  Tag.ProtocolVersion,
  Tag.ProtocolVersionMajor,
  Tag.ProtocolVersionMinor,
  Tag.BatchCount,
  Tag.BatchItem,
  Tag.Operation,
  Tag.RequestPayload,
]);

/** `message` with one to three of its items in another form. */
export const grow = (message: Item, donor: Item, random: Random): Item => {
  const items = all(message).slice(1);
  const open = random(10) === 0 ? items : items.filter(({ tag }) => !framing.has(tag));
  const chosen = new Set(Array.from({ length: 1 + random(3) }, () => pick(open.length > 0 ? open : items, random)));
  const walk = (item: Item): readonly Item[] => {
    if (chosen.has(item)) return changed(item, donor, random);
    return [item.type === ItemType.Structure ? { ...item, value: item.value.flatMap(walk) } : item];
  };
  if (message.type !== ItemType.Structure) return message;
  return { ...message, value: message.value.flatMap(walk) };
};

/** `message` with every identifier exchanged for one of objects that are there. */
export const aimedAt = (message: Item, uids: readonly string[], random: Random): Item => {
  const walk = (item: Item): Item => {
    if (item.type === ItemType.Structure) return { ...item, value: item.value.map(walk) };
    const names = item.type === ItemType.TextString && identifiers.has(item.tag);
    return names ? { ...item, value: pick(uids, random) ?? item.value } : item;
  };
  return walk(message);
};

const identifiers: ReadonlySet<number> = new Set([
  Tag.UniqueIdentifier,
  Tag.PrivateKeyUniqueIdentifier,
  Tag.PublicKeyUniqueIdentifier,
  Tag.LinkedObjectIdentifier,
]);
