// The look for an update that nobody asked for. What a bundle says of itself stands signed at its head, so that on most days
// no more than that is fetched. A newer system is fetched whole and then goes the way of every update: checked, written beside
// the one that runs, and tried. One that was tried and did not stay is left alone until another lies there.

import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { EdgeError, messageOf } from '../errors.ts';
import { openBundle, type readUpdateKeys } from './bundle.ts';
import { type FetchOptions, fetchBundle, fromAddress } from './fetch.ts';
import { type LookEnd, writeLook } from './look-record.ts';
import { checkFits, type Manifest } from './manifest.ts';
import { isBusy, type UpdateProgress } from './progress.ts';
import { otherSlot, type SystemDisk } from './slots.ts';
import type { UpdateState } from './state.ts';
import { compareVersions } from './versions.ts';

export interface LookParts {
  readonly address: string;
  readonly fetch: FetchOptions;
  readonly keys: ReturnType<typeof readUpdateKeys>;
  /** The version that runs. */
  readonly version: string;
  readonly disk: Pick<SystemDisk, 'running' | 'capacity'>;
  readonly state: Pick<UpdateState, 'pending' | 'record'>;
  /** Where the state and the outcome of this look lie. */
  readonly directory: string;
  /** Where the bundle goes until it is installed. */
  readonly file: string;
  readonly progress: () => UpdateProgress | undefined;
  /** Throws what keeps the server from serving keys: a trial would find the same, and give a good system up. */
  readonly requireServing: () => Promise<void>;
  /** Throws where the data disk has no room for an update and so many bytes. */
  readonly requireRoom: (bytes: number) => Promise<void>;
  /** Has the bundle installed. Throws what it was refused for. */
  readonly apply: (file: string) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Looks once, and writes down what came of it. Throws what failed; that the appliance is in no state for it is no failure. */
export const lookForUpdate = async (parts: LookParts): Promise<void> => {
  const remember = (end: LookEnd): void => writeLook(parts.directory, end, parts.now());
  const hindrance = await hindranceOf(parts);
  if (hindrance !== undefined) return remember({ found: 'not-now', problem: hindrance });
  let version: string | undefined;
  try {
    const manifest = await headOf(parts);
    version = manifest.version;
    const unwanted = whyUnwanted(version, parts);
    if (unwanted) return remember({ found: unwanted, version });
    await take(parts, manifest);
    // Before it is installed: that ends with a restart.
    remember({ found: 'taken', version });
    await parts.apply(parts.file);
  } catch (error) {
    remember({ found: 'failed', version, problem: messageOf(error) });
    throw error;
  } finally {
    await rm(parts.file, { force: true });
  }
};

const hindranceOf = async ({ progress, state, requireServing }: LookParts): Promise<string | undefined> => {
  const now = progress();
  if (now && isBusy(now)) return `another update is at work: ${now.stage}`;
  if (state.pending()) return 'a system is on trial';
  try {
    await requireServing();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
};

/** The connection ends with the head. */
const headOf = ({ address, fetch, keys }: LookParts): Promise<Manifest> =>
  fromAddress(address, fetch, async (response) => (await openBundle(response, keys)).manifest);

const whyUnwanted = (version: string, parts: LookParts): 'nothing' | 'given-up' | undefined => {
  if (compareVersions(version, parts.version) <= 0) return 'nothing';
  return wasGivenUp(version, parts.state) ? 'given-up' : undefined;
};

/** It gave way when it was tried, or an administrator went back from it. */
const wasGivenUp = (version: string, state: LookParts['state']): boolean => {
  const { last } = state.record();
  if (last?.kind === 'update') return last.outcome === 'returned' && last.version === version;
  return last?.outcome === 'confirmed' && last.from === version;
};

const take = async ({ address, fetch, keys, version, disk, file, requireRoom }: LookParts, manifest: Manifest) => {
  checkFits(manifest, version, await disk.capacity(otherSlot(disk.running)));
  await requireRoom(manifest.image.compressed.size);
  await fetchBundle(address, file, fetch);
  const bytes = createReadStream(file);
  try {
    // Another answer could be a system that was not wanted, night after night.
    const { manifest: fetched } = await openBundle(bytes as AsyncIterable<Buffer>, keys);
    if (isDeepStrictEqual(fetched, manifest)) return;
    throw new EdgeError('data-damaged', `the address gives kmip-edge ${fetched.version} other than it said before`);
  } finally {
    bytes.destroy();
  }
};
