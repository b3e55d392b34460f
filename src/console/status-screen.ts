// What the console shows while nobody touches it, in the manner of VMware's direct console: who this is, where it is
// reached, the fingerprint that vCenter asks about, and whether all is well.

import type { InstanceView } from '../admin/api/instances.ts';
import type { SealView } from '../admin/api/seal.ts';
import type { StatusView } from '../admin/api/status.ts';
import { counted } from '../counted.ts';
import { dataText } from './data-text.ts';
import { type Line, line, type Size, wrapped } from './screen.ts';

/** What the machine knows of itself. */
export interface HostFacts {
  readonly name: string;
  /** Those that others can reach. */
  readonly addresses: readonly string[];
}

/** The lines for a server that answers. */
export const statusLines = (status: StatusView, host: HostFacts, { columns }: Size): readonly Line[] => [
  line(` kmip-edge ${status.version}`, 'title'),
  line(' KMIP key management server for vSphere and vSAN', 'title'),
  line(''),
  ...facts(status, host),
  line(''),
  line(' Server certificate, as vCenter shows it'),
  line(`   SHA-1    ${status.certificate.sha1}`),
  ...wrappedFingerprint(status.certificate.sha256, columns),
  line(''),
  line(' Service instances'),
  ...status.instances.map(instanceLine),
  line(''),
  ...alarmLines(status, columns),
];

/** The lines while the server does not answer; `isStarting`: nothing else is to be expected yet. */
export const absentLines = (
  problem: string,
  host: HostFacts,
  { columns }: Size,
  isStarting = false,
): readonly Line[] => [
  line(' kmip-edge', 'title'),
  line(' KMIP key management server for vSphere and vSAN', 'title'),
  line(''),
  ...hostFacts(host),
  line(''),
  ...(isStarting
    ? [line(' The server is starting.')]
    : wrapped(`The server does not answer: ${problem}`, columns - 4).map((text) => line(` ${text}`, 'bad'))),
  ...(isStarting ? [] : [line(' It is started anew by itself. Press Enter: Diagnostics, Log.', 'faint')]),
];

/** The lines while the stored keys are locked. */
export const lockedLines = (seal: SealView, host: HostFacts, { columns }: Size): readonly Line[] => [
  line(' kmip-edge', 'title'),
  line(' KMIP key management server for vSphere and vSAN', 'title'),
  line(''),
  ...hostFacts(host),
  line(''),
  line(' The stored keys are locked: none is served.', 'bad'),
  ...[seal.problem ?? '', seal.hint ?? '', dataText(seal)]
    .filter((text) => text !== '')
    .flatMap((text) => wrapped(text, columns - 4).map((row) => line(` ${row}`))),
  line(''),
  line(' Press Enter and give the recovery passphrase.'),
];

/** The same while a new system is tried: the server waits for the end of that. */
export const tryingLines = (_problem: string, host: HostFacts, { columns }: Size): readonly Line[] => [
  line(' kmip-edge', 'title'),
  line(' KMIP key management server for vSphere and vSAN', 'title'),
  line(''),
  ...hostFacts(host),
  line(''),
  ...wrapped(
    'A new system is being tried, on a copy of the data. It takes a minute or two; where it is not well, the one before it starts again by itself, with every key.',
    columns - 4,
  ).map((text) => line(` ${text}`)),
];

/** What was wrong with the settings of the deployment, one line each. */
export const problemLines = (problems: string, { columns }: Size): readonly Line[] => {
  const given = problems.split('\n').filter((problem) => problem !== '');
  if (given.length === 0) return [];
  const rows = given.flatMap((problem) => wrapped(problem, columns - 6).map((text) => line(`   ${text}`, 'bad')));
  return [line(''), line(' Settings of the deployment that are not right', 'bad'), ...rows];
};

const fact = (name: string, value: string): Line => line(` ${name.padEnd(12)}${value}`);

const hostFacts = ({ name, addresses }: HostFacts): readonly Line[] => [
  fact('Name', name),
  addresses.length > 0
    ? fact('Addresses', addresses.join(', '))
    : line(' Addresses   none: is a network attached?', 'bad'),
];

const facts = (status: StatusView, host: HostFacts): readonly Line[] => {
  const { kmip, https, seal } = status;
  return [
    ...hostFacts(host),
    fact('KMIP', `${kmipAddress(status, host)} port ${kmip.port}, ${kmip.connections} connections`),
    fact(
      'Web page',
      pageAddress(status, host) ?? (https.state === 'off' ? 'off' : `not served: ${https.problem ?? 'see the log'}`),
    ),
    fact('Opened by', seal.length > 0 ? seal.join(', ') : 'nothing'),
  ];
};

/** Where vCenter reaches KMIP. */
export const kmipAddress = ({ kmip }: StatusView, host: HostFacts): string => reached(kmip.host, host);

/** The web page's; undefined where it is not served. */
export const pageAddress = ({ https }: StatusView, host: HostFacts): string | undefined =>
  https.state === 'on'
    ? `https://${bracketed(reached(https.host, host))}${https.port === 443 ? '' : `:${https.port}`}/`
    : undefined;

/** A server that listens everywhere is reached at the first address. */
const reached = (listened: string, { addresses }: HostFacts): string =>
  listened === '0.0.0.0' || listened === '::' ? (addresses[0] ?? listened) : listened;

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

const wrappedFingerprint = (sha256: string, columns: number): readonly Line[] => {
  const whole = `   SHA-256  ${sha256}`;
  if (whole.length < columns) return [line(whole)];
  const half = Math.ceil(sha256.length / 2 / 3) * 3;
  return [line(`   SHA-256  ${sha256.slice(0, half)}`), line(`            ${sha256.slice(half)}`)];
};

const instanceLine = ({ name, upstream, upstreamState, rootKey, lease, serving, keys }: InstanceView): Line => {
  const parts = [
    `   ${name.padEnd(14)}`,
    `${upstream} ${upstreamState}`,
    `root key ${rootKey.state}`,
    `lease ${typeof lease.remaining === 'number' ? hours(lease.remaining) : lease.remaining}`,
    counted(keys, 'key'),
  ];
  const text = parts.join('  ');
  return serving ? line(text) : line(`${text}  NOT SERVED`, 'bad');
};

const hours = (ms: number): string =>
  ms >= 3_600_000 ? `${Math.floor(ms / 3_600_000)} h` : `${Math.floor(ms / 60_000)} min`;

/** Whatever has a fingerprint is named in words as well. */
const nameOf = (subject: string): string => (subject === '' || /^([0-9A-F]{2}:)+/.test(subject) ? '' : `${subject}: `);

const alarmLines = ({ alarms }: StatusView, columns: number): readonly Line[] => {
  const shown = alarms.filter(({ severity }) => severity !== 'info');
  if (shown.length === 0) return [line(' All is well.', 'good')];
  return shown.flatMap(({ subject, what, todo }) =>
    wrapped(`${nameOf(subject)}${what}. ${todo}`, columns - 6).map((text, row) =>
      line(row === 0 ? ` ! ${text}` : `   ${text}`, 'bad'),
    ),
  );
};
