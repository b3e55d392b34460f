// The settings of a running server and the file in the data directory that holds them: what each is and where it comes
// from, and how it is changed. A change keeps the comments of the file, is checked as a whole before it is written, and is
// there whole or not at all.

import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EdgeError, isKind, messageOf } from '../errors.ts';
import { configOf } from './load.ts';
import {
  type Config,
  describeAllowed,
  isSettingName,
  rowOf,
  type SettingName,
  type SettingRow,
  settingNames,
} from './settings.ts';
import type { RawSettings } from './validate.ts';
import { maximumFileSize, readConfigText, readYamlText } from './yaml-file.ts';

/** The name of the file in the data directory; `serve` reads it where no other one is named. */
export const settingsFileName = 'kmip-edge.yaml';

export interface SettingsFileOptions {
  readonly path: string;
  /** False where the file was named on the command line: then it belongs to whoever wrote it there. */
  readonly ours: boolean;
  /** From the command line; they win over the file. */
  readonly overrides: RawSettings;
  /** Hears of settings that count at once. */
  readonly onChange: (config: Config) => void;
}

export interface Setting {
  readonly name: SettingName;
  /** As a person would write it in the file. */
  readonly value: string;
  readonly default: string;
  readonly help: string;
  /** What it may be; reads on after "must be". */
  readonly allowed: string;
  /** The values between which to choose, where there are only some. */
  readonly choices?: readonly string[];
  readonly source: 'default' | 'file' | 'command line';
  /** Whether a change counts at once. */
  readonly atOnce: boolean;
  /** What the server runs with, where that is another value: the next start takes the new one. */
  readonly running?: string;
}

const head = `# Settings of this kmip-edge. 'kmip-edge config set' changes this file and keeps what is written between;
# 'kmip-edge config template' prints every setting with its help.
`;

export class SettingsFile {
  readonly #options: SettingsFileOptions;
  /** What the server runs with. */
  #running: RawSettings | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: SettingsFileOptions) {
    this.#options = options;
  }

  get path(): string {
    return this.#options.path;
  }

  /** Remembers what the file says now as what the server runs with. */
  async start(): Promise<void> {
    this.#running = { ...(await this.#read()).raw, ...this.#overrides };
  }

  /** Every setting, in the order of the table. Throws `invalid-field` for a file that was damaged since the start. */
  async list(): Promise<readonly Setting[]> {
    const { raw } = await this.#read();
    return settingNames.map((name) => this.#settingOf(name, raw));
  }

  /**
   * Changes settings together, each to a value as a person would write it, or to its default with null. Gives them as they
   * are then. Throws `invalid-field` for what cannot be, `illegal-operation` where the file is not ours.
   */
  change(changes: Readonly<Record<string, string | null>>): Promise<readonly Setting[]> {
    const done = this.#last.then(() => this.#change(changes));
    this.#last = done.catch(() => undefined);
    return done;
  }

  /**
   * Reads the file anew. What counts at once is run with from now on; gives the names of the others that have changed, which
   * wait for the next start. Throws `invalid-field` for a file that cannot be, and then nothing has changed.
   */
  reload(): Promise<readonly SettingName[]> {
    const done = this.#last.then(() => this.#reload());
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #reload(): Promise<readonly SettingName[]> {
    const { path, overrides, onChange } = this.#options;
    const { raw } = await this.#read();
    const config = configOf(path, raw, overrides);
    const changed = settingNames.filter((name) => this.#settingOf(name, raw).running !== undefined);
    this.#take(changed, raw, config, onChange);
    return changed.filter((name) => this.#settingOf(name, raw).running !== undefined);
  }

  get #overrides(): RawSettings {
    return Object.fromEntries(Object.entries(this.#options.overrides).filter(([, value]) => value !== undefined));
  }

  async #change(changes: Readonly<Record<string, string | null>>): Promise<readonly Setting[]> {
    const { path, ours, overrides, onChange } = this.#options;
    if (!ours) {
      throw new EdgeError(
        'illegal-operation',
        `the server was started with --config ${path}: it changes no file of others`,
        {
          hint: 'change that file and start the server anew, or start it without --config',
        },
      );
    }
    const names = Object.keys(changes).map(requireName);
    const { text, raw: before } = await this.#read();
    const { changeYamlText } = await import('./change-text.ts');
    const wanted = new Map(names.map((name) => [name, changes[name] ?? null]));
    const changed = changeYamlText(text === '' ? head : text, wanted);
    const raw = await readYamlText(path, changed);
    // All of it is checked: settings may contradict one another, or an override.
    const config = configOf(path, raw, overrides);
    if (changed.length > maximumFileSize)
      throw new EdgeError('invalid-field', 'the file of the settings gets too long');
    if (JSON.stringify(raw) !== JSON.stringify(before)) await writeWhole(path, changed);
    this.#take(names, raw, config, onChange);
    return names.map((name) => this.#settingOf(name, raw));
  }

  /** What counts at once is run with from now on. */
  #take(names: readonly SettingName[], raw: RawSettings, config: Config, onChange: (config: Config) => void): void {
    const atOnce = names.filter((name) => rowOf(name).atOnce);
    if (atOnce.length === 0) return;
    const running: Record<string, unknown> = { ...this.#running };
    for (const name of atOnce) {
      if (Object.hasOwn(this.#overrides, name)) continue;
      if (Object.hasOwn(raw, name)) running[name] = raw[name];
      else delete running[name];
    }
    this.#running = running;
    onChange(config);
  }

  async #read(): Promise<{ readonly text: string; readonly raw: RawSettings }> {
    const { path } = this.#options;
    try {
      const text = await readConfigText(path);
      return { text, raw: await readYamlText(path, text) };
    } catch (error) {
      const { cause } = error as Error;
      if (isKind(error, 'missing-data') && (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
        return { text: '', raw: {} };
      }
      throw error;
    }
  }

  #settingOf(name: SettingName, raw: RawSettings): Setting {
    const row = rowOf(name);
    const overrides = this.#overrides;
    const given = Object.hasOwn(overrides, name) ? overrides : raw;
    const value = Object.hasOwn(given, name) ? shown(given[name]) : shown(row.default);
    const running =
      this.#running && (Object.hasOwn(this.#running, name) ? shown(this.#running[name]) : shown(row.default));
    return {
      name,
      value,
      default: shown(row.default),
      help: row.help,
      allowed: describeAllowed(row),
      ...choicesOf(row),
      source: given === overrides ? 'command line' : Object.hasOwn(raw, name) ? 'file' : 'default',
      atOnce: row.atOnce ?? false,
      ...(running === undefined || running === value ? {} : { running }),
    };
  }
}

const requireName = (name: string): SettingName => {
  if (isSettingName(name)) return name;
  throw new EdgeError('invalid-field', `${JSON.stringify(name.slice(0, 80))} is not a setting`, {
    hint: 'kmip-edge config list shows every setting',
  });
};

const choicesOf = (row: SettingRow): { readonly choices?: readonly string[] } => {
  if (row.type === 'boolean') return { choices: ['true', 'false'] };
  return row.type === 'choice' ? { choices: row.choices } : {};
};

/** As a command line takes it. */
const shown = (raw: unknown): string => (Array.isArray(raw) ? raw.join(', ') : String(raw));

const writeWhole = async (path: string, text: string): Promise<void> => {
  const draft = join(dirname(path), `.${settingsFileName}.part`);
  try {
    await rm(draft, { force: true });
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    const directory = await open(dirname(path), 'r');
    await directory.sync().finally(() => directory.close());
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw new EdgeError('storage-full', `cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
};
