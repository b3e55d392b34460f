// A backup of a machine, kept outside of it, and the restore onto a machine in the very words of the README: whoever follows
// them has nothing else.

import { readFileSync } from 'node:fs';
import type { Machine } from './machine.ts';
import type { Shell } from './shell.ts';

const readme = new URL('../../README.md', import.meta.url);
/** The files that the README names. */
const [backupFile, passphraseFile] = ['/data/edge.age', '/run/passphrase'];
/** The server may write nowhere else. */
const written = '/data/kmip-edge/edge.age';
const passphrase = 'a passphrase for the backup\n';

/** The commands of the README that restore a backup onto an appliance, one each. */
export const restoreCommands = (): readonly string[] => {
  const blocks = [...readFileSync(readme, 'utf8').matchAll(/^```sh\n([^`]*)^```$/gm)].map(([, text = '']) => text);
  const block = blocks.find((text) =>
    text.includes(`kmip-edge restore ${backupFile} --passphrase-file ${passphraseFile}`),
  );
  if (block === undefined) throw new Error('the README does not say how a backup is restored onto an appliance');
  return block.trim().split('\n');
};

/** Makes a backup of `machine` and leaves nothing of it there. */
export const takeBackup = (shell: Shell, machine: Machine): Buffer => {
  shell.copyIn(machine, passphrase, passphraseFile);
  shell.run(machine, `kmip-edge backup ${written} --passphrase-file ${passphraseFile}`);
  const backup = shell.copyOut(machine, written);
  shell.run(machine, `rm ${written} ${passphraseFile}`);
  return backup;
};

export const restoreAsDescribed = (shell: Shell, machine: Machine, backup: Buffer): void => {
  shell.copyIn(machine, backup, backupFile);
  shell.copyIn(machine, passphrase, passphraseFile);
  for (const command of restoreCommands()) shell.run(machine, command);
};
