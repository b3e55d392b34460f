// The step of the network: the page of the network.

import { thisMachine } from '../../system/machine.ts';
import { networkPage } from '../pages/network.ts';
import type { Task } from './step.ts';

/** Shows it and changes it; whoever leaves it sees in the step how it is then. */
export const changeNetwork: Task = async (context) => {
  await networkPage(thisMachine())(context);
  return false;
};
