// A list to choose from, by number or by arrows.

import type { Key } from '../keys.ts';
import { type Line, line, type Size, wrapped } from '../screen.ts';
import { framed, type Outcome, type Widget } from '../widget.ts';

export interface Choice<T> {
  readonly label: string;
  /** Shown below the list while it is chosen. */
  readonly help?: string;
  readonly value: T;
}

export interface MenuOptions<T> {
  readonly title: string;
  /** Stands above the list. */
  readonly text?: readonly string[];
  readonly choices: readonly Choice<T>[];
  /** The row that is chosen at first. */
  readonly selected?: number;
}

/** What is pressed for the first, second, … row. */
const marks = '123456789abcdefghijklmnopqrstuvwxyz';

export class Menu<T> implements Widget<T> {
  readonly #options: MenuOptions<T>;
  #selected: number;

  constructor(options: MenuOptions<T>) {
    this.#options = options;
    this.#selected = Math.min(Math.max(0, options.selected ?? 0), Math.max(0, options.choices.length - 1));
  }

  get selected(): number {
    return this.#selected;
  }

  lines(size: Size): readonly Line[] {
    const { title, text = [], choices } = this.#options;
    const width = size.columns - 4;
    const above = text.flatMap((one) => wrapped(one, width).map((row) => line(` ${row}`)));
    const rows = choices.map(({ label }, index) => {
      const here = index === this.#selected;
      return line(` ${here ? '>' : ' '} ${marks[index] ?? ' '}  ${label}`, here ? 'title' : 'plain');
    });
    const help = wrapped(choices[this.#selected]?.help ?? '', width).map((row) => line(` ${row}`, 'faint'));
    const gap = above.length > 0 ? [line('')] : [];
    const body = [...above, ...gap, ...rows, line(''), ...help];
    const focus = above.length + gap.length + this.#selected;
    return framed({ title, body, focus, keys: 'Number or arrows and Enter: choose   Esc: back' }, size);
  }

  key(key: Key): Outcome<T> | undefined {
    const last = this.#options.choices.length - 1;
    switch (key.name) {
      case 'escape':
        return 'back';
      case 'up':
      case 'back-tab':
        this.#selected = this.#selected === 0 ? last : this.#selected - 1;
        return undefined;
      case 'down':
      case 'tab':
        this.#selected = this.#selected === last ? 0 : this.#selected + 1;
        return undefined;
      case 'enter':
        return this.#choose(this.#selected);
      case 'text':
        return this.#choose(marks.indexOf(key.text.toLowerCase()));
      default:
        return undefined;
    }
  }

  #choose(index: number): Outcome<T> | undefined {
    const choice = this.#options.choices[index];
    if (!choice) return undefined;
    this.#selected = index;
    return { done: choice.value };
  }
}
