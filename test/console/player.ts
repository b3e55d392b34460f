// Somebody at the console of a page or a session in this process. What they read is what a terminal of 80 columns and 25
// rows without colour would show.

import type { HandedProgram } from '../../src/console/hand-over.ts';
import { KeyDecoder } from '../../src/console/keys.ts';
import type { Call, Page } from '../../src/console/page.ts';
import { Ui } from '../../src/console/ui.ts';
import { Hand } from './hand.ts';

const size = { columns: 80, rows: 25 };

const screenOf = (ui: Ui): string =>
  ui.print ??
  ui
    .lines(size)
    .map(({ text }) => text.trimEnd())
    .join('\n');

export class Player extends Hand {
  readonly ui: Ui;
  /** Programs that the terminal was handed over to. */
  readonly handedOver: HandedProgram[] = [];

  constructor(monotonic: () => number = () => performance.now()) {
    const ui = new Ui({ onChange: () => {}, monotonic });
    const decoder = new KeyDecoder();
    const send = (text: string): void => {
      for (const key of [...decoder.take(Buffer.from(text)), ...decoder.flush()]) ui.key(key);
    };
    super({ screen: () => screenOf(ui), send });
    this.ui = ui;
  }

  /** Runs a page; resolves when it is done. */
  open(page: Page, call: Call, hostFacts = { name: 'edge1', addresses: ['192.0.2.7'] }): Promise<void> {
    const handOver = async (program: HandedProgram): Promise<void> => void this.handedOver.push(program);
    return page({ ui: this.ui, call, hostFacts: () => hostFacts, handOver });
  }
}
