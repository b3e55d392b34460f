// Run by the system as root: `reset` before anything uses the data disk, `apply` early at each start, before the network;
// `set-up` once the server runs; `return` when nobody has said in time that another network may stay.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '../admin/api/client.ts';
import { messageOf } from '../errors.ts';
import { type Machine, places, thisMachine } from '../system/machine.ts';
import { ensureHostKey, followUpdateTime } from '../system/machine-changes.ts';
import { takeBack } from '../system/network-trial.ts';
import type { Checked, Properties } from '../system/properties.ts';
import { carryOutReset } from '../system/reset.ts';
import { rememberApplied } from '../system/settings.ts';
import { SettingsFile } from '../system/settings-file.ts';
import { writeSystemFiles } from '../system/system-files.ts';
import { writeWhole } from '../whole-file.ts';
import { deployedSettings } from './deployment.ts';
import { writeServerSettings } from './server-settings.ts';
import { setUp } from './set-up.ts';
import { sourceOf } from './source.ts';

/** What the console shows of it. */
const problemsFile = join(places.run, 'problems');

const say = (problems: readonly string[]): void => {
  for (const problem of problems) console.error(problem);
  writeWhole(problemsFile, problems.map((problem) => `${problem}\n`).join(''), 0o644);
};

const apply = async (machine: Machine): Promise<void> => {
  mkdirSync(places.run, { recursive: true });
  let found: Checked;
  try {
    found = deployedSettings(places.settings, sourceOf(places.run));
  } catch (error) {
    found = { values: {}, problems: [messageOf(error)] };
  }
  const { values, problems } = found;
  rememberApplied(machine, values);
  writeSystemFiles(machine, values);
  writeServerSettings(places.server, values);
  await machine.run('hostname', [values['hostname'] ?? 'kmip-edge']);
  if (values['ssh-key'] !== undefined) await ensureHostKey(machine);
  say([...problems, ...(await beginToLook(machine, values))]);
};

/** What goes wrong with it does not keep the machine from starting. */
const beginToLook = async (machine: Machine, values: Properties): Promise<readonly string[]> => {
  if (values['update-address'] === undefined) return [];
  try {
    await followUpdateTime(machine, values);
    return [];
  } catch (error) {
    return [`nothing looks for updates: ${messageOf(error)}`];
  }
};

const finish = async (): Promise<void> => {
  const file = new SettingsFile(places.settings);
  const remembered = file.load();
  if (!remembered?.isNew) return;
  const values = { ...remembered.settings, ...remembered.secrets };
  const problems = await setUp(
    (route, input) => call(places.server, route, input),
    values,
    () => file.forgetSecret('password'),
  );
  say(problems);
  if (problems.length > 0) process.exitCode = 1;
  else file.forgetSecrets();
};

const reset = (machine: Machine): void => {
  const keys = carryOutReset(machine);
  if (keys !== undefined) console.error(`kmip-edge: reset, keys are ${keys === 'keep' ? 'kept' : 'destroyed'}`);
};

const giveBack = async (machine: Machine): Promise<void> => {
  if (await takeBack(machine)) console.error('kmip-edge: nobody confirmed the new network: the old one is back');
};

const commands: Readonly<Record<string, (machine: Machine) => unknown>> = {
  apply,
  'set-up': finish,
  return: giveBack,
  reset,
};

/** Runs what `name` names, on the machine that this is. */
export const runSettings = async (name = ''): Promise<void> => {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) await command(thisMachine());
  else {
    console.error('usage: kmip-edge-settings apply | set-up | return | reset');
    process.exitCode = 2;
  }
};
