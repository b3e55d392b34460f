// Long work in turns: others on the event loop get theirs in between.

import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work in one turn. */
const longestTurn = 8;

/** To be awaited between two steps; gives the turn away where this one has lasted long enough. */
export const createTurns = (): (() => Promise<void> | undefined) => {
  let began = performance.now();
  return () => {
    if (performance.now() - began < longestTurn) return undefined;
    return setImmediate().then(() => {
      began = performance.now();
    });
  };
};
