// What an appliance tells its service about the machine that it runs on: a file that the system writes at each start, before
// the service. A plain Node service has none, and says nothing about machines.

import { readFileSync } from 'node:fs';
import { messageOf } from './errors.ts';
import type { Log } from './log.ts';

export interface MachineFacts {
  /** Identity of the virtual machine: another one for a clone, the same after a move between hosts. */
  readonly id: string;
  /** Where the credential lies that opens the storage key: sealed by the machine's TPM, or in a file on the data disk. */
  readonly credential: 'tpm' | 'disk';
  /** What kept the TPM from opening what it had sealed. */
  readonly problem?: string;
}

const longest = 500;

/** The facts in the file that KMIP_EDGE_MACHINE names; undefined where there is none. One that is damaged is told and left out. */
export const readMachineFacts = (environment: NodeJS.ProcessEnv, log: Log): MachineFacts | undefined => {
  const path = environment['KMIP_EDGE_MACHINE'];
  if (path === undefined) return undefined;
  try {
    return checked(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    log.warn('the facts of the machine cannot be read', { path, problem: messageOf(error) });
    return undefined;
  }
};

const checked = (value: unknown): MachineFacts => {
  const { id, credential, problem } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string' || !/^[0-9a-f-]{8,64}$/i.test(id)) throw new Error('the machine has no identity');
  if (credential !== 'tpm' && credential !== 'disk') throw new Error('where the credential lies is not told');
  return {
    id: id.toLowerCase(),
    credential,
    ...(typeof problem === 'string' && problem !== '' ? { problem: problem.slice(0, longest) } : {}),
  };
};
