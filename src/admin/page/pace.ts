// How often the page asks by itself.

/** Milliseconds. While the page is in the background, and at most while the appliance does not answer. */
const hiddenInterval = 60_000;
const longestInterval = 60_000;

/** Milliseconds until the next attempt, after `failures` in a row; `every` while all is well. */
export const intervalAfter = (every: number, failures: number, hidden: boolean): number =>
  Math.max(Math.min(every * 2 ** failures, Math.max(every, longestInterval)), hidden ? hiddenInterval : 0);
