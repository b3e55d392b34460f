// Every setting of the server, in one table: the config file, its validation, the types, the defaults, the template and
// the help text all follow from it. Bounds and defaults are written as a person would write them in the file. There are
// no secrets here: a setting that needs one holds the path of a file.

import { logLevels } from '../log.ts';
import { auditSettings } from './audit-settings.ts';
import { backupSettings, findBackupConflicts } from './backup-settings.ts';
import type { Duration } from './duration.ts';
import type { Endpoint } from './endpoint.ts';

interface RowBase {
  /** One sentence, for the template and for the command line. */
  readonly help: string;
  /** True where a change counts at once; every other one waits for the next start. */
  readonly atOnce?: true;
}
export interface EndpointRow extends RowBase {
  readonly type: 'endpoint';
  readonly default: string;
  /** It may also be `off`. */
  readonly off?: true;
}
export interface DurationRow extends RowBase {
  readonly type: 'duration';
  readonly default: string;
  readonly minimum: string;
  /** `unlimited` here is what allows the value `unlimited`. */
  readonly maximum: string;
}
export interface SizeRow extends RowBase {
  readonly type: 'size';
  readonly default: string;
  readonly minimum: string;
  readonly maximum: string;
}
export interface IntegerRow extends RowBase {
  readonly type: 'integer';
  /** What is counted, in the plural. */
  readonly unit: string;
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
}
export interface BooleanRow extends RowBase {
  readonly type: 'boolean';
  readonly default: boolean;
}
export interface ChoiceRow extends RowBase {
  readonly type: 'choice';
  readonly default: string;
  readonly choices: readonly string[];
}
/** A list of DNS names and addresses. */
export interface NamesRow extends RowBase {
  readonly type: 'names';
  readonly default: readonly string[];
  /** Largest number of names. */
  readonly maximum: number;
}
/** A list of networks and addresses. */
export interface NetworksRow extends RowBase {
  readonly type: 'networks';
  readonly default: readonly string[];
  /** Largest number of networks. */
  readonly maximum: number;
}
/** Free text of one line; the empty text stands for none. */
export interface TextRow extends RowBase {
  readonly type: 'text';
  readonly default: string;
  /** It reads on after "must be". */
  readonly allowed: string;
  /** A regular expression that the whole text must match. */
  readonly pattern: string;
}
export type SettingRow =
  | TextRow
  | EndpointRow
  | DurationRow
  | SizeRow
  | IntegerRow
  | BooleanRow
  | ChoiceRow
  | NamesRow
  | NetworksRow;

