// Seen from the outside, from a network of its own: which ports a machine has open without an SSH key.

import { Administrator } from './administrator.ts';
import { canScan, openPorts } from './scan.ts';
import type { Part, Trial } from './trial.ts';

const password = 'correct horse battery';

const run = async (trial: Trial): Promise<void> => {
  if (!canScan()) throw new Error('a scan needs root, nmap and /dev/net/tun');
  const machine = trial.machine('edge3', { password });
  await machine.start();
  await new Administrator(machine.httpsPort).signInWhenReady(password);
  const open = (await openPorts(machine)).join();
  trial.fact('open TCP ports, of all, without an SSH key', open);
  trial.require('only 443 and 5696 are open', open === '443,5696', open);
};

export const outside: Part = {
  name: 'outside',
  holds: 'which ports a stranger on its network finds open',
  always: false,
  run,
};
