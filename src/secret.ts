// A secret (API key, passphrase) as a type: it prints as [secret] wherever it ends up, and its text is reached by one
// named method only. Managed keys are node:crypto KeyObjects instead, which keep their bytes out of the JavaScript heap.

import { inspect } from 'node:util';

const mask = '[secret]';

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself: for the one line that sends or derives from it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [inspect.custom](): string {
    return mask;
  }
}
