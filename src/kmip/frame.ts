// Cuts a TCP byte stream into whole KMIP messages. What a peer claims is checked as soon as its bytes are there: nothing
// is kept for a message of the wrong kind or size, and never more than twice what has really arrived.

import { ItemType } from './item.ts';
import { headerSize, invalidMessage, lengthAt, paddedLength } from './reader.ts';
import { tagName } from './tags.ts';

/** The largest message accepted where nothing else is said. VMware's largest is 680 bytes. */
export const defaultMaximumMessageSize = 1024 * 1024;

export interface FrameOptions {
  /** Tag of the messages expected: Request Message or Response Message (KMIP 1.4 section 7.1). */
  readonly rootTag: number;
  /** Largest message accepted, in bytes, its own header included. */
  readonly maximum?: number;
}

const nothing = Buffer.alloc(0);
/** Less than this is not worth growing by. */
const smallestStore = 512;

/** After every push take messages with `next` until it gives none: what is pushed on top of untaken bytes is copied. */
export class FrameReader {
  readonly #header: Buffer;
  readonly #tag: number;
  readonly #maximum: number;
  /** Arrived and not yet looked at. */
  #chunk: Buffer = nothing;
  /** The start of a message that did not lie in one chunk; its first `#held` bytes are filled. */
  #store: Buffer = nothing;
  #held = 0;

  constructor({ rootTag, maximum = defaultMaximumMessageSize }: FrameOptions) {
    this.#tag = rootTag;
    this.#maximum = maximum;
    this.#header = Buffer.alloc(4);
    this.#header.writeUInt32BE(rootTag * 256 + ItemType.Structure);
  }

  /** True while a message has begun and not ended: the connection's message deadline runs. */
  get pending(): boolean {
    return this.#held > 0 || this.#chunk.length > 0;
  }

  /** Hands over what arrived. The reader keeps views of it: the caller must not write to it again. */
  push(chunk: Buffer): void {
    this.#chunk = this.#chunk.length === 0 ? chunk : Buffer.concat([this.#chunk, chunk]);
  }

  /** The next whole message, a view of the chunk where it lies in one. Throws where the stream is no KMIP. */
  next(): Buffer | undefined {
    return this.#held === 0 ? this.#fromChunk() : this.#fromStore();
  }

  #fromChunk(): Buffer | undefined {
    const chunk = this.#chunk;
    if (chunk.length === 0) return undefined;
    const size = this.#checkHead(chunk, chunk.length);
    if (size === undefined || size > chunk.length) return this.#fromStore();
    this.#chunk = chunk.subarray(size);
    return chunk.subarray(0, size);
  }

  #fromStore(): Buffer | undefined {
    this.#take(headerSize);
    const size = this.#checkHead(this.#store, this.#held);
    if (size === undefined) return undefined;
    this.#take(size);
    if (this.#held < size) return undefined;
    const message = this.#store.subarray(0, size);
    this.#store = nothing;
    this.#held = 0;
    return message;
  }

  /** Moves bytes from the chunk until `size` are held or the chunk is empty. */
  #take(size: number): void {
    const count = Math.min(size - this.#held, this.#chunk.length);
    if (count <= 0) return;
    this.#reserve(this.#held + count, size);
    this.#store.set(this.#chunk.subarray(0, count), this.#held);
    this.#held += count;
    this.#chunk = this.#chunk.subarray(count);
  }

  /** Doubles, so that a message in many small pieces costs linear time, and what was only claimed costs nothing. */
  #reserve(needed: number, size: number): void {
    if (needed <= this.#store.length) return;
    const doubled = Math.max(needed, this.#store.length * 2, smallestStore);
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(doubled, Math.max(size, smallestStore))));
    grown.set(this.#store.subarray(0, this.#held));
    this.#store = grown;
  }

  /** The size of the message that begins with these bytes, once its header is whole. */
  #checkHead(bytes: Buffer, count: number): number | undefined {
    for (let at = 0; at < Math.min(count, this.#header.length); at++) {
      if (bytes[at] !== this.#header[at]) throw invalidMessage(`the stream is no ${tagName(this.#tag)}`);
    }
    if (count < headerSize) return undefined;
    const size = headerSize + paddedLength(lengthAt(bytes, 0));
    if (size > this.#maximum) {
      throw invalidMessage(`a message of ${size} bytes is larger than the ${this.#maximum} allowed`);
    }
    return size;
  }
}
