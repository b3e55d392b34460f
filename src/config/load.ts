// Reads the configuration: defaults, then the config file, then overrides from the command line. Everything that is wrong
// is told at once, so that a file is corrected in one go.

import { EdgeError } from '../errors.ts';
import {
  type Config,
  findConflicts,
  isSettingName,
  rowOf,
  type SettingName,
  type SettingRow,
  settingNames,
} from './settings.ts';
import { findProblems, type RawSettings, readValue } from './validate.ts';
import { readYamlFile } from './yaml-file.ts';

/**
 * The configuration from the YAML file at `path`, if any, and `overrides`: values by dotted name, as text from a command
 * line or as the file would hold them. An override that is undefined is not there.
 * @throws EdgeError `invalid-field` that lists every problem, one a line; `missing-data` when the file cannot be read
 */
export const loadConfig = async (path: string | undefined, overrides: RawSettings = {}): Promise<Config> =>
  configOf(path, path === undefined ? {} : await readYamlFile(path), overrides);

/** The same for settings that were read from the file at `path` already. */
export const configOf = (path: string | undefined, inFile: RawSettings, overrides: RawSettings = {}): Config => {
  const fromFile = withoutEmptyGroups(inFile);
  const fromCaller = readOverrides(overrides);
  const problems = [
    ...findProblems(fromFile).map(({ name, text }) => `${path}: ${name} ${text}`),
    ...findProblems(fromCaller).map(({ name, text }) => `override: ${name} ${text}`),
  ];
  if (problems.length > 0) throw notAllowed(problems);
  const raw = { ...fromFile, ...fromCaller };
  const conflicts = findConflicts((name) => valueIn(raw, name));
  if (conflicts.length > 0) throw notAllowed(conflicts);
  return build(raw);
};

/** The value of a setting in what has no problems. */
const valueIn = (raw: RawSettings, name: SettingName): unknown => {
  const row = rowOf(name);
  return readValue(row, Object.hasOwn(raw, name) ? raw[name] : row.default);
};

const notAllowed = (problems: readonly string[]): EdgeError =>
  new EdgeError('invalid-field', problems.join('\n'), {
    hint: 'correct what is listed; the config template shows every setting and what it may be',
  });

/** Groups and values of the whole table, frozen: the compiler holds `Config` against the table, not this loop. */
const build = (raw: RawSettings): Config => {
  const groups: Record<string, Record<string, unknown>> = {};
  for (const name of settingNames) {
    const [group = '', setting = ''] = name.split('.');
    groups[group] ??= {};
    groups[group][setting] = valueIn(raw, name);
  }
  for (const group of Object.values(groups)) Object.freeze(group);
  return Object.freeze(groups) as Config;
};

const readOverrides = (overrides: RawSettings): RawSettings =>
  Object.fromEntries(
    Object.entries(overrides)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, isSettingName(name) ? fromText(rowOf(name), value) : value]),
  );

/** In the template every setting is commented out, which leaves groups with nothing in them. */
const withoutEmptyGroups = (raw: RawSettings): RawSettings =>
  Object.fromEntries(
    Object.entries(raw).filter(
      ([name, value]) => value !== null || !settingNames.some((setting) => setting.startsWith(`${name}.`)),
    ),
  );

/** The raw value that a text stands for, as the file would hold it. What does not fit is left as it is, and refused with its own words later. */
export const fromText = (row: SettingRow, value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  if (row.type === 'integer') return /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (row.type === 'boolean') return value === 'true' || (value === 'false' ? false : value);
  if (row.type === 'names' || row.type === 'networks')
    return value === '' ? [] : value.split(',').map((name) => name.trim());
  return value;
};
