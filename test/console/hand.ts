// Somebody at a console: presses keys and reads the screen, whether that is one in memory, a real terminal or the serial
// port of a machine.

import { setTimeout } from 'node:timers/promises';

/** What each key sends on a Linux console. */
export const sent = {
  enter: '\r',
  escape: '\u001b',
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  tab: '\t',
  f2: '\u001b[[B',
  f12: '\u001b[24~',
} as const;
export type Pressed = keyof typeof sent;

export interface HandOptions {
  /** What is on the screen, a line each. */
  readonly screen: () => string;
  readonly send: (text: string) => void;
  /** Milliseconds until something that is waited for must be seen. */
  readonly patience?: number;
  /** Done once on each screen that was waited for. */
  readonly onSeen?: (screen: string) => Promise<void> | void;
}

export class Hand {
  readonly #options: HandOptions;

  constructor(options: HandOptions) {
    this.#options = options;
  }

  /** What is seen. */
  get screen(): string {
    return this.#options.screen();
  }

  /** Waits until the screen shows it; gives the screen. */
  async see(wanted: RegExp): Promise<string> {
    const { patience = 20_000, onSeen } = this.#options;
    for (const end = performance.now() + patience; performance.now() < end; ) {
      // First a pause: what was just pressed has not been answered yet.
      await setTimeout(5);
      const { screen } = this;
      if (!wanted.test(screen)) continue;
      await onSeen?.(screen);
      return screen;
    }
    throw new Error(`${wanted} is not to be seen:\n${this.screen}`);
  }

  /** Types text, or pastes it as a terminal without marks does. */
  type(text: string): void {
    this.#options.send(text.replaceAll(/\r?\n/g, '\r'));
  }

  press(...keys: readonly Pressed[]): void {
    for (const key of keys) this.#options.send(sent[key]);
  }
}
