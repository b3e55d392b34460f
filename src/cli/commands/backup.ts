// `kmip-edge backup`: the running server makes the backup; this command begins it and watches it to its end.

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { call } from '../../admin/api/client.ts';
import { EdgeError } from '../../errors.ts';
import {
  type CommonOptions,
  type Context,
  collect,
  dataDirectoryOf,
  readSecret,
  withCommonOptions,
} from '../command.ts';
import { showJob } from './backup-job.ts';
import { addBackupPlaceCommands } from './backup-place.ts';

interface BackupOptions extends CommonOptions {
  readonly passphraseFile?: string;
  readonly recipient?: readonly string[];
}

const backupHelp = `
The file holds everything: keys, service instances, clients, certificates, credentials, settings, and the storage key that
opens them. Whoever has it and the passphrase, or the private key, has the keys. Keep both apart from each other, and away
from the datastores that kmip-edge unlocks. It is in the age format: 'age -d FILE | tar x' opens it without kmip-edge.

A key that is destroyed later is still in it: destroy old backups too where a key must be gone for good.

  kmip-edge backup /mnt/backup/edge.age --passphrase-file passphrase
  kmip-edge backup keygen backup.key          (prints the public key; keep the file somewhere else)
  kmip-edge backup /mnt/backup/edge.age --recipient age1…`;

/** Adds the group `backup`. */
export const addBackupCommands = (program: Command, context: Context): void => {
  const group = program.command('backup');
  group.argument('[file]', "where the backup is written, on the server's machine");
  withCommonOptions(group)
    .description('write one encrypted file with everything, while the server runs')
    .option('--passphrase-file <file>', 'file that holds the passphrase of the backup, at least 12 characters')
    .option('--recipient <key>', 'public key of age that closes the backup; may be given again', collect)
    .addHelpText('after', backupHelp)
    .action((file: string | undefined, options: BackupOptions) => makeBackup(context, file, options));

  addBackupPlaceCommands(group, context);
  group
    .command('keygen')
    .argument('<file>', 'where the private key is written')
    .description('make a key pair for backups: the private key into a file, the public key is printed')
    .action((file: string) => makeKeyPair(context, file));
};

const makeBackup = async (context: Context, file: string | undefined, options: BackupOptions): Promise<void> => {
  if (file === undefined) {
    throw new EdgeError('invalid-field', 'the file is missing', { hint: 'kmip-edge backup FILE; add --help for more' });
  }
  const { passphraseFile, recipient } = options;
  if ((passphraseFile === undefined) === (recipient === undefined)) {
    throw new EdgeError('invalid-field', 'either --passphrase-file or --recipient is needed');
  }
  const lock =
    passphraseFile === undefined
      ? { recipients: recipient ?? [] }
      : { passphrase: readSecret('passphrase', passphraseFile) };
  const begun = await call(dataDirectoryOf(options, context), 'backup.make', { path: resolve(file), ...lock });
  await showJob(context, options, begun);
};

const makeKeyPair = async ({ terminal }: Context, file: string): Promise<void> => {
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  try {
    writeFileSync(file, `# public key: ${recipient}\n${identity}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EdgeError(code === 'EEXIST' ? 'already-exists' : 'invalid-field', `cannot write ${file}: ${code}`);
  }
  terminal.out(recipient);
};
