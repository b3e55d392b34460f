// Something that takes time: what is done, what has been done, and for how long already.

import type { Key } from '../keys.ts';
import { type Line, line, type Size, wrapped } from '../screen.ts';
import { framed, type Outcome, type Widget } from '../widget.ts';

export interface ProgressOptions {
  readonly title: string;
  /** Seconds since it began. */
  readonly elapsed: () => number;
  /** Told when somebody wants it to stop; absent where it cannot be stopped. */
  readonly onStop?: (() => void) | undefined;
}

/** Lines that are kept of what was reported. */
const longest = 200;

export class Progress implements Widget<never> {
  readonly #options: ProgressOptions;
  readonly #reported: string[] = [];
  #isStopping = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Adds a line. */
  report(text: string): void {
    this.#reported.push(text);
    if (this.#reported.length > longest) this.#reported.shift();
  }

  lines(size: Size): readonly Line[] {
    const { title, elapsed, onStop } = this.#options;
    const told = this.#reported.flatMap((one) => wrapped(one, size.columns - 3).map((row) => line(` ${row}`)));
    const seconds = Math.floor(elapsed());
    const now = line(` ${this.#isStopping ? 'Stopping' : 'Please wait'} ... ${seconds > 0 ? `${seconds} s` : ''}`);
    const body = [...told, now];
    return framed({ title, body, focus: body.length - 1, keys: onStop ? 'Esc: stop' : '' }, size);
  }

  key({ name }: Key): Outcome<never> | undefined {
    const { onStop } = this.#options;
    if (name === 'escape' && onStop && !this.#isStopping) {
      this.#isStopping = true;
      onStop();
    }
    return undefined;
  }
}
