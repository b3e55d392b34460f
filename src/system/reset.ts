// Factory reset. It is asked for by a marker on the data disk, and carried out at the next start before anything else uses
// that disk; the marker goes last. So a power cut at any point leads to the same end: every step may be repeated, and until
// the last one is done the next start begins again.

import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../whole-file.ts';
import { erase, remove } from './erase.ts';
import { type Machine, placeOf, places } from './machine.ts';

/**
 * `keep`: network, time, SSH, passwords, tokens and settings are as after the deployment; keys and what opens them stay.
 * `destroy`: the data disk is as it was before the first start.
 */
export type Keys = 'keep' | 'destroy';

const marker = 'reset.json';
/** Says that the first set-up of the deployment is not to be done again. */
export const setUpDone = 'set-up-done';
/** The server forgets password and tokens when it finds this in its data directory. */
const forgetAccess = 'forget-access';
const serverSettings = 'kmip-edge.yaml';
/** With which systemd seals credentials where there is no TPM. */
const hostKey = '/data/system/var/lib/systemd/credential.secret';

type Root = Pick<Machine, 'root'>;

const markerOf = (machine: Root): string => join(placeOf(machine, places.settings), marker);

/** Asks for it; durable when this returns. */
export const askForReset = (machine: Root, keys: Keys): void => {
  writeWhole(markerOf(machine), JSON.stringify({ keys }), 0o600);
};

/** What was asked for. A marker that cannot be read never destroys anything. */
export const askedReset = (machine: Root): Keys | undefined => {
  const path = markerOf(machine);
  if (!existsSync(path)) return undefined;
  try {
    const { keys } = JSON.parse(readFileSync(path, 'utf8')) as { readonly keys?: unknown };
    return keys === 'destroy' ? 'destroy' : 'keep';
  } catch {
    return 'keep';
  }
};

/** Carries out what was asked for; says what was done. */
export const carryOutReset = (machine: Root): Keys | undefined => {
  const keys = askedReset(machine);
  if (keys !== undefined) for (const step of resetSteps(machine, keys)) step();
  return keys;
};

/** All that is done, in order. Whoever is interrupted begins again with the first. */
export const resetSteps = (machine: Root, keys: Keys): readonly (() => void)[] => [
  ...(keys === 'destroy' ? destroyAll(machine) : keepKeys(machine)),
  () => remove(markerOf(machine)),
];

const keepKeys = (machine: Root): readonly (() => void)[] => {
  const server = placeOf(machine, places.server);
  const done = join(placeOf(machine, places.settings), setUpDone);
  return [
    () => existsSync(server) && noteToForget(join(server, forgetAccess)),
    () => remove(join(server, serverSettings)),
    () => existsSync(done) || writeWhole(done, '', 0o644),
    () => emptied(placeOf(machine, places.settings), [marker, setUpDone]),
    () => emptied(placeOf(machine, places.ssh)),
  ];
};

/** In the server's own folder, where something else may be in the way. */
const noteToForget = (path: string): void => {
  remove(path);
  writeWhole(path, '', 0o644);
};

/** What opens the keys comes first: from then on they are lost, whatever happens to the rest. */
const destroyAll = (machine: Root): readonly (() => void)[] => [
  () => emptied(placeOf(machine, places.seal)),
  () => erase(placeOf(machine, hostKey)),
  () => erase(placeOf(machine, places.server)),
  () => emptied(placeOf(machine, places.ssh)),
  () => erase(placeOf(machine, places.update)),
  () => remove(placeOf(machine, places.system)),
  () => emptied(placeOf(machine, places.settings), [marker]),
];

const emptied = (directory: string, but: readonly string[] = []): void => {
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) if (!but.includes(name)) erase(join(directory, name));
};
