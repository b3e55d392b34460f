// What is to be said of the seal on an appliance: where the credential lies, a TPM that does not open, and data that came
// from another machine.

import { counted } from '../counted.ts';
import type { AlarmSource, Finding } from '../telemetry/alarms.ts';
import type { StorageSeal } from './storage-seal.ts';

const about = { subject: '', page: 'appliance' } as const;

export const machineAlarms =
  (seal: StorageSeal): AlarmSource =>
  () => [...keeperAlarms(seal), ...moveAlarms(seal)];

const keeperAlarms = ({ facts, slots }: StorageSeal): readonly Finding[] => {
  if (!facts) return [];
  const found: Finding[] = [];
  const onDisk = slots.some(({ kind, parameters }) => kind === 'credential' && parameters['keeper'] !== 'systemd');
  const command = 'kmip-edge seal list';
  if (onDisk) {
    const what =
      facts.credential === 'tpm'
        ? 'the credential that opens the stored keys still lies on the data disk, though this machine has a TPM'
        : 'this machine has no TPM: whoever copies its data disk can open the stored keys';
    const todo =
      facts.credential === 'tpm'
        ? 'Set a recovery passphrase and restart the server: the TPM takes over then.'
        : 'Add a virtual TPM, set a recovery passphrase and restart; or guard the disk and its copies as you guard the keys.';
    found.push({ ...about, name: 'storage-key-on-disk', severity: 'info', what, todo, command });
  }
  if (facts.problem !== undefined) {
    const what = `there is trouble with the TPM of this machine: ${facts.problem}`;
    const todo = 'See that the recovery passphrase is at hand: it may be asked for at the next start.';
    found.push({ ...about, name: 'tpm-problem', severity: 'warning', what, todo, command });
  }
  return found;
};

const moveAlarms = (seal: StorageSeal): readonly Finding[] => {
  if (seal.machine !== 'other') return [];
  const { instances, keys, lastUsed } = seal.data();
  const holds = `${counted(keys, 'key')} in ${counted(instances, 'service instance')}`;
  const what = `these data (${holds}) belonged to another machine${lastUsed === undefined ? '' : `, which last ran at ${lastUsed}`}`;
  const todo =
    'If this machine replaces it, adopt them: on its console under Storage key, or by the command. If it still runs, switch one of the two off now: what one of them changes the other never learns.';
  return [{ ...about, name: 'machine-changed', severity: 'warning', what, todo, command: 'kmip-edge seal adopt' }];
};