export const settings = {
  'kmip.listen': {
    type: 'endpoint',
    default: '[::]:5696',
    help: 'Address and port for KMIP clients; [::] is every address of the machine, IPv4 too; 5696 is what vCenter expects.',
  },
  'kmip.networks': {
    type: 'networks',
    default: [],
    maximum: 64,
    help: 'Networks and addresses that KMIP clients come from (vCenter and every host), all where it is empty; connections from elsewhere are closed before the handshake.',
  },
  'kmip.maximumRequestSize': {
    type: 'size',
    default: '1 MiB',
    minimum: '1 KiB',
    maximum: '16 MiB',
    help: 'A longer KMIP request is refused before it is read; the largest seen from vCenter is 536 bytes.',
  },
  'kmip.handshakeTimeout': {
    type: 'duration',
    default: '10 s',
    minimum: '100 ms',
    maximum: '2 min',
    help: 'How long a client may take for the TLS handshake.',
  },
  'kmip.idleTimeout': {
    type: 'duration',
    default: '10 min',
    minimum: '1 s',
    maximum: '24 h',
    help: 'A connection without a request for this long is closed.',
  },
  'kmip.messageTimeout': {
    type: 'duration',
    default: '30 s',
    minimum: '100 ms',
    maximum: '10 min',
    help: 'How long a client may take to send one request once it has begun.',
  },
  'kmip.maximumConnections': {
    type: 'integer',
    unit: 'connections',
    default: 4096,
    minimum: 1,
    maximum: 65_536,
    help: 'Connections that may be open at the same time; more are closed at once.',
  },
  'kmip.maximumConnectionsPerAddress': {
    type: 'integer',
    unit: 'connections',
    default: 1024,
    minimum: 1,
    maximum: 65_536,
    help: 'The same for one client address; allow for many hosts behind one NAT address after a power loss.',
  },
  'tls.minimumVersion': {
    type: 'choice',
    choices: ['TLSv1.2', 'TLSv1.3'],
    default: 'TLSv1.2',
    help: 'Oldest TLS version that a KMIP client may use.',
  },
  'tls.legacyCiphers': {
    type: 'boolean',
    default: false,
    help: 'Also accepts AES-CBC suites with RSA key exchange, for old clients that offer nothing better.',
  },
  'cache.maximumKeys': {
    type: 'integer',
    unit: 'keys',
    default: 262_144,
    minimum: 1,
    maximum: 16_777_216,
    help: 'Keys that are kept in memory, the most recently used ones; an object larger than 2 KiB counts for several.',
  },
  'offline.lease': {
    type: 'duration',
    default: '72 h',
    minimum: '0 s',
    maximum: 'unlimited',
    help: 'Default for new service instances: how long keys are served without having heard from the upstream.',
  },
  'upstream.pollInterval': {
    type: 'duration',
    default: '50 s',
    minimum: '100 ms',
    maximum: '52 s',
    help: 'How often the upstream is asked whether the root key may still be used, at most 60 s together with totalTimeout; below 5 s for demonstrations only.',
  },
  'upstream.attemptTimeout': {
    type: 'duration',
    default: '3 s',
    minimum: '100 ms',
    maximum: '60 s',
    help: 'How long one attempt to reach the upstream may take.',
  },
  'upstream.totalTimeout': {
    type: 'duration',
    default: '8 s',
    minimum: '100 ms',
    maximum: '59 s',
    help: 'How long all attempts of one call may take together; vCenter gives up after a while of its own.',
  },
  'upstream.proxy': {
    type: 'text',
    default: '',
    pattern: '^(?:http://(?:[A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])(?::[0-9]{1,5})?/?)?$',
    allowed: 'http://HOST:PORT, or empty',
    help: 'HTTP proxy through which Key Protect and IAM are reached; the port is 80 unless given; a KMIP endpoint is reached without it.',
  },
  'upstream.noProxy': {
    type: 'names',
    default: [],
    maximum: 64,
    help: 'Hosts that are reached without the proxy, a private endpoint for example.',
  },
  'regional.freshness': {
    type: 'duration',
    default: '5 min',
    minimum: '0 s',
    maximum: '24 h',
    help: 'How long what a KMIP endpoint said of a key counts; after that it is asked again before the key is served.',
  },
  'regional.checkTimeout': {
    type: 'duration',
    default: '2 s',
    minimum: '100 ms',
    maximum: '60 s',
    help: 'How long such a question may take before the offline lease decides.',
  },
  'regional.syncInterval': {
    type: 'duration',
    default: '15 min',
    minimum: '1 s',
    maximum: '24 h',
    help: 'How often all keys at a KMIP endpoint are compared with what is held here.',
  },
  'admin.listen': {
    type: 'endpoint',
    off: true,
    default: '127.0.0.1:8443',
    help: 'Address and port of the web page and the management API.',
  },
  'admin.idleTimeout': {
    type: 'duration',
    default: '15 min',
    minimum: '1 min',
    maximum: '12 h',
    help: 'How long nothing may be done on the web page before its session ends; after 12 h it ends in any case.',
  },
  'removal.wait': {
    type: 'duration',
    default: '7 d',
    minimum: '0 s',
    maximum: '365 d',
    help: 'How long all keys of a service instance are kept, unserved, after its removal was asked for; it can be taken back until then.',
  },
  ...backupSettings,
  ...auditSettings,
  'log.level': {
    type: 'choice',
    choices: logLevels,
    default: 'info',
    help: 'Least serious events that are logged.',
  },
  'server.names': {
    type: 'names',
    default: [],
    maximum: 64,
    help: 'Further DNS names and addresses for the server certificate.',
  },
  'server.keyType': {
    type: 'choice',
    choices: ['rsa-2048', 'rsa-3072', 'ec-p256'],
    default: 'rsa-2048',
    help: 'Keys of the authority and the server certificates made here; every vSphere release takes RSA, elliptic curves are unverified there.',
  },
} as const satisfies Record<`${string}.${string}`, SettingRow>;

