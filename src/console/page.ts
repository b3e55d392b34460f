// What a page of the console is: one row in the table of pages, and one function that talks to whoever sits there.

import type { Input, Output, RouteName } from '../admin/api/table.ts';
import type { HandOver } from './hand-over.ts';
import type { HostFacts } from './status-screen.ts';
import type { Ui } from './ui.ts';

/** Asks the management API of the server on this machine. */
export type Call = <R extends RouteName>(route: R, input: Input[R]) => Promise<Output[R]>;

export interface PageContext {
  readonly ui: Ui;
  readonly call: Call;
  /** What the machine says of itself now. */
  readonly hostFacts: () => HostFacts;
  /** Absent where there is no terminal that could be handed over. */
  readonly handOver?: HandOver | undefined;
}

/** Returns when whoever sits there is done with it. What it throws is shown, but for `Left`. */
export type Page = (context: PageContext) => Promise<void>;

export interface PageRow {
  readonly label: string;
  readonly help: string;
  /** Only loaded when somebody opens it. */
  readonly load: () => Promise<Page>;
  /**
   * `signed-in`: whoever gave the administrator's password, and whoever sits here while none has been set.
   * `without-server`: also while the server does not answer, when nobody can sign in; nothing that whoever holds the
   * virtual machine could not do anyway.
   */
  readonly access: 'signed-in' | 'without-server';
  /** Opened for whoever set the first password, before the menu. */
  readonly isFirst?: true;
  /** Opens it from the status screen. */
  readonly hotKey?: 'f12';
}
