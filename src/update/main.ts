// The part of an update that needs root, called by systemd: `run` does what was asked for, `trial` finds out whether a new
// system is well before its server is let near the data, `settle` writes down at the next start how it ended, `forget` erases the
// database from before once the new server is ready. Root may ask itself, where the server does not run: `apply FILE`, `apply-from DEVICE NAME` for what `find` has found on a disc or a disk,
// `fetch ADDRESS`, and `return`. `look` is what a timer starts where the settings name an address for updates, `looked` what
// follows it however it ended.

import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { call } from '../admin/api/client.ts';
import { largestBundle } from '../admin/api/updates.ts';
import { EdgeError, messageOf } from '../errors.ts';
import { spareRoom } from '../spare-room.ts';
import { schemaVersion } from '../store/sqlite/migrations.ts';
import { version } from '../version.ts';
import { openBundle, readUpdateKeys } from './bundle.ts';
import { eraseCopy } from './copies.ts';
import { type FetchOptions, fetchBundle } from './fetch.ts';
import { openPlainFile } from './files.ts';
import { type InstallParts, install, returnToOther } from './install.ts';
import { openSystemDisk } from './linux-disk.ts';
import { lookForUpdate } from './look.ts';
import { findBundles, withBundle } from './media.ts';
import { places } from './places.ts';
import { failed, idle, isBusy, progressWriter, readProgress, type UpdateProgress } from './progress.ts';
import { bundleName, leaveRequest, takeRequest, type UpdateRequest } from './request.ts';
import { runProgram as run } from './run-program.ts';
import { conclude, verdictOf } from './settle.ts';
import { settleOn } from './slots.ts';
import { UpdateState } from './state.ts';
import { requireRoom, tryOut } from './trial.ts';
import { dataDirectory } from './trial-unit.ts';
import { readFetchWay } from './unattended.ts';

const write = progressWriter(places.progress, () => performance.now());
const state = new UpdateState(places.state);
const lookFile = join(places.state, 'looked.update');
const restart = (): Promise<string> => run('systemctl', ['--no-block', 'reboot'], 60_000);

/** The note of root counts before that of the server. */
const nextRequest = (): UpdateRequest | undefined =>
  takeRequest(places.fromRoot, true) ?? takeRequest(places.fromServer, false);

const runRequest = async (): Promise<void> => {
  let wanted: string | undefined;
  const show = (stage: UpdateProgress['stage'], done = 0, total = 0): void =>
    write({ stage, done, total, version: wanted });
  show('checking');
  const request = nextRequest();
  if (!request) return show('idle');
  try {
    const disk = await openSystemDisk(run, places.scratch);
    const parts: InstallParts = { disk, state, running: { version, schema: schemaVersion }, report: show };
    await requireRoom({ data: dataDirectory, directory: places.state, run });
    if (request.action === 'return') await returnToOther(parts);
    else {
      const bytes = createReadStream('', { fd: openPlainFile(request.file), highWaterMark: 256 * 1024 });
      const bundle = await openBundle(
        bytes as AsyncIterable<Buffer>,
        readUpdateKeys(readFileSync(places.keys, 'utf8')),
      );
      wanted = bundle.manifest.version;
      await install(bundle, parts);
    }
    await restart();
  } catch (error) {
    write(failed(error, wanted));
    console.error(messageOf(error));
    process.exitCode = 1;
  } finally {
    rmSync(join(places.fromServer, bundleName), { force: true });
  }
};

const trial = async (): Promise<void> => {
  const disk = await openSystemDisk(run, places.scratch);
  const pending = state.pending();
  if (verdictOf(disk, pending) !== 'check' || !pending)
    throw new Error('this system is on trial, and nobody asked for it');
  write({ stage: 'trying', done: 0, total: 0, version });
  try {
    const status = (directory: string) => call(directory, 'status', {});
    await tryOut({ run, status, data: dataDirectory, directory: places.state, units: places.units, version });
    await settleOn(disk);
  } catch (error) {
    state.setPending({ ...pending, problem: messageOf(error) });
    throw error;
  }
  conclude(state, pending, 'confirmed', Date.now());
  writeFileSync(join(places.scratch, 'trial-confirmed'), '');
  write(idle);
};

/** After `run`, however it ended: what was broken off must not look as if it still went on. */
const ended = async (): Promise<void> => {
  const progress = readProgress(places.progress);
  if (!progress || !isBusy(progress) || progress.stage === 'restarting') return;
  write(failed(new EdgeError('internal', `the update was broken off while ${progress.stage}`), progress.version));
};

