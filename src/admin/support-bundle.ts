// The support bundle: what a supporter needs to know, as files of a tar.gz. Each file is built from named fields; nothing is
// copied whole that could hold more than that. There is no file of ours in it, and no vault, certificate key or audit trail.

import { execFile } from 'node:child_process';
import { freemem, loadavg, uptime } from 'node:os';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { type TarEntry, writeTar } from '../backup/tar.ts';
import type { Clock } from '../clock.ts';
import type { ApplianceView } from './api/appliance.ts';
import type { EndingView } from './api/certificates.ts';
import type { InstanceView } from './api/instances.ts';
import type { StatusView } from './api/status.ts';
import type { Output } from './api/table.ts';
import { readJournal } from './journal.ts';

export interface BundleParts {
  readonly clock: Clock;
  readonly appliance: () => Promise<ApplianceView>;
  /** Settings by name; there are no secrets among them, only the paths of files that hold some. */
  readonly settings: () => Readonly<Record<string, unknown>>;
  readonly status: () => Promise<StatusView>;
  readonly doctor: () => Promise<Output['doctor.run']>;
  readonly history: () => Promise<Output['history']>;
  readonly metrics: () => Promise<string>;
  /** The last lines of the log, redacted. */
  readonly logLines: () => readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** The bundle as it is made. */
export const supportBundle = (parts: BundleParts): Readable => {
  const tar = Readable.from(writeTar(entriesOf(parts), parts.clock.now()), { objectMode: false });
  const gzip = createGzip();
  tar.once('error', (error) => gzip.destroy(error));
  return tar.pipe(gzip);
};

async function* entriesOf(parts: BundleParts): AsyncGenerator<TarEntry> {
  const appliance = await parts.appliance();
  yield entry('README.txt', readme(appliance.version, parts.clock.now()));
  yield entry('appliance.json', json(applianceOf(appliance)));
  yield entry('settings.json', json(parts.settings()));
  yield entry('status.json', json(statusOf(await parts.status())));
  yield entry('doctor.json', json(await parts.doctor()));
  yield entry('metrics.txt', await parts.metrics());
  yield entry('history.json', json(await parts.history()));
  yield entry('log.jsonl', lines(parts.logLines()));
  yield entry('journal.jsonl', lines(await readJournal(parts.environment, promisify(execFile))));
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

const entry = (name: string, text: string): TarEntry => {
  const bytes = Buffer.from(text);
  return { name: `kmip-edge-support/${name}`, size: bytes.length, content: Readable.from([bytes]) };
};

const readme = (version: string, now: number): string =>
  [
    `kmip-edge ${version}, ${new Date(now).toISOString()}`,
    '',
    'What is inside: versions, settings, state of the service instances, what the doctor found, metrics, the last day,',
    'and the last lines of the log. It names hosts, service instances and clients. There are no keys, passphrases,',
    'passwords, tokens or private keys: each file is built from named fields that hold none, and what looks like a key',
    'in free text is left out.',
    '',
  ].join('\n');

const applianceOf = ({ version, node, openssl, sqlite, system, processors, memory, disk }: ApplianceView) => ({
  version,
  node,
  openssl,
  sqlite,
  system,
  processors,
  memory: { resident: memory.resident, total: memory.total, free: freemem() },
  disk: { free: disk.free, size: disk.size, database: disk.database },
  load: loadavg(),
  uptime: { system: uptime(), process: process.uptime() },
});

/** Field by field: what is added to the status later does not come here by itself. */
const statusOf = ({
  ready,
  version,
  startedAt,
  kmip,
  https,
  certificate,
  seal,
  keysInMemory,
  ...rest
}: StatusView) => ({
  ready,
  version,
  startedAt,
  kmip: { host: kmip.host, port: kmip.port, connections: kmip.connections },
  https: { state: https.state, host: https.host, port: https.port, passwordSet: https.passwordSet },
  certificate: certificateOf(certificate),
  seal,
  keysInMemory,
  endings: rest.endings.map(endingOf),
  instances: rest.instances.map(instanceOf),
  alarms: rest.alarms.map(({ name, subject, severity, what, since, todo }) => ({
    name,
    subject,
    severity,
    what,
    since,
    todo,
  })),
});

const certificateOf = ({
  subject,
  sha256,
  notAfter,
  validity,
}: Pick<StatusView['certificate'], 'subject' | 'sha256' | 'notAfter' | 'validity'>) => ({
  subject,
  sha256,
  notAfter,
  validity,
});

const endingOf = ({ kind, level, name, instance, subject, sha256, notAfter }: EndingView) => ({
  kind,
  level,
  name,
  instance,
  subject,
  sha256,
  notAfter,
});

/** Settings of upstreams that say where and what; none of them opens anything. */
const upstreamSettings = ['url', 'iamUrl', 'instanceId', 'crk', 'keyRing', 'aad', 'endpoint', 'fingerprints'] as const;

const instanceOf = (instance: InstanceView) => {
  const { id, name, life, upstream, settings, createdAt, clients, keys, started, upstreamState, ...rest } = instance;
  const known = upstreamSettings.flatMap((one) => (Object.hasOwn(settings, one) ? [[one, settings[one]]] : []));
  const { problem, rootKey, lease, serving, alarms, sync } = rest;
  const state = { started, upstreamState, problem, rootKey: { state: rootKey.state, version: rootKey.version } };
  const counts = { clients, keys };
  const settled = { id, name, life, upstream, settings: Object.fromEntries(known), createdAt };
  return { ...settled, ...counts, ...state, lease, serving, alarms, sync };
};
