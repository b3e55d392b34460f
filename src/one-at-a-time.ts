// Work that is done one piece after the other: what reads, writes and then takes up what it wrote must not meet another that
// does so, and what costs much memory or time must not take more than its share.

/** How many may wait or be worked on, and what the next one is refused with. */
export interface QueueLimit {
  readonly longest: number;
  readonly refusal: () => Error;
}

export class OneAtATime {
  readonly #limit: QueueLimit | undefined;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** Without a limit as many may wait as there are. */
  constructor(limit?: QueueLimit) {
    this.#limit = limit;
  }

  /** Nothing waits or is worked on. */
  get isIdle(): boolean {
    return this.#waiting === 0;
  }

  /** Does `work` when all before it have ended, well or not. Throws the refusal where too many wait. Not to be used within itself. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#limit && this.#waiting >= this.#limit.longest) throw this.#limit.refusal();
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
