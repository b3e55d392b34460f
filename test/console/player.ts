// Somebody at the console, for tests of pages: presses keys and reads the screen. What they read is what a terminal of
// 80 columns and 25 rows without colour would show.

import { setTimeout } from 'node:timers/promises';
import { KeyDecoder } from '../../src/console/keys.ts';
import type { Call, Page } from '../../src/console/page.ts';
import { Ui } from '../../src/console/ui.ts';

const size = { columns: 80, rows: 25 };
const patience = 20_000;

/** What each key sends on a Linux console. */
const sent = {
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

export class Player {
  readonly #decoder = new KeyDecoder();
  readonly ui: Ui;

  constructor(monotonic: () => number = () => performance.now()) {
    this.ui = new Ui({ onChange: () => {}, monotonic });
  }

  /** Runs a page; resolves when it is done. */
  open(page: Page, call: Call, hostFacts = { name: 'edge1', addresses: ['192.0.2.7'] }): Promise<void> {
    return page({ ui: this.ui, call, hostFacts: () => hostFacts });
  }

  /** What is seen. */
  get screen(): string {
    const { print } = this.ui;
    return (
      print ??
      this.ui
        .lines(size)
        .map(({ text }) => text.trimEnd())
        .join('\n')
    );
  }

  /** Waits until the screen shows it; gives the screen. */
  async see(wanted: RegExp): Promise<string> {
    for (const end = performance.now() + patience; performance.now() < end; ) {
      // First a pause: what was just pressed has not been answered yet.
      await setTimeout(5);
      if (wanted.test(this.screen)) return this.screen;
    }
    throw new Error(`${wanted} is not to be seen:\n${this.screen}`);
  }

  /** Types text, or pastes it. */
  type(text: string): void {
    this.#send(text.replaceAll('\n', '\r'));
  }

  press(...keys: readonly Pressed[]): void {
    for (const key of keys) this.#send(sent[key]);
  }

  #send(text: string): void {
    for (const key of [...this.#decoder.take(Buffer.from(text)), ...this.#decoder.flush()]) this.ui.key(key);
  }
}
