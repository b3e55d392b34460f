// The routes of `instance export` and `instance import`.

import { Readable } from 'node:stream';
import type { AgeKey } from '../backup/age.ts';
import { absolutePath } from '../backup/make.ts';
import { EdgeError } from '../errors.ts';
import { exportInstance } from '../instances/exporting.ts';
import type { Importing, ImportState } from '../instances/importing.ts';
import type { Log } from '../log.ts';
import { Secret } from '../secret.ts';
import type { ImportView } from './api/instances.ts';
import type { Input } from './api/table.ts';
import { type BackupTools, lockOf } from './backup-handlers.ts';
import type { Handlers } from './routes.ts';
import type { ViewParts } from './views.ts';

export interface ExportHandlerOptions extends ViewParts {
  readonly log: Log;
  readonly importing: Importing;
  readonly backups: Pick<BackupTools, 'passphraseWork'>;
}

type ExportRoute = 'instance.export' | 'instance.import' | 'instance.import.state';

/** The handlers over running parts. */
export const exportHandlers = (options: ExportHandlerOptions): Pick<Handlers, ExportRoute> => {
  const { importing, backups } = options;
  return {
    'instance.export': ({ name, ...given }) =>
      Readable.from(exportInstance(options, name, lockOf(given, backups.passphraseWork)), { objectMode: false }),
    'instance.import': ({ name, path, ...given }) =>
      importView(importing.begin(name, absolutePath(path), keyOf(given))),
    'instance.import.state': () => (importing.state ? { import: importView(importing.state) } : {}),
  };
};

const keyOf = ({ passphrase, identities }: Pick<Input['instance.import'], 'passphrase' | 'identities'>): AgeKey => {
  if (passphrase !== undefined && identities === undefined) return { passphrase: new Secret(passphrase) };
  if (identities !== undefined && passphrase === undefined) return { identities: new Secret(identities) };
  throw new EdgeError('invalid-field', 'either the passphrase or an identity file is needed', {
    hint: 'whichever opens what the file was closed with',
  });
};

const importView = ({ problem, ...state }: ImportState): ImportView => {
  if (!problem) return state;
  const { kind, message, hint } = problem;
  return { ...state, problem: hint === undefined ? { kind, message } : { kind, message, hint } };
};
