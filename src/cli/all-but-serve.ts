// Every command but `serve`: clients of a running server, which needs none of them itself.

import type { Command } from 'commander';
import type { Context } from './command.ts';
import { addAccessCommands } from './commands/access.ts';
import { addAuditCommands } from './commands/audit.ts';
import { addBackupCommands } from './commands/backup.ts';
import { addCertificateCommands } from './commands/certificate.ts';
import { addClientCommands } from './commands/client.ts';
import { addConfigCommands } from './commands/config.ts';
import { addDoctorCommands } from './commands/doctor.ts';
import { addKmipCommands } from './commands/get.ts';
import { addInstanceCommands } from './commands/instance.ts';
import { addKeyCommands } from './commands/key.ts';
import { addRestoreCommand } from './commands/restore.ts';
import { addSealCommands } from './commands/seal.ts';
import { addShellCommands } from './commands/shell.ts';
import { addStatusCommands } from './commands/status.ts';
import { addUpdateCommands } from './commands/update.ts';

/** Adds the commands to `program`, in the order of the help. */
export const addAllButServe = (program: Command, context: Context): void => {
  addStatusCommands(program, context);
  addSealCommands(program, context);
  addConfigCommands(program, context);
  addAuditCommands(program, context);
  addDoctorCommands(program, context);
  addBackupCommands(program, context);
  addRestoreCommand(program, context);
  addUpdateCommands(program, context);
  addInstanceCommands(program, context);
  addClientCommands(program, context);
  addCertificateCommands(program, context);
  addKeyCommands(program, context);
  addAccessCommands(program, context);
  addKmipCommands(program, context);
  addShellCommands(program, context);
};
