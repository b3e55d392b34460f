// The settings of the machine as they count now, and how some of them are changed: checked together, kept on the data disk
// in the same file that the deployment filled, and applied at each start from there.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EdgeError } from '../errors.ts';
import { writeWhole } from '../whole-file.ts';
import { type Machine, placeOf, places } from './machine.ts';
import { checkProperties, type Properties, type PropertyRow } from './properties.ts';
import { SettingsFile } from './settings-file.ts';

/** New values by key; undefined takes one out. */
export type Changes = Readonly<Record<string, string | undefined>>;

const table = new URL('../../ova.json', import.meta.url);

/** The rows of ova.json. */
export const propertyRows = (): readonly PropertyRow[] =>
  (JSON.parse(readFileSync(table, 'utf8')) as { readonly properties: readonly PropertyRow[] }).properties;

/** Whether a property is used once, by the first set-up. */
export const isOfSetUp = ({ category, secret }: PropertyRow): boolean => category === 'First set-up' || secret === true;

const appliedName = 'settings.json';

/** Remembers, until the power goes, what was applied at the start: a deployment with a mistake is not on the disk. */
export const rememberApplied = (machine: Pick<Machine, 'root'>, values: Properties): void =>
  writeWhole(join(placeOf(machine, places.run), appliedName), JSON.stringify(values), 0o600);

const applied = (machine: Pick<Machine, 'root'>): Properties => {
  try {
    return JSON.parse(readFileSync(join(placeOf(machine, places.run), appliedName), 'utf8')) as Properties;
  } catch {
    return {};
  }
};

const settingsFile = (machine: Pick<Machine, 'root'>): SettingsFile =>
  new SettingsFile(placeOf(machine, places.settings));

/** What counts. Throws `data-damaged`. */
export const currentSettings = (machine: Pick<Machine, 'root'>): Properties =>
  settingsFile(machine).load()?.settings ?? applied(machine);

/** The settings with `changes` in them. Throws `invalid-field` with everything that is wrong. */
export const changedSettings = (machine: Pick<Machine, 'root'>, changes: Changes): Properties => {
  const merged: Record<string, string> = { ...currentSettings(machine) };
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined || value.trim() === '') delete merged[key];
    else merged[key] = value;
  }
  // What the first set-up used is kept as it is: its secrets, which belong to it, are gone.
  const [ofSetUp, rows] = [propertyRows().filter(isOfSetUp), propertyRows().filter((row) => !isOfSetUp(row))];
  const { values, problems } = checkProperties(rows, new Map(Object.entries(merged)));
  if (problems.length > 0) throw new EdgeError('invalid-field', problems.join('; '));
  const kept = Object.entries(merged).filter(([name]) => ofSetUp.some(({ key }) => key === name));
  return { ...values, ...Object.fromEntries(kept) };
};

/** Makes them durable. What of the first set-up still waits keeps waiting. */
export const keepSettings = (machine: Pick<Machine, 'root'>, settings: Properties): void => {
  settingsFile(machine).save({ settings, secrets: {}, isNew: false });
  rememberApplied(machine, settings);
};
