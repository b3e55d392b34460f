// The screen that stands while nobody is here: what was last learnt of the appliance, and which key opens the menu.

import type { Key } from '../keys.ts';
import { type Line, line, type Size } from '../screen.ts';
import type { Outcome, Widget } from '../widget.ts';

export type Wanted = 'menu' | 'power';

export class Status implements Widget<Wanted> {
  #draw: (size: Size) => readonly Line[];

  constructor(draw: (size: Size) => readonly Line[]) {
    this.#draw = draw;
  }

  /** Shows something newer. */
  set draw(draw: (size: Size) => readonly Line[]) {
    this.#draw = draw;
  }

  lines(size: Size): readonly Line[] {
    const room = size.rows - 1;
    const drawn = this.#draw(size);
    const shown = drawn.length > room ? [...drawn.slice(0, room - 1), line(' ... more on the page')] : drawn;
    const filling = Array.from({ length: room - shown.length }, () => line(''));
    return [
      ...shown,
      ...filling,
      line(' <F2> or Enter: set up and maintain        <F12>: restart or shut down', 'title'),
    ];
  }

  key({ name }: Key): Outcome<Wanted> | undefined {
    if (name === 'f2' || name === 'enter') return { done: 'menu' };
    return name === 'f12' ? { done: 'power' } : undefined;
  }
}
