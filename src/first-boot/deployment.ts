// The settings that count at a start: those of the data disk, else those of the deployment, which are kept on the disk then.
// VMware writes the environment anew each time it powers the machine on, secrets included, so they are taken out of it at
// each start from which on nobody needs them there.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Checked, checkProperties } from '../system/properties.ts';
import { setUpDone } from '../system/reset.ts';
import { isOfSetUp, propertyRows } from '../system/settings.ts';
import { SettingsFile } from '../system/settings-file.ts';
import { readOvfEnvironment } from './ovf-environment.ts';
import { setUpKeys } from './set-up.ts';
import { forgetSecrets, type Source } from './source.ts';

/**
 * The settings, without secrets, and what is wrong with those of the deployment. `directory` is where they are kept. Throws
 * `data-damaged` and `invalid-field` for what cannot be read.
 */
export const deployedSettings = (directory: string, source: Source): Checked => {
  const file = new SettingsFile(directory);
  const all = propertyRows();
  const secretKeys = all.flatMap(({ key, secret }) => (secret ? [key] : []));
  const remembered = file.load();
  if (remembered) {
    forgetSecrets(source, secretKeys);
    return { values: remembered.settings, problems: [] };
  }
  const xml = source.find();
  const given = xml === undefined ? new Map<string, string>() : readOvfEnvironment(xml);
  // After a reset that kept the keys there is nothing to set up.
  const isSetUp = existsSync(join(directory, setUpDone));
  const rows = all.filter((row) => !(isSetUp && isOfSetUp(row)));
  const { values, problems } = checkProperties(rows, given);
  const isSecret = ([key]: readonly [string, string]): boolean => secretKeys.includes(key);
  const entries = Object.entries(values);
  const settings = Object.fromEntries(entries.filter((entry) => !isSecret(entry)));
  // A deployment with a mistake is read again at the next start, when it may have been mended.
  if (problems.length === 0) {
    const isNew = setUpKeys.some((key) => values[key] !== undefined);
    file.save({ settings, secrets: Object.fromEntries(entries.filter(isSecret)), isNew });
    forgetSecrets(source, secretKeys);
  }
  return { values: settings, problems };
};
