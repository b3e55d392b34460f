// Another network on trial: it is applied, and taken back after a minute unless somebody who still reaches the machine says
// that it may stay. What is on trial lies in memory alone, so that a machine that loses its power comes up with the old one;
// a timer of systemd takes it back, so that it happens whatever becomes of whoever asked. Only renaming the file of the
// trial decides between keeping and taking back: whichever comes second finds none.

import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EdgeError } from '../errors.ts';
import { writeWhole } from '../whole-file.ts';
import { type Machine, placeOf, places } from './machine.ts';
import type { Properties } from './properties.ts';
import { type Changes, changedSettings, currentSettings, keepSettings } from './settings.ts';
import { writeSystemFiles } from './system-files.ts';

/** Seconds; the timer has the same. */
export const trialTime = 60;
const timer = 'kmip-edge-network-return.timer';

const names = { trial: 'network-trial.json', kept: 'network-kept.json', returned: 'network-returned.json' } as const;
const pathOf = (machine: Machine, name: keyof typeof names): string => join(placeOf(machine, places.run), names[name]);

/** Applies `changes` on trial. Throws `invalid-field`, or `wrong-state` while another one is on trial. */
export const beginTrial = async (machine: Machine, changes: Changes): Promise<void> => {
  if (existsSync(pathOf(machine, 'trial'))) throw new EdgeError('wrong-state', 'another network is on trial already');
  const settings = changedSettings(machine, changes);
  rmSync(pathOf(machine, 'kept'), { force: true });
  rmSync(pathOf(machine, 'returned'), { force: true });
  writeWhole(pathOf(machine, 'trial'), JSON.stringify(settings), 0o600);
  try {
    // The way back comes first.
    await machine.run('systemctl', ['restart', timer]);
    await applyNetwork(machine, settings);
  } catch (error) {
    await endTrial(machine);
    throw error;
  }
};

/** Lets it stay, for good. Throws `wrong-state` where it has been taken back, or nothing is on trial. */
export const keepTrial = async (machine: Machine): Promise<Properties> => {
  if (!claim(machine, 'kept')) {
    throw new EdgeError('wrong-state', 'the time is over: the old network is back', { hint: 'change it once more' });
  }
  const settings = JSON.parse(readFileSync(pathOf(machine, 'kept'), 'utf8')) as Properties;
  try {
    keepSettings(machine, settings);
  } catch (error) {
    // On a disk that takes nothing the old one is what the next start has.
    await applyNetwork(machine, currentSettings(machine));
    throw error;
  } finally {
    rmSync(pathOf(machine, 'kept'), { force: true });
  }
  await machine.run('systemctl', ['stop', timer]);
  return settings;
};

/** Takes it back; false where there is nothing to take back. What a power cut or a crash left half done is done again. */
export const takeBack = async (machine: Machine): Promise<boolean> => {
  if (!claim(machine, 'returned') && !existsSync(pathOf(machine, 'returned'))) return false;
  await applyNetwork(machine, currentSettings(machine));
  rmSync(pathOf(machine, 'returned'), { force: true });
  return true;
};

/** The same for whoever sits there and has changed their mind. */
export const endTrial = async (machine: Machine): Promise<void> => {
  await takeBack(machine);
  await machine.run('systemctl', ['stop', timer]).catch(() => '');
};

const claim = (machine: Machine, as: 'kept' | 'returned'): boolean => {
  try {
    renameSync(pathOf(machine, 'trial'), pathOf(machine, as));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
};

const adaptersOf = (machine: Machine): readonly string[] =>
  readdirSync(placeOf(machine, '/sys/class/net')).filter((name) => /^e/.test(name));

const applyNetwork = async (machine: Machine, settings: Properties): Promise<void> => {
  writeSystemFiles(machine, settings);
  await machine.run('hostname', [settings['hostname'] ?? 'kmip-edge']);
  await machine.run('networkctl', ['reload']);
  const adapters = adaptersOf(machine);
  if (adapters.length > 0) await machine.run('networkctl', ['reconfigure', ...adapters]);
};
