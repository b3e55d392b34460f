// The trial of a new system, while clients still wait.
//
// A new system may change the database's shape, and then the old one cannot read it any more. Were the new server simply
// started, a key that it has acknowledged would be lost by going back. So it is not let near the data before it is confirmed:
// the real server of this start waits until the trial is over. The new server is started, confined as ever, in a network of
// its own, on a copy of the data. It migrates the copy, opens what is sealed, answers a handshake, and has every instance;
// then it is stopped, and the copy is counted and looked through. If all of that is well the slot is made permanent, and only
// then the real server of the new system touches the real database; a copy from before is kept until it is ready. If
// anything is not well the machine is restarted into the old system, whose database nobody has touched. No client has spoken
// to the new system in between, so there is no key to lose; a return later is asked for, and refused where the older system
// could not read the database.

import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Output } from '../admin/api/table.ts';
import { fileNames } from '../backup/manifest.ts';
import { EdgeError, messageOf } from '../errors.ts';
import { eraseCopy } from './copies.ts';
import { type DatabaseFacts, databaseFacts, requireSame } from './database-facts.ts';
import { trialUnit } from './trial-unit.ts';

/** Runs a program to its end and gives its output. Throws for an exit code that is not 0. */
export type Run = (program: string, args: readonly string[], timeout: number) => Promise<string>;

export interface TrialParts {
  readonly run: Run;
  /** Asks the management API of the server whose data lies there. */
  readonly status: (
    dataDirectory: string,
  ) => Promise<Pick<Output['status'], 'ready' | 'version' | 'kmip' | 'instances'>>;
  /** The data of the server. */
  readonly data: string;
  /** Where the copies go: on the same disk. */
  readonly directory: string;
  /** Where systemd reads units that last until the next start. */
  readonly units: string;
  readonly version: string;
}

const unitName = 'kmip-edge-trial-server.service';
const serverUnit = 'kmip-edge.service';
const databaseName = fileNames.database;
const second = 1000;
/** A large database may take long to copy and to migrate. */
const patience = 600 * second;
/** What lies in the data directory and is no part of it. */
const leftOut: ReadonlySet<string> = new Set(['update', 'admin.sock']);

/** Throws what speaks against this system; when it resolves, the real server may be started. */
export const tryOut = async (parts: TrialParts): Promise<void> => {
  const copy = join(parts.directory, 'trial');
  const database = join(copy, databaseName);
  try {
    await copyData(parts, copy);
    const before = existsSync(database) ? databaseFacts(database) : undefined;
    await startOn(parts, copy);
    await askAround(parts, copy, before);
    await parts.run('systemctl', ['stop', unitName], patience);
    const after = databaseFacts(database);
    if (before) requireSame(before, after);
    if (before && after.schema > before.schema) await keepBefore(parts);
  } finally {
    await parts.run('systemctl', ['stop', unitName], patience).catch(() => undefined);
    await rm(join(parts.units, unitName), { force: true });
    eraseCopy(copy);
  }
};

/** Bytes that a trial needs beside what is there: each file of the data once, or twice where it is migrated. */
export const roomNeeded = async (data: string, run: Run): Promise<number> =>
  2 * Number.parseInt(await run('du', ['--bytes', '--summarize', '--exclude=update', data], patience), 10);

/** Throws `storage-full` where the copies, and so many bytes `beside` them, have no room. */
export const requireRoom = async (
  { data, directory, run }: Pick<TrialParts, 'data' | 'directory' | 'run'>,
  beside = 0,
): Promise<void> => {
  const needed = (await roomNeeded(data, run)) + beside;
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize > needed) return;
  throw new EdgeError('storage-full', `the data disk has ${bavail * bsize} bytes free, an update needs ${needed}`, {
    hint: 'make the data disk larger and restart, or remove old backups from it',
  });
};

const copyData = async (parts: TrialParts, copy: string): Promise<void> => {
  const { data, run } = parts;
  eraseCopy(copy);
  await requireRoom(parts);
  await mkdir(copy, { mode: 0o700 });
  const names = (await readdir(data)).filter((name) => !leftOut.has(name));
  if (names.length > 0) await run('cp', ['-a', '--', ...names.map((name) => join(data, name)), copy], patience);
  await run('chown', [`--reference=${data}`, copy], patience);
};

const startOn = async ({ run, units }: TrialParts, copy: string): Promise<void> => {
  const text = await run('systemctl', ['cat', '--no-pager', serverUnit], patience);
  await writeFile(join(units, unitName), trialUnit(text, copy));
  await run('systemctl', ['daemon-reload'], patience);
  await run('systemctl', ['start', unitName], patience).catch(async () => {
    throw new EdgeError('not-ready', `its server does not start: ${await lastWords(run)}`);
  });
};

const mostWords = 300;

/** What the server itself wrote at last: the line with its error, if there is one. */
const lastWords = async (run: Run): Promise<string> => {
  const args = ['--boot', `_SYSTEMD_UNIT=${unitName}`, '--output=cat', '--lines=40', '--no-pager', '--quiet'];
  const lines = (await run('journalctl', args, patience).catch(messageOf))
    .split('\n')
    .filter((line) => line.trim() !== '');
  const line = lines.findLast((text) => /error|kmip-edge:/i.test(text)) ?? lines.at(-1) ?? 'it says nothing';
  return line.trim().slice(0, mostWords);
};

/** As vCenter and an administrator would, though nobody else can. */
const askAround = async (parts: TrialParts, copy: string, before: DatabaseFacts | undefined): Promise<void> => {
  const { status, run, version } = parts;
  const found = await status(copy);
  const instances = before?.rows['service_instance'] ?? 0;
  if (!found.ready) throw new EdgeError('not-ready', 'its server says that it is not ready');
  if (found.version !== version) throw new EdgeError('not-ready', `its server is kmip-edge ${found.version}`);
  if (found.instances.length < instances) {
    throw new EdgeError('not-ready', `it has ${found.instances.length} service instances instead of ${instances}`);
  }
  const process = (await run('systemctl', ['show', '--property=MainPID', '--value', unitName], patience)).trim();
  const handshake = ['s_client', '-connect', `127.0.0.1:${found.kmip.port}`];
  const inside = [`--net=/proc/${process}/ns/net`, 'timeout', '30', 'openssl', ...handshake];
  if ((await run('nsenter', inside, 40 * second).catch(outputOf)).includes('BEGIN CERTIFICATE')) return;
  throw new EdgeError('not-ready', 'its server answers no TLS handshake on the KMIP port');
};

/** The server sends away whoever shows no certificate, and OpenSSL may take that for a failure: what it printed counts. */
const outputOf = (error: unknown): string => {
  const { stdout } = (error ?? {}) as { readonly stdout?: unknown };
  return typeof stdout === 'string' ? stdout : '';
};

/**
 * The database as it is before the new system changes it, for a repair by hand should the change break off; each step of it
 * is a transaction. It is removed as soon as the new server is ready, because a key that is destroyed from then on must be
 * gone from everywhere.
 */
const keepBefore = async ({ run, data, directory }: TrialParts): Promise<void> => {
  const kept = join(directory, 'before');
  eraseCopy(kept);
  await mkdir(kept, { mode: 0o700 });
  const names = (await readdir(data)).filter((name) => name === databaseName || name === `${databaseName}-wal`);
  await run('cp', ['-a', '--', ...names.map((name) => join(data, name)), kept], patience);
  await run('sync', ['-f', kept], patience);
};
