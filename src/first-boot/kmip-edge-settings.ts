#!/usr/bin/env -S node --max-semi-space-size=1 --disable-sigusr1
// Run by the system as root: `apply` early at each start, before the network; `set-up` once the server runs.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '../admin/api/client.ts';
import { messageOf } from '../errors.ts';
import { readOvfEnvironment } from './ovf-environment.ts';
import { checkProperties, type Properties, type PropertyRow } from './properties.ts';
import { writeServerSettings } from './server-settings.ts';
import { setUp, setUpKeys } from './set-up.ts';
import { SettingsFile, writeWhole } from './settings-file.ts';
import { findOvfEnvironment, forgetSecrets } from './source.ts';
import { systemFiles } from './system-files.ts';

const data = '/data';
const run = '/run/kmip-edge';
/** What the console shows of it. */
const problemsFile = join(run, 'problems');
const table = new URL('../../ova.json', import.meta.url);

const rows = (): readonly PropertyRow[] =>
  (JSON.parse(readFileSync(table, 'utf8')) as { readonly properties: readonly PropertyRow[] }).properties;

const say = (problems: readonly string[]): void => {
  for (const problem of problems) console.error(problem);
  writeWhole(problemsFile, problems.map((problem) => `${problem}\n`).join(''), 0o644);
};

/** The settings that count: those of the disk, else those of the deployment. */
const settingsOf = (file: SettingsFile): { readonly values: Properties; readonly problems: readonly string[] } => {
  const remembered = file.load();
  if (remembered) return { values: remembered.settings, problems: [] };
  const xml = findOvfEnvironment(run);
  const given = xml === undefined ? new Map<string, string>() : readOvfEnvironment(xml);
  const { values, problems } = checkProperties(rows(), given);
  const secretKeys = rows().flatMap(({ key, secret }) => (secret ? [key] : []));
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

const apply = (): void => {
  mkdirSync(run, { recursive: true });
  let found: ReturnType<typeof settingsOf>;
  try {
    found = settingsOf(new SettingsFile(join(data, 'settings')));
  } catch (error) {
    found = { values: {}, problems: [messageOf(error)] };
  }
  const { values, problems } = found;
  for (const { path, content, mode } of systemFiles(values)) writeWhole(path, content, mode);
  linkTimeZone(values['time-zone'] ?? 'UTC');
  writeServerSettings(join(data, 'kmip-edge'), values);
  execFileSync('hostname', [values['hostname'] ?? 'kmip-edge']);
  const hostKey = join(data, 'ssh/ssh_host_ed25519_key');
  if (values['ssh-key'] !== undefined && !existsSync(hostKey)) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
  }
  say(problems);
};

/** /etc/localtime leads here. */
const linkTimeZone = (zone: string): void => {
  const link = join(run, 'localtime');
  rmSync(link, { force: true });
  symlinkSync(join('/usr/share/zoneinfo', zone), link);
};

const finish = async (): Promise<void> => {
  const file = new SettingsFile(join(data, 'settings'));
  const remembered = file.load();
  if (!remembered?.isNew) return;
  const values = { ...remembered.settings, ...remembered.secrets };
  const problems = await setUp((route, input) => call(join(data, 'kmip-edge'), route, input), values);
  say(problems);
  if (problems.length > 0) process.exitCode = 1;
  else file.forgetSecrets();
};

switch (process.argv[2]) {
  case 'apply':
    apply();
    break;
  case 'set-up':
    await finish();
    break;
  default:
    console.error('usage: kmip-edge-settings apply | set-up');
    process.exitCode = 2;
}
