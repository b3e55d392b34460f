// Damages messages the way an attacker or a broken peer would, from a seed, so that any damage can be made again.

/** A small random source (mulberry32): whole numbers below `limit`. */
export type Random = (limit: number) => number;

export const randomFrom = (seed: number): Random => {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
};

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const headers = (bytes: Buffer): readonly number[] => {
  const found: number[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8) if (bytes[at] === 0x42 && bytes[at + 1] === 0) found.push(at);
  return found.length === 0 ? [0] : found;
};

/** The offset of some item's header. */
const someHeader = (bytes: Buffer, random: Random): number => {
  const found = headers(bytes);
  return found[random(found.length)] ?? 0;
};

const flipBits: Mutation = (bytes, random) => {
  const out = Buffer.from(bytes);
  for (let left = 1 + random(4); left > 0; left--) {
    const at = random(out.length);
    out[at] = (out[at] ?? 0) ^ (1 << random(8));
  }
  return out;
};

const awkwardLengths = [0, 1, 3, 4, 5, 7, 8, 16, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff] as const;

const editLength: Mutation = (bytes, random) => {
  const out = Buffer.from(bytes);
  const at = someHeader(out, random);
  if (at + 8 > out.length) return out;
  const near = (out.readUInt32BE(at + 4) + random(33) - 16) >>> 0;
  out.writeUInt32BE(random(2) === 0 ? near : (awkwardLengths[random(awkwardLengths.length)] ?? 0), at + 4);
  return out;
};

const editType: Mutation = (bytes, random) => {
  const out = Buffer.from(bytes);
  const at = someHeader(out, random);
  if (at + 4 <= out.length) out[at + 3] = random(14);
  return out;
};

const editTag: Mutation = (bytes, random) => {
  const out = Buffer.from(bytes);
  const at = someHeader(out, random);
  if (at + 3 <= out.length) out[at + 2] = random(256);
  return out;
};

const truncate: Mutation = (bytes, random) => bytes.subarray(0, random(bytes.length));

const splice: Mutation = (bytes, random, other) => {
  const cut = random(bytes.length >> 3) << 3;
  const from = random(other.length >> 3) << 3;
  return mendRoot(Buffer.concat([bytes.subarray(0, cut), other.subarray(from)]));
};

const repeat: Mutation = (bytes, random) => {
  const at = someHeader(bytes, random);
  if (at + 8 > bytes.length) return bytes;
  const part = bytes.subarray(at, at + 8 + bytes.readUInt32BE(at + 4));
  const times = 1 + random(40);
  return mendRoot(Buffer.concat([bytes, ...Array.from({ length: times }, () => part)]));
};

const nest: Mutation = (bytes, random) => {
  const at = someHeader(bytes, random);
  let inner = bytes.subarray(at, at + 8);
  for (let depth = random(64); depth > 0; depth--) inner = wrap(inner);
  return mendRoot(Buffer.concat([bytes, inner]));
};

const wrap = (inner: Buffer): Buffer => {
  const head = Buffer.from([0x42, 0, 0x0b, 1, 0, 0, 0, 0]);
  head.writeUInt32BE(inner.length, 4);
  return Buffer.concat([head, inner]);
};

/** Makes the outermost length right again, so that the damage inside is reached. */
const mendRoot = (bytes: Buffer): Buffer => {
  if (bytes.length >= 8) bytes.writeUInt32BE(bytes.length - 8, 4);
  return bytes;
};

const mutations: readonly Mutation[] = [flipBits, editLength, editType, editTag, truncate, splice, repeat, nest];

/** A message out of `seeds`, damaged one to three times. */
export const mutate = (seeds: readonly Buffer[], random: Random): Buffer => {
  const pick = (): Buffer => seeds[random(seeds.length)] ?? Buffer.alloc(8);
  let bytes = pick();
  for (let left = 1 + random(3); left > 0 && bytes.length >= 8; left--) {
    const mutation = mutations[random(mutations.length)] ?? flipBits;
    bytes = mutation(bytes, random, pick());
  }
  return bytes.length > largest ? bytes.subarray(0, largest) : bytes;
};

/** No larger than the frame reader lets through. */
const largest = 1024 * 1024;
