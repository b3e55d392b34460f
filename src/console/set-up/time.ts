// The step of the time: how far off the clock is, and the page that changes it.

import { messageOf } from '../../errors.ts';
import { clockState, largestOffset } from '../../system/clock-state.ts';
import { type Machine, thisMachine } from '../../system/machine.ts';
import { clockText, timePage } from '../pages/time.ts';
import type { StepState, Task } from './step.ts';

/** How the clock is. */
export const timeState = async (machine: Machine = thisMachine()): Promise<StepState> => {
  try {
    const state = await clockState(machine);
    const isDone = state.source !== undefined && Math.abs(state.offset) <= largestOffset;
    return { text: clockText(state).join(' ').replaceAll(/ {2,}/g, ' '), isDone };
  } catch (error) {
    return { text: `The clock cannot be judged: ${messageOf(error)}`, isDone: false };
  }
};

/** Shows it and changes it; whoever leaves it sees in the step how it is then. */
export const changeTime: Task = async (context) => {
  await timePage(thisMachine())(context);
  return false;
};
