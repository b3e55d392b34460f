// The settings of scheduled backups, a part of the one table, and what must fit together among them.

const path = { pattern: '^(?:/[^\\0\\n]*)?$', allowed: 'an absolute path, or empty' } as const;
const text = { type: 'text', default: '', atOnce: true } as const;

export const backupSettings = {
  'backup.destination': {
    ...text,
    pattern: '^(?:/[^\\0\\n]*|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9._/-]{1,200})?)?$',
    allowed: 'an absolute path of a directory, s3://BUCKET, s3://BUCKET/PREFIX, or empty',
    help: 'Where scheduled backups go; empty: none are made.',
  },
  'backup.every': {
    type: 'duration',
    default: '24 h',
    minimum: '1 min',
    maximum: '31 d',
    atOnce: true,
    help: 'How often a backup is made.',
  },
  'backup.keep': {
    ...text,
    default: 'daily 7, weekly 4, monthly 6',
    pattern:
      '^(?:all|[1-9][0-9]{0,3}|(?:hourly|daily|weekly|monthly|yearly) [1-9][0-9]{0,2}(?:, (?:hourly|daily|weekly|monthly|yearly) [1-9][0-9]{0,2}){0,4})$',
    allowed: "'all', a number of backups, or a rule such as 'daily 7, weekly 4, monthly 6'",
    help: 'Which backups stay at the destination, the newest of each day, week and month; the last good one always does.',
  },
  'backup.recipients': {
    ...text,
    pattern: '^(?:age1[02-9ac-hj-np-z]{58}(?:, ?age1[02-9ac-hj-np-z]{58}){0,15})?$',
    allowed: 'public keys of age with commas between them, or empty',
    help: 'Public keys that close scheduled backups; each private key alone opens them, and need not be here.',
  },
  'backup.passphraseFile': {
    ...text,
    ...path,
    help: 'File with the passphrase that closes scheduled backups, instead of public keys.',
  },
  'backup.s3Endpoint': {
    ...text,
    pattern: '^(?:https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?|https://\\[[0-9A-Fa-f:.]+\\](?::[0-9]{1,5})?)?$',
    allowed: "the address of an S3 service, such as 'https://s3.eu-de.cloud-object-storage.appdomain.cloud', or empty",
    help: 'The S3 service of the bucket, IBM Cloud Object Storage or another one.',
  },
  'backup.s3Region': {
    ...text,
    default: 'us-east-1',
    pattern: '^[A-Za-z0-9-]{1,64}$',
    allowed: 'the name of a region',
    help: 'The region that requests to the S3 service are signed for.',
  },
  'backup.s3CredentialsFile': {
    ...text,
    ...path,
    help: 'File with the HMAC credentials of the S3 service: what IBM Cloud shows as JSON, or the key and the secret on two lines.',
  },
  'backup.s3CaFile': {
    ...text,
    ...path,
    help: 'File with certificates (PEM) that an S3 service of your own is trusted by; empty: the public authorities.',
  },
} as const;

type BackupSettingName = keyof typeof backupSettings;

/** What is wrong with the settings of backups together. */
export const findBackupConflicts = (valueIn: (name: BackupSettingName) => unknown): readonly string[] => {
  const isSet = (name: BackupSettingName): boolean => valueIn(name) !== '';
  if (!isSet('backup.destination')) return [];
  const problems: string[] = [];
  if (isSet('backup.recipients') === isSet('backup.passphraseFile')) {
    problems.push('backup.destination needs either backup.recipients or backup.passphraseFile: no backup is left open');
  }
  if (String(valueIn('backup.destination')).startsWith('s3://')) {
    for (const name of ['backup.s3Endpoint', 'backup.s3CredentialsFile'] as const) {
      if (!isSet(name)) problems.push(`backup.destination is a bucket and needs ${name}`);
    }
  }
  return problems;
};
