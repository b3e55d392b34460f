// Segments of the audit trail: lines of JSON that carry a sequence number each, bound to the segment before by SHA-256.
//
//   hash = SHA-256("kmip-edge audit segment 1\n" first " " last " " startedAt " " endedAt " " previous, hex "\n" lines)
//   line = {"sequence":N, … }\n

import { createHash } from 'node:crypto';
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Segment } from '../../keys/audit-ports.ts';

/** A segment as it is hashed; `text` are its lines. */
export interface PlainSegment extends Pick<Segment, 'first' | 'last' | 'startedAt' | 'endedAt' | 'previous' | 'hash'> {
  readonly text: Buffer;
}

/** What the first segment follows. */
export const genesis = Buffer.alloc(32);

/** The most records in one segment: what one turn of the event loop can bear. */
export const longestSegment = 4096;
/** Bytes of lines: no segment is longer, whoever wrote it. */
const longestText = 64 * 1024 * 1024;
/** Bytes. Below it there is nothing to gain. */
const worthCompressing = 2048;

/** Lines that follow one another. */
export interface Block {
  /** Of the first and of the last line, milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly text: Buffer;
  /** Where each line ends in the text. */
  readonly ends: readonly number[];
}

export const hashOf = ({ first, last, startedAt, endedAt, previous, text }: Omit<PlainSegment, 'hash'>): Buffer =>
  createHash('sha256')
    .update(`kmip-edge audit segment 1\n${first} ${last} ${startedAt} ${endedAt} ${previous.toString('hex')}\n`)
    .update(text)
    .digest();

/** The segment of a block, which has at least one line, after the record `sequence` and the segment `previous`. */
export const buildSegment = (
  { startedAt, endedAt, text, ends }: Block,
  sequence: number,
  previous: Buffer,
): PlainSegment & { readonly sums: Buffer } => {
  const sums = Buffer.allocUnsafe(4 * ends.length);
  let [start, at] = [0, 0];
  for (const end of ends) {
    at = sums.writeUInt32BE(crc32(text.subarray(start, end)), at);
    start = end;
  }
  const plain = { first: sequence + 1, last: sequence + ends.length, startedAt, endedAt, previous, text };
  return { ...plain, hash: hashOf(plain), sums };
};

/** As little as it gets without a second look. */
export const packText = (text: Buffer): Pick<Segment, 'encoding' | 'body'> =>
  text.length < worthCompressing
    ? { encoding: 'plain', body: text }
    : { encoding: 'zstd', body: zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }) };

/** The lines of a segment as it rests; undefined for a body that is none. */
export const unpackText = ({ encoding, body }: Pick<Segment, 'encoding' | 'body'>): Buffer | undefined => {
  if (encoding === 'plain') return body;
  try {
    return zstdDecompressSync(body, { maxOutputLength: longestText });
  } catch {
    return undefined;
  }
};

/** The lines, each with its end. */
export const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** The number that a line says it has; undefined for one that says none. */
export const sequenceOf = (line: string): number | undefined => {
  const [, digits] = /^\{"sequence":(\d{1,16}),/.exec(line) ?? [];
  return digits === undefined ? undefined : Number(digits);
};