const settle = async (): Promise<void> => {
  const disk = await openSystemDisk(run, places.scratch);
  const pending = state.pending();
  const verdict = verdictOf(disk, pending);
  eraseCopy(join(places.state, 'trial'));
  if (!pending || (verdict !== 'confirmed' && verdict !== 'returned')) return;
  await settleOn(disk);
  conclude(state, pending, verdict, Date.now());
};

const roomFor = (directory: string): number => {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize - spareRoom;
};

/** Asks, and waits until it is done or refused. */
const ask = async (request: UpdateRequest): Promise<void> => {
  leaveRequest(places.fromRoot, request);
  await run('systemctl', ['start', 'kmip-edge-update.service'], 3_600_000).catch(() => undefined);
  // One that was at work already has not seen the note.
  if (takeRequest(places.fromRoot, true)) throw new EdgeError('wrong-state', 'another update was at work');
  const { stage, problem } = readProgress(places.progress) ?? idle;
  if (stage !== 'failed') return console.log('the new system is in place; the appliance restarts into it now');
  throw new EdgeError(problem?.kind ?? 'internal', problem?.message ?? 'it failed', { hint: problem?.hint ?? '' });
};

const fetchOptions = (): FetchOptions => ({
  largest: largestBundle,
  room: roomFor(places.state),
  report: (done, total) => write({ stage: 'fetching', done, total }),
  proxy: readFetchWay(places.fetch).proxy,
});

/** Nothing where the settings name no address. */
const look = async (): Promise<void> => {
  const { address } = readFetchWay(places.fetch);
  if (address === undefined) return;
  const disk = await openSystemDisk(run, places.scratch);
  try {
    await lookForUpdate({
      address,
      fetch: fetchOptions(),
      keys: readUpdateKeys(readFileSync(places.keys, 'utf8')),
      version,
      disk,
      state,
      directory: places.state,
      file: lookFile,
      progress: () => readProgress(places.progress),
      requireServing: async () => {
        const { ready } = await call(dataDirectory, 'status', {});
        if (!ready) throw new EdgeError('not-ready', 'the server says that it is not ready');
      },
      requireRoom: (bytes) => requireRoom({ data: dataDirectory, directory: places.state, run }, bytes),
      apply: (file) => ask({ action: 'apply', file }),
      now: Date.now,
    });
  } finally {
    tidyLook();
  }
};

/** What was broken off must not look as if it still went on, nor take room. */
const tidyLook = (): void => {
  rmSync(lookFile, { force: true });
  if (readProgress(places.progress)?.stage === 'fetching') write(idle);
};

const commands: Readonly<Record<string, (...args: readonly (string | undefined)[]) => Promise<void>>> = {
  run: runRequest,
  trial,
  settle,
  ended,
  forget: async () => eraseCopy(join(places.state, 'before')),
  apply: async (file) => {
    if (file === undefined || !existsSync(file)) throw new EdgeError('invalid-field', `there is no file ${file ?? ''}`);
    await ask({ action: 'apply', file: resolve(file) });
  },
  'apply-from': (device = '', name = '') =>
    withBundle(run, places.scratch, { device, name }, (file) => ask({ action: 'apply', file })),
  find: async () => console.log(JSON.stringify(await findBundles(run, places.scratch))),
  look,
  looked: async () => tidyLook(),
  fetch: async (address = '') => {
    const file = join(places.state, 'fetched.update');
    mkdirSync(places.state, { recursive: true, mode: 0o755 });
    try {
      await fetchBundle(address, file, fetchOptions());
      await ask({ action: 'apply', file });
    } catch (error) {
      write(failed(error, undefined));
      throw error;
    } finally {
      rmSync(file, { force: true });
    }
  },
  return: () => ask({ action: 'return' }),
};

/** Runs what `name` names; a failure is said, and is the exit code. */
export const runUpdate = async (name = '', ...args: readonly string[]): Promise<void> => {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    console.error('usage: kmip-edge-update find | apply FILE | apply-from DEVICE NAME | fetch ADDRESS | return');
    process.exitCode = 2;
    return;
  }
  try {
    await command(...args);
  } catch (error) {
    console.error(messageOf(error));
    if (error instanceof EdgeError && error.hint) console.error(`hint: ${error.hint}`);
    process.exitCode = 1;
  }
};
