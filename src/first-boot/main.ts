// Run by the system as root: `reset` before anything uses the data disk, `apply` early at each start, before the network;
// `set-up` once the server runs; `return` when nobody has said in time that another network may stay.

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '../admin/api/client.ts';
import { messageOf } from '../errors.ts';
import { type Machine, places, thisMachine } from '../system/machine.ts';
import { ensureHostKey } from '../system/machine-changes.ts';
import { takeBack } from '../system/network-trial.ts';
import { checkProperties, type Properties } from '../system/properties.ts';
import { carryOutReset, setUpDone } from '../system/reset.ts';
import { isOfSetUp, propertyRows, rememberApplied } from '../system/settings.ts';
import { SettingsFile } from '../system/settings-file.ts';
import { writeSystemFiles } from '../system/system-files.ts';
import { writeWhole } from '../whole-file.ts';
import { readOvfEnvironment } from './ovf-environment.ts';
import { writeServerSettings } from './server-settings.ts';
import { setUp, setUpKeys } from './set-up.ts';
import { findOvfEnvironment, forgetSecrets } from './source.ts';

/** What the console shows of it. */
const problemsFile = join(places.run, 'problems');

const say = (problems: readonly string[]): void => {
  for (const problem of problems) console.error(problem);
  writeWhole(problemsFile, problems.map((problem) => `${problem}\n`).join(''), 0o644);
};

/** The settings that count: those of the disk, else those of the deployment. */
const settingsOf = (file: SettingsFile): { readonly values: Properties; readonly problems: readonly string[] } => {
  const remembered = file.load();
  if (remembered) return { values: remembered.settings, problems: [] };
  const xml = findOvfEnvironment(places.run);
  const given = xml === undefined ? new Map<string, string>() : readOvfEnvironment(xml);
  // After a reset that kept the keys there is nothing to set up.
  const isSetUp = existsSync(join(places.settings, setUpDone));
  const rows = propertyRows().filter((row) => !(isSetUp && isOfSetUp(row)));
  const { values, problems } = checkProperties(rows, given);
  const secretKeys = rows.flatMap(({ key, secret }) => (secret ? [key] : []));
  const isSecret = ([key]: readonly [string, string]): boolean => secretKeys.includes(key);
  const entries = Object.entries(values);
  const settings = Object.fromEntries(entries.filter((entry) => !isSecret(entry)));
  // A deployment with a mistake is read again at the next start, when it may have been mended.
  if (problems.length === 0) {
    const isNew = setUpKeys.some((key) => values[key] !== undefined);
    file.save({ settings, secrets: Object.fromEntries(entries.filter(isSecret)), isNew });
    if (xml !== undefined) forgetSecrets(xml, secretKeys);
  }
  return { values: settings, problems };
};

const apply = async (machine: Machine): Promise<void> => {
  mkdirSync(places.run, { recursive: true });
  let found: ReturnType<typeof settingsOf>;
  try {
    found = settingsOf(new SettingsFile(places.settings));
  } catch (error) {
    found = { values: {}, problems: [messageOf(error)] };
  }
  const { values, problems } = found;
  rememberApplied(machine, values);
  writeSystemFiles(machine, values);
  writeServerSettings(places.server, values);
  await machine.run('hostname', [values['hostname'] ?? 'kmip-edge']);
  if (values['ssh-key'] !== undefined) await ensureHostKey(machine);
  say(problems);
};

const finish = async (): Promise<void> => {
  const file = new SettingsFile(places.settings);
  const remembered = file.load();
  if (!remembered?.isNew) return;
  const values = { ...remembered.settings, ...remembered.secrets };
  const problems = await setUp((route, input) => call(places.server, route, input), values);
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
