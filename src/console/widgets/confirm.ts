// A question that is answered by typing a word, for what cannot be taken back.

import type { Key } from '../keys.ts';
import { type Line, line, type Size, wrapped } from '../screen.ts';
import { framed, type Outcome, type Widget } from '../widget.ts';

export interface ConfirmOptions {
  readonly title: string;
  /** What will be done, one paragraph each. */
  readonly text: readonly string[];
  /** What has to be typed, such as the name of what goes away. */
  readonly word: string;
}

const longest = 256;

export class Confirm implements Widget<true> {
  readonly #options: ConfirmOptions;
  #typed = '';
  #isWrong = false;

  constructor(options: ConfirmOptions) {
    this.#options = options;
  }

  lines(size: Size): readonly Line[] {
    const { title, text, word } = this.#options;
    const paragraphs = text.flatMap((one) => wrapped(one, size.columns - 3).map((row) => line(` ${row}`)));
    const body = [
      ...paragraphs,
      line(''),
      line(` To go on, type: ${word}`),
      line(` > ${this.#typed}_`),
      ...(this.#isWrong ? [line(` That is not '${word}'.`, 'bad')] : []),
    ];
    return framed({ title, body, focus: body.length - 1, keys: 'Enter: do it   Esc: leave it' }, size);
  }

  key(key: Key): Outcome<true> | undefined {
    if (key.name === 'escape') return 'back';
    if (key.name === 'enter') {
      if (this.#typed === this.#options.word) return { done: true };
      this.#isWrong = true;
    }
    if (key.name === 'backspace') this.#typed = [...this.#typed].slice(0, -1).join('');
    if (key.name === 'erase-line') this.#typed = '';
    if (key.name === 'text' || key.name === 'paste') {
      this.#typed = (this.#typed + key.text.replaceAll('\n', '')).slice(0, longest);
      this.#isWrong = false;
    }
    return undefined;
  }
}
