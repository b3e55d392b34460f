// The terminal as a stream of bytes in and out: keys come from it, and the rows that changed go to it. It may be a screen
// that tells its size, or a serial line that is asked for it and may never answer.

import { setTimeout } from 'node:timers';
import { type Key, KeyDecoder } from './keys.ts';
import { askSize, bare, begin, clear, type Line, paint, rowsOf, type Size } from './screen.ts';

export interface TerminalOptions {
  /** Writes to it. */
  readonly write: (text: string) => void;
  /** The size that the system knows; zeros where it knows none. */
  readonly size: () => Size;
  readonly colour: boolean;
  /** Told of every key but those that are the terminal's own affair. */
  readonly onKey: (key: Key) => void;
  /** What is to be seen. */
  readonly source: { lines(size: Size): readonly Line[]; readonly print: string | undefined };
}

/** What a terminal has that does not tell its size: a serial console. */
const smallest: Size = { columns: 80, rows: 24 };
const largest = 500;
/** Milliseconds after which an escape that stands alone was the key Esc; a slow serial line sends a sequence in less. */
const escapeTime = 60;

export class Terminal {
  readonly #options: TerminalOptions;
  readonly #decoder = new KeyDecoder();
  /** What the terminal answered, where the system does not know its size. */
  #answered: Size | undefined;
  #shown: readonly string[] = [];
  #printed: string | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #isDrawing = false;
  #isSuspended = false;

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  get size(): Size {
    const { columns, rows } = this.#options.size();
    if (columns > 0 && rows > 0) return { columns, rows };
    return this.#answered ?? smallest;
  }

  /** Takes what came from it. */
  take(chunk: Buffer): void {
    clearTimeout(this.#waiting);
    for (const key of this.#decoder.take(chunk)) this.#key(key);
    if (!this.#decoder.isWaiting) return;
    this.#waiting = setTimeout(() => {
      for (const key of this.#decoder.flush()) this.#key(key);
    }, escapeTime);
  }

  /** Draws what is to be seen, soon: several changes at once are drawn once. */
  draw(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    setImmediate(() => {
      this.#isDrawing = false;
      this.#draw();
    });
  }

  /** Somebody else draws until `resume`. */
  suspend(): void {
    this.#isSuspended = true;
    clearTimeout(this.#waiting);
    this.#options.write(clear);
  }

  resume(): void {
    this.#isSuspended = false;
    this.redraw();
  }

  /** Draws all of it anew: others may have written over it, or it is another terminal now. */
  redraw(): void {
    if (this.#isSuspended) return;
    const { columns } = this.#options.size();
    this.#shown = [];
    this.#printed = undefined;
    this.#options.write(begin + (columns > 0 ? '' : askSize) + clear);
    this.draw();
  }

  /** Writes every row again at the next drawing: the kernel may have written over some. */
  refresh(): void {
    this.#shown = [];
    this.draw();
  }

  #draw(): void {
    if (this.#isSuspended) return;
    const { source, write, colour } = this.#options;
    const { print } = source;
    if (print !== undefined) {
      if (print !== this.#printed) write(bare(print));
      this.#printed = print;
      return;
    }
    if (this.#printed !== undefined) {
      this.#printed = undefined;
      this.#shown = [];
      write(clear);
    }
    const { size } = this;
    const rows = rowsOf(source.lines(size), size, colour);
    const changed = paint(rows, this.#shown);
    this.#shown = rows;
    if (changed !== '') write(changed);
  }

  #key(key: Key): void {
    if (key.name === 'redraw') this.redraw();
    else if (key.name === 'size') this.#resized(key);
    else this.#options.onKey(key);
  }

  #resized({ columns, rows }: Size): void {
    const isLikely = columns >= 40 && rows >= 10 && columns <= largest && rows <= largest;
    if (!isLikely) return;
    this.#answered = { columns, rows };
    this.#shown = [];
    this.draw();
  }
}
