// Names of scheduled backups: they say of which appliance they are and as of when, and nothing else is called like this.
//
//   kmip-edge-0123456789ab-20261125T135034Z.age

const shape = /^kmip-edge-([0-9a-f]{12})-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z\.age$/;

export interface BackupName {
  readonly appliance: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The name of a backup; `at` is milliseconds since 1970, whole seconds count. */
export const backupName = ({ appliance, at }: BackupName): string =>
  `kmip-edge-${appliance}-${new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '')}.age`;

/** What a name says, or undefined for one that is not of a backup. */
export const readBackupName = (name: string): BackupName | undefined => {
  const [, appliance, year, month, day, hour, minute, second] = shape.exec(name) ?? [];
  if (appliance === undefined) return undefined;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) || backupName({ appliance, at }) !== name ? undefined : { appliance, at };
};
