// Writes TTLV items one after the other into one buffer that grows by doubling (KMIP 1.4 section 9.1.1). A structure is
// opened, filled and closed; its length is filled in when it closes. Padding is always zero.

import { ItemType } from './item.ts';
import { headerSize, paddedLength } from './reader.ts';
import type { Version } from './version.ts';

export class Writer {
  /** The version of the message: fields newer than it are left out. */
  readonly version: Version;
  #bytes: Buffer;
  #at = 0;

  /** `size`: bytes to begin with. Most messages fit into the default. */
  constructor(version: Version, size = 512) {
    this.version = version;
    this.#bytes = Buffer.allocUnsafe(size);
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#at;
  }

  /** What has been written: a view of the writer's buffer, which must not be written to any more. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Starts a structure; hand the result to {@link close}. */
  open(tag: number): number {
    this.#head(tag, ItemType.Structure, 0);
    return this.#at;
  }

  close(start: number): void {
    this.#bytes.writeUInt32BE(this.#at - start, start - 4);
  }

  integer(tag: number, value: number): void {
    this.#head(tag, ItemType.Integer, 4);
    this.#at = this.#bytes.writeInt32BE(0, this.#bytes.writeInt32BE(value, this.#at));
  }

  /** Replaces the value of the integer that ends at `end`. */
  replaceInteger(end: number, value: number): void {
    this.#bytes.writeInt32BE(value, end - 8);
  }

  /** Enumeration or Interval. */
  unsigned(tag: number, type: ItemType, value: number): void {
    this.#head(tag, type, 4);
    this.#at = this.#bytes.writeUInt32BE(0, this.#bytes.writeUInt32BE(value, this.#at));
  }

  /** Long Integer, Date-Time or Date-Time Extended. */
  long(tag: number, type: ItemType, value: bigint): void {
    this.#head(tag, type, 8);
    this.#at = this.#bytes.writeBigInt64BE(value, this.#at);
  }

  /** Whole seconds as a Date-Time. */
  seconds(tag: number, value: number): void {
    this.#head(tag, ItemType.DateTime, 8);
    const high = Math.floor(value / 0x1_0000_0000);
    this.#at = this.#bytes.writeUInt32BE(value - high * 0x1_0000_0000, this.#bytes.writeInt32BE(high, this.#at));
  }

  big(tag: number, value: bigint): void {
    const length = bigLength(value);
    this.#head(tag, ItemType.BigInteger, length);
    const digits = BigInt.asUintN(length * 8, value)
      .toString(16)
      .padStart(length * 2, '0');
    this.#at += this.#bytes.write(digits, this.#at, 'hex');
  }

  boolean(tag: number, value: boolean): void {
    this.#head(tag, ItemType.Boolean, 8);
    this.#at = this.#bytes.writeUInt32BE(value ? 1 : 0, this.#bytes.writeUInt32BE(0, this.#at));
  }

  text(tag: number, value: string): void {
    const length = Buffer.byteLength(value);
    this.#head(tag, ItemType.TextString, length);
    this.#bytes.write(value, this.#at, 'utf8');
    this.#pad(length);
  }

  bytes(tag: number, value: Uint8Array): void {
    this.#head(tag, ItemType.ByteString, value.length);
    this.#bytes.set(value, this.#at);
    this.#pad(value.length);
  }

  /** Items that are already encoded. */
  raw(items: Uint8Array): void {
    this.#reserve(items.length);
    this.#bytes.set(items, this.#at);
    this.#at += items.length;
  }

  #head(tag: number, type: ItemType, length: number): void {
    this.#reserve(headerSize + paddedLength(length));
    this.#at = this.#bytes.writeUInt32BE(tag * 256 + type, this.#at);
    this.#at = this.#bytes.writeUInt32BE(length, this.#at);
  }

  #pad(length: number): void {
    const end = this.#at + paddedLength(length);
    for (let at = this.#at + length; at < end; at++) this.#bytes[at] = 0;
    this.#at = end;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + size));
    grown.set(this.#bytes.subarray(0, this.#at));
    // It may hold key bytes, and nobody else knows of it.
    this.#bytes.fill(0);
    this.#bytes = grown;
  }
}

/** The fewest multiples of eight bytes that hold `value` and its sign. */
const bigLength = (value: bigint): number => {
  const digits = (value < 0n ? -value - 1n : value).toString(16);
  const topBits = 32 - Math.clz32(Number.parseInt(digits.slice(0, 1), 16));
  const bitsAndSign = (digits.length - 1) * 4 + topBits + 1;
  return Math.ceil(bitsAndSign / 64) * 8;
};
