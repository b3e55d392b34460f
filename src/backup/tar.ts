// The tar format, as much of it as a backup needs: a few regular files in a row (POSIX ustar, and GNU's form of sizes
// from 8 GiB). So what is inside a backup can be taken out with age and tar alone.

import { EdgeError } from '../errors.ts';

const blockBytes = 512;
/** The largest size that 11 octal digits hold, plus one. */
const octalLimit = 8 ** 11;

export interface TarEntry {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly content: AsyncIterable<Buffer>;
}

/** The entries as one stream. `now` is milliseconds since 1970. Throws `internal` for content of another length. */
export async function* writeTar(entries: AsyncIterable<TarEntry> | Iterable<TarEntry>, now: number) {
  for await (const { name, size, content } of entries) {
    yield headerOf(name, size, now);
    let written = 0;
    for await (const bytes of content) {
      written += bytes.length;
      yield bytes;
    }
    if (written !== size) throw new EdgeError('internal', `${name} has ${written} bytes instead of ${size}`);
    yield Buffer.alloc(paddingAfter(size));
  }
  yield Buffer.alloc(2 * blockBytes);
}

/** One entry while it is read. */
export interface ReadEntry {
  readonly name: string;
  readonly size: number;
  /** To be read whole before the next entry is asked for. */
  readonly content: AsyncGenerator<Buffer>;
}

/**
 * The entries of a stream that {@link writeTar} made. Throws `data-damaged` for anything else, by the name of `what` it is.
 */
export async function* readTar(
  stream: AsyncIterable<Buffer>,
  what = 'the content of the backup',
): AsyncGenerator<ReadEntry> {
  const damaged = damagedOf(what);
  const source = new ByteSource(stream, damaged);
  try {
    for (;;) {
      const header = await source.exactly(blockBytes);
      if (header.every((byte) => byte === 0)) return await source.toEnd();
      const { name, size } = readHeader(header, damaged);
      yield { name, size, content: source.next(size) };
      await source.exactly(paddingAfter(size));
    }
  } finally {
    await source.close();
  }
}

const paddingAfter = (size: number): number => (blockBytes - (size % blockBytes)) % blockBytes;

const headerOf = (name: string, size: number, now: number): Buffer => {
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, place: number, digits: number): void =>
    void header.write(value.toString(8).padStart(digits, '0'), place, 'latin1');
  header.write(name, 0, 100, 'utf8');
  octal(0o600, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  if (size < octalLimit) octal(size, 124, 11);
  else {
    header.writeUInt8(0x80, 124);
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  octal(Math.floor(now / 1000), 136, 11);
  header.write('0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  octal(checksumOf(header), 148, 6);
  header.write('\0 ', 154, 'latin1');
  return header;
};

/** The sum of all bytes, those of the checksum itself taken for spaces. */
const checksumOf = (header: Buffer): number =>
  header.reduce((sum, byte, place) => sum + (place >= 148 && place < 156 ? 0x20 : byte), 0);

const readHeader = (header: Buffer, damaged: Damaged): { readonly name: string; readonly size: number } => {
  const text = (place: number, length: number): string =>
    header.toString('utf8', place, place + length).split('\0')[0] ?? '';
  const isLarge = header[124] === 0x80;
  const size = isLarge ? Number(header.readBigUInt64BE(128)) : Number.parseInt(text(124, 12), 8);
  const isSound = Number.parseInt(text(148, 8), 8) === checksumOf(header) && Number.isSafeInteger(size) && size >= 0;
  if (!isSound || header[156] !== 0x30) throw damaged('has a damaged entry');
  return { name: text(0, 100), size };
};

type Damaged = (problem: string) => EdgeError;

const damagedOf =
  (what: string): Damaged =>
  (problem) =>
    new EdgeError('data-damaged', `${what} ${problem}`, { hint: 'take another one; nothing was changed' });

/** Takes bytes off a stream in the portions that are wanted. */
class ByteSource {
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #damaged: Damaged;
  #held: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>, damaged: Damaged) {
    this.#pieces = stream[Symbol.asyncIterator]();
    this.#damaged = damaged;
  }

  /** The next `length` bytes in one piece: for small ones. */
  async exactly(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.next(length)) parts.push(part);
    return Buffer.concat(parts);
  }

  async *next(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      if (this.#held.length === 0 && !(await this.#fill())) throw this.#damaged('ends too early');
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  /** Reads what is left, so that whatever vouches for the stream at its end has done so. */
  async toEnd(): Promise<void> {
    do {
      if (this.#held.some((byte) => byte !== 0)) throw this.#damaged('goes on after its end');
    } while (await this.#fill());
  }

  /** Lets whoever gives the bytes go, wherever reading ended. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #fill(): Promise<boolean> {
    const next = await this.#pieces.next();
    this.#held = next.done ? Buffer.alloc(0) : next.value;
    return next.done !== true;
  }
}
