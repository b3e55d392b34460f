// DER that is well-formed and wrong: keys and certificates whose values are exchanged, repeated, left out, or of sizes that
// nobody has in mind. It comes past the decoder, to what computes with it.

import { childrenOf, type Der, DerTag, readDer } from '../../src/der.ts';
import { EdgeError } from '../../src/errors.ts';
import { der } from '../kit/der.ts';
import type { Random } from '../kmip/mutate.ts';

interface Node {
  readonly tag: number;
  /** Undefined for a value by itself. */
  readonly children: readonly Node[] | undefined;
  readonly content: Buffer;
}

/** Undefined for what is no DER. */
const parse = (bytes: Buffer): Node | undefined => {
  try {
    return nodeOf(readDer(bytes));
  } catch (error) {
    if (error instanceof EdgeError) return undefined;
    throw error;
  }
};

const nodeOf = (value: Der): Node => ({
  tag: value.tag,
  children: (value.tag & 0x20) === 0 ? insideString(value) : childrenOf(value).map(nodeOf),
  content: value.content,
});

/** A string may hold another value: what follows its first octet, where it is one of bits. */
const insideString = ({ tag, content }: Der): readonly Node[] | undefined => {
  if (tag !== DerTag.octetString && tag !== DerTag.bitString) return undefined;
  const inside = parse(tag === DerTag.bitString ? content.subarray(1) : content);
  return inside && [inside];
};

const encode = ({ tag, children, content }: Node): Buffer => {
  if (!children) return der(tag, content);
  return der(tag, ...(tag === DerTag.bitString ? [Buffer.of(0)] : []), ...children.map(encode));
};

const all = (node: Node): readonly Node[] => [node, ...(node.children ?? []).flatMap(all)];

const pick = <T>(list: readonly T[], random: Random): T | undefined => list[random(list.length)];

/** Bytes: around the limits, and what would take minutes. */
const sizes = [0, 1, 2, 32, 128, 512, 513, 514, 2048, 2049, 2050, 20_000, 200_000];
const times = [2, 3, 40, 1000, 20_000];
const tags = [1, 2, 3, 4, 5, 6, 9, 10, 12, 19, 22, 23, 24, 30, 35, 36, 48, 49, 128, 129, 160, 161, 163];

const ofSize = (random: Random): Buffer => {
  const bytes = Buffer.alloc(pick(sizes, random) ?? 0, random(256));
  // Positive, and odd: what a modulus has to be.
  if (bytes.length > 0) bytes.writeUInt8(random(4) === 0 ? random(256) : 0x7f, 0);
  if (bytes.length > 1) bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) | 1, bytes.length - 1);
  return bytes;
};

const flipped = (content: Buffer, random: Random): Buffer => {
  const bytes = Buffer.from(content);
  const at = random(bytes.length || 1);
  if (bytes.length > 0) bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random(8)), at);
  return bytes;
};

/** A node in another form; `donor` has parts to take. */
const changed = (node: Node, donor: Node, random: Random): readonly Node[] => {
  const bare = { tag: node.tag, children: undefined };
  switch (random(8)) {
    case 0:
      return [];
    case 1:
      return Array.from({ length: pick(times, random) ?? 2 }, () => node);
    case 2:
      return [{ ...node, tag: pick(tags, random) ?? node.tag }];
    case 3:
      return [pick(all(donor), random) ?? node];
    case 4:
      return [{ ...node, children: node.children?.toReversed() }];
    case 5:
      return [{ ...bare, content: ofSize(random) }];
    default:
      return [{ ...bare, content: flipped(node.content, random) }];
  }
};

/** `bytes` with one to three of its values in another form; with a bit changed where they are no DER. */
export const growDer = (bytes: Buffer, donorBytes: Buffer, random: Random): Buffer => {
  const root = parse(bytes);
  if (!root) return flipped(bytes, random);
  const donor = parse(donorBytes) ?? root;
  const nodes = all(root).slice(1);
  const chosen = new Set(Array.from({ length: 1 + random(3) }, () => pick(nodes, random)));
  const walk = (node: Node): readonly Node[] =>
    chosen.has(node) ? changed(node, donor, random) : [{ ...node, children: node.children?.flatMap(walk) }];
  return encode({ ...root, children: root.children?.flatMap(walk) });
};