export type SettingName = keyof typeof settings;

/** What one row's value is once it has been read: durations in milliseconds, sizes in bytes. */
export type ValueOf<R extends SettingRow> = R extends DurationRow
  ? R['maximum'] extends 'unlimited'
    ? Duration
    : number
  : R extends EndpointRow
    ? R extends { readonly off: true }
      ? Endpoint | 'off'
      : Endpoint
    : R extends SizeRow | IntegerRow
      ? number
      : R extends BooleanRow
        ? boolean
        : R extends TextRow
          ? string
          : R extends ChoiceRow
            ? R['choices'][number]
            : readonly string[];

type Group = SettingName extends infer N ? (N extends `${infer G}.${string}` ? G : never) : never;

/** All settings, read and checked, by group: `config.kmip.listen.port`. */
export type Config = {
  readonly [G in Group]: {
    readonly [N in SettingName as N extends `${G}.${infer Name}` ? Name : never]: ValueOf<(typeof settings)[N]>;
  };
};

interface SumRow {
  readonly names: readonly [SettingName, SettingName];
  /** Milliseconds. */
  readonly maximum: number;
  readonly why: string;
}

/** Durations that are bounded together. */
const sums: readonly SumRow[] = [
  {
    names: ['upstream.pollInterval', 'upstream.totalTimeout'],
    maximum: 60_000,
    why: 'the owner of a root key can stop its keys within that time',
  },
];

/** What is wrong with settings that are right each by itself; `valueIn` gives values as they were read. */
export const findConflicts = (valueIn: (name: SettingName) => unknown): readonly string[] => [
  ...findSums((name) => Number(valueIn(name))),
  ...findBackupConflicts((name) => valueIn(name)),
];

const findSums = (msOf: (name: SettingName) => number): readonly string[] =>
  sums.flatMap(({ names, maximum, why }) => {
    if (msOf(names[0]) + msOf(names[1]) <= maximum) return [];
    const [one, other] = names.map((name) => `${name} (${msOf(name) / 1000} s)`);
    return `${one} and ${other} must be at most ${maximum / 1000} s together, so that ${why}`;
  });

/** The names in the order of the table. */
export const settingNames = Object.keys(settings) as readonly SettingName[];
/** The settings as they are in force, by dotted name. */
export const settingsOf = (config: Config): Readonly<Record<SettingName, unknown>> =>
  Object.fromEntries(
    settingNames.map((dotted) => {
      const [group = '', name = ''] = dotted.split('.');
      const values = config[group as keyof Config] as Readonly<Record<string, unknown>>;
      return [dotted, values[name]];
    }),
  ) as Record<SettingName, unknown>;
/** True when there is a setting of this name. */
export const isSettingName = (name: string): name is SettingName => Object.hasOwn(settings, name);
/** The row of a setting, without what only the compiler needs. */
export const rowOf = (name: SettingName): SettingRow => settings[name];

/** What a setting may be, for messages and for the template: it reads on after "must be". */
export const describeAllowed = (row: SettingRow): string => {
  switch (row.type) {
    case 'text':
      return row.allowed;
    case 'endpoint':
      return `an address and a port, such as '0.0.0.0:5696' or '[::]:5696'${row.off ? ", or 'off'" : ''}`;
    case 'duration':
      return `a duration from '${row.minimum}' to '${row.maximum}'`;
    case 'size':
      return `a size from '${row.minimum}' to '${row.maximum}'`;
    case 'integer':
      return `a whole number of ${row.unit} from ${row.minimum} to ${row.maximum}`;
    case 'boolean':
      return 'true or false';
    case 'choice':
      return `one of ${row.choices.map((choice) => `'${choice}'`).join(', ')}`;
    case 'networks':
      return `a list of at most ${row.maximum} different networks, such as 10.20.0.0/16 or 2001:db8::/32, or addresses`;
    case 'names':
      return `a list of at most ${row.maximum} different DNS names or addresses`;
  }
};
