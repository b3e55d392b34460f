// Lines that go on coming. The newest are seen until somebody scrolls up; at the end they are seen again.

import type { Key } from '../keys.ts';
import { type Line, line, type Size, wrapped } from '../screen.ts';
import { bodyRows, framed, type Outcome, type Widget } from '../widget.ts';

/** Lines that are kept. */
const longest = 2000;

export class LogView implements Widget<true> {
  readonly #title: string;
  readonly #lines: string[] = [];
  /** Rows below the last one that is seen. */
  #below = 0;
  #size: Size = { columns: 80, rows: 24 };

  constructor(title: string) {
    this.#title = title;
  }

  /** Adds a line. Whoever has scrolled up keeps seeing what they see. */
  add(text: string): void {
    this.#lines.push(text);
    if (this.#below > 0) this.#below += this.#rowsOf(text).length;
    if (this.#lines.length > longest) this.#lines.shift();
  }

  lines(size: Size): readonly Line[] {
    this.#size = size;
    const rows = this.#lines.flatMap((text) => this.#rowsOf(text));
    const height = bodyRows(size);
    this.#below = Math.max(0, Math.min(this.#below, rows.length - height));
    const first = Math.max(0, rows.length - height - this.#below);
    const body = rows.length === 0 ? [line(' Nothing yet.', 'faint')] : rows.map((row) => line(` ${row}`));
    // `framed` puts the row of the focus into the middle.
    const focus = first + Math.floor(height / 2);
    return framed({ title: this.#title, body, focus, keys: 'Arrows, Page up, Page down: scroll   Esc: back' }, size);
  }

  key(key: Key): Outcome<true> | undefined {
    const page = bodyRows(this.#size) - 1;
    const moves: Readonly<Record<string, number>> = {
      up: 1,
      down: -1,
      'page-up': page,
      'page-down': -page,
      home: Number.MAX_SAFE_INTEGER,
      end: Number.MIN_SAFE_INTEGER,
    };
    if (key.name === 'enter') return { done: true };
    if (key.name === 'escape') return 'back';
    this.#below = Math.max(0, this.#below + (moves[key.name] ?? 0));
    return undefined;
  }

  #rowsOf(text: string): readonly string[] {
    return wrapped(text, this.#size.columns - 3);
  }
}
