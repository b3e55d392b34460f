// What is remembered of a deployment on the data disk: the settings for good, the secrets until the set-up has used them.

import { closeSync, existsSync, fstatSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EdgeError } from '../errors.ts';
import { writeWhole } from '../whole-file.ts';
import type { Properties } from './properties.ts';

export interface Remembered {
  readonly settings: Properties;
  readonly secrets: Properties;
  /** Whether the first set-up is still to be done. */
  readonly isNew: boolean;
}

export class SettingsFile {
  readonly #settings: string;
  readonly #secrets: string;

  constructor(directory: string) {
    this.#settings = join(directory, 'settings.json');
    this.#secrets = join(directory, 'first-set-up.json');
  }

  /** Undefined before the first start on this disk. Throws `data-damaged`. */
  load(): Remembered | undefined {
    if (!existsSync(this.#settings)) return undefined;
    const isNew = existsSync(this.#secrets);
    return { settings: read(this.#settings), secrets: isNew ? read(this.#secrets) : {}, isNew };
  }

  /** The secrets come first: with the settings there, nothing is asked for again. */
  save({ settings, secrets, isNew }: Remembered): void {
    if (isNew) writeWhole(this.#secrets, JSON.stringify(secrets), 0o600);
    writeWhole(this.#settings, `${JSON.stringify(settings, null, 2)}\n`, 0o600);
  }

  /** The set-up has used them. */
  forgetSecrets(): void {
    if (!existsSync(this.#secrets)) return;
    const file = openSync(this.#secrets, 'r+');
    wipe(file);
    closeSync(file);
    rmSync(this.#secrets);
  }

  /** The set-up has used this one; what is left of it still waits for the others. */
  forgetSecret(key: string): void {
    if (!existsSync(this.#secrets)) return;
    const { [key]: used, ...left } = read(this.#secrets);
    if (used === undefined) return;
    const old = openSync(this.#secrets, 'r+');
    try {
      // There whole at any moment; then nothing of the old one stays behind the new.
      writeWhole(this.#secrets, JSON.stringify(left), 0o600);
      wipe(old);
    } finally {
      closeSync(old);
    }
  }
}

const wipe = (file: number): void => {
  const { size } = fstatSync(file);
  writeSync(file, Buffer.alloc(size), 0, size, 0);
  fsyncSync(file);
};

const read = (path: string): Properties => {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string')) {
      return value as Properties;
    }
  } catch {
    // Said below.
  }
  throw new EdgeError('data-damaged', `${path} cannot be read`, {
    hint: 'remove it: the deployment is read again then',
  });
};
