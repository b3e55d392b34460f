// The config file as we ship it: every setting with its help, commented out at its default, so that a later default
// still reaches an installation that never changed it.

import { stringify } from 'yaml';
import { describeAllowed, rowOf, type SettingName, settingNames } from './settings.ts';

const head = `# Configuration of kmip-edge. Every setting is shown with its default; take away the '#' to change one.
# Durations are written with a unit: ms, s, min, h or d.
`;

/** A config file that changes nothing and explains every setting. */
export const configTemplate = (): string => {
  const groups = Map.groupBy(settingNames, (name) => name.split('.')[0] ?? '');
  return [head, ...groups.entries().map(([group, names]) => `${group}:\n${names.map(explain).join('\n')}`)].join('\n');
};

const explain = (name: SettingName): string => {
  const row = rowOf(name);
  const line = stringify({ [name.split('.')[1] ?? '']: row.default }).trimEnd();
  return `  # ${row.help}\n  # It is ${describeAllowed(row)}.\n  #${line}\n`;
};
