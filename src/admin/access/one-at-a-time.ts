// Work that costs much memory and time, one piece after the other, with a bounded queue: whoever asks for it in a loop
// keeps others waiting at this door alone, never the keys.

import { TooManyAttempts } from '../problem.ts';

/** Milliseconds that are named to whoever finds the queue full. */
const comeBack = 2000;

export class OneAtATime {
  readonly #longest: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** `longest`: how many may wait or be worked on. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Does `work` when all before it are done. Throws `too-many-attempts` where too many wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#longest) throw new TooManyAttempts('too many sign-ins at the same time', comeBack);
    this.#waiting += 1;
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.#waiting -= 1;
    }
  }
}
