// What is done to the machine is told to the server, for the audit trail.

import type { MachineAct } from '../admin/api/machine.ts';
import { isKind } from '../errors.ts';
import type { Call } from './page.ts';

/** Records an act, before it is done. Throws where that cannot be: what opens the machine is not done unrecorded. */
export const recordAct = async (call: Call, name: MachineAct, to?: string): Promise<void> => {
  await call('machine.record', { name, to });
};

/** The same for what is done in any case: a server that does not answer is passed over. */
export const recordIfAnswered = async (call: Call, name: MachineAct, to?: string): Promise<void> => {
  try {
    await recordAct(call, name, to);
  } catch (error) {
    if (!isKind(error, 'server-not-running', 'not-ready')) throw error;
  }
};
