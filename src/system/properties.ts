// The properties of a deployment: the table of ova.json, and each value checked by its kind before anything is done with
// it. What is wrong is said for all of them at once, because each deployment costs minutes.

import { isIP } from 'node:net';

/** A row of ova.json. */
export interface PropertyRow {
  readonly key: string;
  readonly category: string;
  readonly label: string;
  readonly help: string;
  readonly kind: PropertyKind;
  readonly secret?: boolean;
}

export type Properties = Readonly<Record<string, string>>;

export interface Checked {
  /** Values that are there and right, trimmed. */
  readonly values: Properties;
  /** One line for each that is wrong: label, problem, what is expected; never the value of a secret. */
  readonly problems: readonly string[];
}

const name =
  /^(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
const isName = (text: string): boolean => name.test(text) && !/^[0-9.]+$/.test(text);
const isAddress = (text: string): boolean => {
  const [ip = '', prefix = '', ...rest] = text.split('/');
  const family = isIP(ip);
  return rest.length === 0 && family !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
};
/** The parts of a list. */
export const partsOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter((part) => part !== '');
const everyPart = (holds: (part: string) => boolean) => (text: string) => {
  const parts = partsOf(text);
  return parts.length <= 8 && parts.every(holds);
};
const plain = /^[ -~]{1,4096}$/;

const isTimeZone = (text: string): boolean => {
  // Also a file below /usr/share/zoneinfo.
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
};

/** Whoever may see the settings would see a password in it. */
const isHttpsAddress = (text: string): boolean => {
  if (!/^https:\/\/[!-~]{1,2000}$/i.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
};

/** What each kind of upstream needs. */
const ofUpstream: Properties = { 'key-protect': 'url instance-id crk api-key', kmip: 'endpoint fingerprint' };

/** What each kind of value must be. */
const kinds = {
  'host-name': { expected: 'letters, digits and dashes, with dots between the parts', holds: isName },
  address: { expected: 'an address with its prefix length, such as 192.0.2.10/24', holds: isAddress },
  ip: { expected: 'an IPv4 or IPv6 address', holds: (text: string) => isIP(text) !== 0 },
  'ip-list': { expected: 'up to 8 IPv4 or IPv6 addresses', holds: everyPart((part) => isIP(part) !== 0) },
  'name-list': { expected: 'up to 8 domain names', holds: everyPart(isName) },
  'host-list': { expected: 'up to 8 names or addresses', holds: everyPart((part) => isName(part) || isIP(part) !== 0) },
  password: { expected: 'at least 12 characters', holds: (text: string) => text.length >= 12 && text.length <= 1024 },
  'ssh-key': {
    expected: 'one OpenSSH public key, as in id_ed25519.pub',
    holds: (text: string) =>
      /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/=]{16,8192}( [ -~]{0,255})?$/.test(
        text,
      ),
  },
  pem: {
    expected: 'a certificate in PEM',
    // vSphere turns line ends into spaces.
    holds: (text: string) =>
      /^-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{100,16384}-----END CERTIFICATE-----$/.test(text),
  },
  address6: {
    expected: 'an IPv6 address with its prefix length, such as 2001:db8::10/64',
    holds: (text: string) => isAddress(text) && text.includes(':'),
  },
  ip6: { expected: 'an IPv6 address', holds: (text: string) => isIP(text) === 6 },
  ipv6: { expected: 'automatic or off', holds: (text: string) => text === 'automatic' || text === 'off' },
  switch: { expected: 'on or off', holds: (text: string) => text === 'on' || text === 'off' },
  'time-zone': { expected: 'a time zone, such as Europe/Berlin', holds: isTimeZone },
  proxy: {
    expected: 'a proxy, such as http://proxy.example.com:3128',
    holds: (text: string) =>
      /^http:\/\/(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\/?$/.test(text),
  },
  'https-address': {
    expected: 'an address that begins with https://, without a user name or password',
    holds: isHttpsAddress,
  },
  'time-of-day': {
    expected: 'a time of day, such as 02:30',
    holds: (text: string) => /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/.test(text),
  },
  collector: {
    expected: 'a host, or a host and a port',
    holds: (text: string) => /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/.test(text),
  },
  fingerprint: {
    expected: 'a SHA-256 fingerprint: 64 hexadecimal digits, with colons or without',
    holds: (text: string) => /^(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/.test(text),
  },
  upstream: { expected: 'key-protect, kmip or nothing', holds: (text: string) => Object.hasOwn(ofUpstream, text) },
  text: { expected: 'up to 4,096 plain characters', holds: (text: string) => plain.test(text) },
} as const satisfies Readonly<Record<string, { readonly expected: string; readonly holds: (text: string) => boolean }>>;
export type PropertyKind = keyof typeof kinds;

/** What must come together. */
const companions: readonly (readonly [given: string, needed: readonly string[]])[] = [
  ['address', ['gateway', 'dns']],
  ['gateway6', ['address6']],
  ['api-key', ['url', 'instance-id', 'crk']],
  ['no-proxy', ['proxy']],
  ['syslog-authority', ['syslog']],
];
const companionsOf = (values: Properties): typeof companions => {
  const needed = ofUpstream[values['upstream'] ?? ''];
  return needed === undefined ? companions : [['upstream', needed.split(' ')], ...companions];
};

/** Checks every property of the table; what the table does not know is not ours. */
export const checkProperties = (rows: readonly PropertyRow[], given: ReadonlyMap<string, string>): Checked => {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const row of rows) {
    const value = givenValue(row, given);
    if (value === '') continue;
    const problem = problemWith(row, value);
    if (problem === undefined) values[row.key] = value;
    else problems.push(problem);
  }
  return { values, problems: [...problems, ...missing(rows, values)] };
};

/** A secret may begin or end with a space. */
const givenValue = ({ key, secret }: PropertyRow, given: ReadonlyMap<string, string>): string => {
  const value = given.get(key) ?? '';
  return secret ? value : value.trim();
};

const problemWith = ({ label, kind, secret }: PropertyRow, value: string): string | undefined => {
  const { expected, holds } = kinds[kind];
  if (holds(value)) return undefined;
  return `${label}: ${secret ? 'the value' : `'${value.slice(0, 60)}'`} is not ${expected}`;
};

const missing = (rows: readonly PropertyRow[], values: Properties): readonly string[] => {
  const labelOf = (wanted: string): string => rows.find(({ key }) => key === wanted)?.label ?? wanted;
  return companionsOf(values)
    .filter(([present]) => values[present] !== undefined)
    .flatMap(([present, needed]) =>
      needed
        .filter((other) => values[other] === undefined)
        .map((other) => `${labelOf(other)}: is needed with ${labelOf(present)}`),
    );
};

/** A PEM whose line ends became spaces, as it was. */
export const pemOf = (text: string): string => {
  const body = text.replace(/-----(BEGIN|END) CERTIFICATE-----/g, '').replaceAll(/\s+/g, '');
  return `-----BEGIN CERTIFICATE-----\n${body.replaceAll(/(.{64})/g, '$1\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
};
