// Text to read: a message, or something long to scroll through; and text that is written bare, to be marked and copied.

import type { Key } from '../keys.ts';
import { type Line, line, type Size, type Tone, wrapped } from '../screen.ts';
import { bodyRows, framed, type Outcome, type Widget } from '../widget.ts';

export interface TextOptions {
  readonly title: string;
  /** Paragraphs; a line alone is a tone's, so that what matters may stand out. */
  readonly text: readonly (string | Line)[];
  /** Of the paragraphs that are plain text. */
  readonly tone?: Tone;
}

export class TextView implements Widget<true> {
  readonly #options: TextOptions;
  #first = 0;
  #size: Size = { columns: 80, rows: 24 };

  constructor(options: TextOptions) {
    this.#options = options;
  }

  lines(size: Size): readonly Line[] {
    this.#size = size;
    const rows = this.#rows();
    this.#first = Math.min(this.#first, this.#lastFirst());
    const height = bodyRows(size);
    const isLong = rows.length > height;
    // `framed` puts the row of the focus into the middle.
    const focus = this.#first + Math.floor(height / 2);
    const keys = isLong ? 'Arrows, Page up, Page down: scroll   Enter: go on' : 'Enter: go on';
    return framed({ title: this.#options.title, body: rows, focus, keys }, size);
  }

  key(key: Key): Outcome<true> | undefined {
    const page = bodyRows(this.#size) - 1;
    const moves: Readonly<Record<string, number>> = { up: -1, down: 1, 'page-up': -page, 'page-down': page };
    if (key.name === 'enter') return { done: true };
    if (key.name === 'escape') return 'back';
    if (key.name === 'home') this.#first = 0;
    else if (key.name === 'end') this.#first = this.#lastFirst();
    else if (key.name === 'text' && key.text === ' ') this.#move(page);
    else this.#move(moves[key.name] ?? 0);
    return undefined;
  }

  #move(by: number): void {
    this.#first = Math.max(0, Math.min(this.#first + by, this.#lastFirst()));
  }

  #lastFirst(): number {
    return Math.max(0, this.#rows().length - bodyRows(this.#size));
  }

  #rows(): readonly Line[] {
    const width = this.#size.columns - 3;
    return this.#options.text.flatMap((part) => {
      const { text, tone } = typeof part === 'string' ? line(part, this.#options.tone) : part;
      return text.split('\n').flatMap((row) => wrapped(row, width).map((one) => line(` ${one}`, tone)));
    });
  }
}

/** Written whole, without a frame and wider than the screen if need be. */
export class Printed implements Widget<true> {
  readonly print: string;

  constructor(title: string, text: string) {
    this.print = `${title}\n\n${text.trimEnd()}\n\nEnter: go on\n`;
  }

  lines(): readonly Line[] {
    return [];
  }

  key({ name }: Key): Outcome<true> | undefined {
    return name === 'enter' || name === 'escape' ? { done: true } : undefined;
  }
}
