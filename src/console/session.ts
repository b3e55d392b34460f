// What happens on the console for as long as the machine runs: the status screen until somebody presses a key, then the
// password, then the menu until they leave it or have been idle for too long; and so on.

import type { PageContext, PageRow } from './page.ts';
import type { Line, Size } from './screen.ts';
import { type SignedIn, signIn } from './sign-in.ts';
import { Left } from './ui.ts';
import type { Choice } from './widgets/menu.ts';
import { Status, type Wanted } from './widgets/status.ts';

/** Milliseconds without a key until whoever signed in is signed out. */
export const idleTime = 5 * 60_000;

export interface SessionOptions extends PageContext {
  readonly pages: readonly PageRow[];
  /** What the status screen shows; asked again and again. */
  readonly look: () => Promise<(size: Size) => readonly Line[]>;
  /** Waits between two looks; its end is the end of the process. */
  readonly pause: () => Promise<void>;
}

export class Session {
  readonly #options: SessionOptions;
  #isAtStatus = true;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Never ends. */
  async run(): Promise<never> {
    const status = new Status(() => []);
    void this.#keepLooking(status);
    for (;;) {
      this.#isAtStatus = true;
      const wanted = await this.#options.ui.show(status);
      this.#isAtStatus = false;
      if (wanted) await this.#visit(wanted);
    }
  }

  /** To be called about once a second: signs out whoever has left. */
  tick(): void {
    if (!this.#isAtStatus && this.#options.ui.idle > idleTime) this.#options.ui.leave();
  }

  async #keepLooking(status: Status): Promise<void> {
    for (;;) {
      if (this.#isAtStatus) {
        status.draw = await this.#options.look();
        this.#options.ui.changed();
      }
      await this.#options.pause();
    }
  }

  async #visit(wanted: Wanted): Promise<void> {
    const visit = new AbortController();
    try {
      const who = await signIn(this.#options);
      if (who === 'no') return;
      if (who === 'without-server') void this.#leaveOnceServed(visit.signal);
      const rows = this.#rowsFor(who);
      const first = who === 'new' ? rows.find(({ isFirst }) => isFirst) : undefined;
      if (first) await this.#open(first);
      const power = rows.find(({ hotKey }) => hotKey === 'f12');
      if (wanted === 'power' && power) await this.#open(power);
      else await this.#menu(rows, who);
    } catch (error) {
      if (!(error instanceof Left)) throw error;
    } finally {
      visit.abort();
    }
  }

  /**
   * Nobody could be asked who they are; as soon as somebody can, they are. Else whoever came before the server had started
   * would have it make a support bundle for them without a password. It has to answer twice: one that falls over again and
   * again lets nobody sign in either.
   */
  async #leaveOnceServed(visit: AbortSignal): Promise<void> {
    for (let answers = 0; !visit.aborted; await this.#options.pause()) {
      answers = (await this.#isServed()) ? answers + 1 : 0;
      if (answers > 1 && !visit.aborted) return this.#options.ui.leave();
    }
  }

  async #isServed(): Promise<boolean> {
    try {
      await this.#options.call('status', {});
      return true;
    } catch {
      return false;
    }
  }

  #rowsFor(who: SignedIn): readonly PageRow[] {
    return this.#options.pages.filter(({ access }) => who !== 'without-server' || access === 'without-server');
  }

  async #menu(rows: readonly PageRow[], who: SignedIn): Promise<void> {
    const { ui } = this.#options;
    const text =
      who !== 'without-server'
        ? []
        : ['The server does not serve, so nobody can sign in: this is what can be done without it.'];
    const choices: readonly Choice<PageRow>[] = rows.map((row) => ({ label: row.label, help: row.help, value: row }));
    for (let selected = 0; ; ) {
      const row = await ui.menu({ title: 'kmip-edge', text, choices, selected });
      if (!row) return;
      selected = rows.indexOf(row);
      await this.#open(row);
    }
  }

  /** What goes wrong in a page ends that page alone. */
  async #open(row: PageRow): Promise<void> {
    try {
      const page = await row.load();
      await page(this.#options);
    } catch (error) {
      await this.#options.ui.problem(row.label, error);
    }
  }
}
