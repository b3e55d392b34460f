// Lines that wait to be stored, as the bytes that will be stored: a Get costs one write into a buffer that is there, and
// leaves nothing behind for the garbage collector.

import type { Block } from './chain/segment.ts';
import type { Line } from './line.ts';

const firstCapacity = 64 * 1024;
/** Bytes. A buffer that had to grow beyond it is given back once it is empty. */
const keptCapacity = 4 * 1024 * 1024;
/** Bytes of one UTF-16 unit in UTF-8, at most. */
const widest = 3;

export class WaitingLines {
  #buffer = Buffer.allocUnsafe(firstCapacity);
  readonly #ends: number[] = [];
  readonly #times: number[] = [];

  get count(): number {
    return this.#ends.length;
  }

  get bytes(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** `time` in milliseconds since 1970. */
  add({ head, tail }: Line, time: number): void {
    const start = this.bytes;
    const most = start + head.length * widest + tail.length;
    if (most > this.#buffer.length) this.#grow(most);
    const end = start + this.#buffer.write(head, start);
    this.#buffer.set(tail, end);
    this.#ends.push(end + tail.length);
    this.#times.push(time);
  }

  /** Lines `from` to below `to`, of which there is at least one, as they lie here: good until the next change. */
  block(from: number, to: number): Block {
    const start = this.#ends[from - 1] ?? 0;
    const ends = this.#ends.slice(from, to);
    return {
      startedAt: this.#times[from] ?? 0,
      endedAt: this.#times[from + ends.length - 1] ?? 0,
      text: this.#buffer.subarray(start, ends.at(-1)),
      ends: start === 0 ? ends : ends.map((end) => end - start),
    };
  }

  /** Forgets all but the first `count` lines. */
  truncate(count: number): void {
    this.#ends.length = count;
    this.#times.length = count;
    if (count === 0 && this.#buffer.length > keptCapacity) this.#buffer = Buffer.allocUnsafe(firstCapacity);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.bytes);
    this.#buffer = larger;
  }
}
