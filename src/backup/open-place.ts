// From the settings to what they mean: where scheduled backups go, and what closes them. Files are read anew for each
// backup, so that new credentials count without a restart.

import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { EdgeError } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { AgeLock } from './age.ts';
import { directoryPlace } from './directory-place.ts';
import type { Place } from './place.ts';
import { readS3Credentials } from './s3/credentials.ts';
import type { S3Timings } from './s3/requests.ts';

/** The settings `backup.*`, as they were read. Empty texts stand for none. */
export interface BackupSettings {
  readonly destination: string;
  /** Milliseconds. */
  readonly every: number;
  readonly keep: string;
  readonly recipients: string;
  readonly passphraseFile: string;
  readonly s3Endpoint: string;
  readonly s3Region: string;
  readonly s3CredentialsFile: string;
  readonly s3CaFile: string;
}

export interface PlaceParts {
  readonly appliance: string;
  readonly clock: Clock;
  /** Ends what is under way. */
  readonly signal?: AbortSignal;
  /** For tests that cannot wait. */
  readonly s3Timings?: S3Timings;
  readonly s3PartBytes?: number;
}

const bucketShape = /^s3:\/\/([^/]+)\/?(.*)$/;
const maximumFile = 1024 * 1024;

/** The place that `settings` name. Throws `invalid-field` for files that cannot be read. */
export const openPlace = async (settings: BackupSettings, parts: PlaceParts): Promise<Place> => {
  const { destination, s3Endpoint, s3Region, s3CredentialsFile, s3CaFile } = settings;
  const { appliance, clock, s3Timings, s3PartBytes, signal } = parts;
  const [, bucket, prefix = ''] = bucketShape.exec(destination) ?? [];
  if (bucket === undefined) return directoryPlace(destination, appliance);
  const [{ bucketPlace }, { defaultS3Timings }] = await Promise.all([
    import('./s3/bucket-place.ts'),
    import('./s3/requests.ts'),
  ]);
  return bucketPlace({
    endpoint: s3Endpoint,
    region: s3Region,
    bucket,
    prefix: prefix === '' ? '' : `${prefix.replace(/\/+$/, '')}/`,
    credentials: await readS3Credentials(s3CredentialsFile),
    authorities: s3CaFile === '' ? undefined : await readText('certificates of the S3 service', s3CaFile),
    appliance,
    clock,
    timings: s3Timings ?? defaultS3Timings,
    signal,
    ...(s3PartBytes === undefined ? {} : { partBytes: s3PartBytes }),
  });
};

/** What closes the backups. Throws `invalid-field` for a passphrase file that cannot be read. */
export const openLock = async ({ recipients, passphraseFile }: BackupSettings): Promise<AgeLock> => {
  if (recipients !== '') return { recipients: recipients.split(',').map((recipient) => recipient.trim()) };
  return { passphrase: new Secret((await readText('passphrase of the backups', passphraseFile)).trim()) };
};

const readText = async (what: string, path: string): Promise<string> => {
  try {
    const bytes = await readFile(path);
    if (bytes.length > maximumFile) throw new Error(`it has ${bytes.length} bytes`);
    return bytes.toString();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new EdgeError('invalid-field', `cannot read the ${what} from ${path}: ${code ?? message}`, { cause: error });
  }
};
