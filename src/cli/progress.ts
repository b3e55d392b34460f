// How far something long is: a bar that is drawn over itself on a terminal, plain lines elsewhere, nothing with --json.

import { formatDuration } from '../config/duration.ts';
import type { Terminal } from './output.ts';

/** How far it is; `note` is read after it. */
export interface Step {
  readonly done: number;
  readonly total: number;
  readonly note?: string | undefined;
}

export interface Progress {
  show(step: Step): void;
  /** Leaves the line, so that what is printed next stands by itself. */
  end(): void;
}

const barWidth = 30;
/** Percents between two plain lines. */
const plainStep = 10;
/** Before that an estimate is a guess. */
const leastTime = 2000;

/** Shows the progress of `what` on the terminal. `now` gives milliseconds. */
export const createProgress = (
  terminal: Terminal,
  what: string,
  options: { readonly quiet?: boolean | undefined; readonly now?: () => number } = {},
): Progress => {
  const { quiet = false, now = () => performance.now() } = options;
  if (quiet) return { show: () => undefined, end: () => undefined };
  const left = createEstimate(now);
  return terminal.redraw ? barOn(terminal.redraw, what, left) : linesOn(terminal, what, left);
};

const percentOf = ({ done, total }: Step): number => (total <= 0 ? 0 : Math.min(100, Math.floor((done * 100) / total)));

/** What is left of the time, from how long it took so far; empty where that says nothing. */
const createEstimate = (now: () => number) => {
  const start = now();
  let first: number | undefined;
  return ({ done, total }: Step): string => {
    first ??= done;
    const [gone, passed] = [done - first, now() - start];
    if (gone <= 0 || passed < leastTime || done >= total) return '';
    return `, ${formatDuration(Math.max(1000, ((total - done) * passed) / gone))} left`;
  };
};

const textOf = (step: Step, left: string): string => `${percentOf(step)} %${step.note ? `, ${step.note}` : ''}${left}`;

const barOn = (redraw: NonNullable<Terminal['redraw']>, what: string, left: (step: Step) => string): Progress => {
  let drawn = false;
  return {
    show(step) {
      drawn = true;
      const filled = Math.round((percentOf(step) * barWidth) / 100);
      redraw(`${what} [${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${textOf(step, left(step))}`);
    },
    end() {
      if (drawn) redraw(undefined);
    },
  };
};

const linesOn = (terminal: Terminal, what: string, left: (step: Step) => string): Progress => {
  let shown = '';
  return {
    show(step) {
      // A new line where the tens change, or what is told beside them.
      const key = `${Math.floor(percentOf(step) / plainStep)} ${step.note?.replaceAll(/\d+/g, '') ?? ''}`;
      const estimate = left(step);
      if (key === shown || step.total <= 0) return;
      shown = key;
      terminal.err(`${what}: ${textOf(step, estimate)}`);
    },
    end: () => undefined,
  };
};
