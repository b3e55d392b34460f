// What a backup says of itself: the first file inside it. Whoever opened the file may read it; nobody else can.

import { EdgeError } from '../errors.ts';

/** Of the form in which a backup is put together; a newer one is refused. */
export const backupFormat = 1;

export interface Manifest {
  readonly format: number;
  /** Of kmip-edge. */
  readonly version: string;
  /** Of the database. */
  readonly schema: number;
  /** ISO 8601; everything that was acknowledged before is inside. */
  readonly createdAt: string;
  /** Which appliance it is of; stays the same when it is restored. */
  readonly appliance: string;
  readonly instances: number;
  readonly clients: number;
  readonly keys: number;
  readonly database: { readonly size: number; readonly sha256: string };
}

/** The files inside, in this order; the settings may be missing. */
export const fileNames = {
  manifest: 'manifest.json',
  storageKey: 'storage-key',
  settings: 'kmip-edge.yaml',
  database: 'kmip-edge.sqlite',
} as const;

export const maximumManifest = 64 * 1024;
const numbers = ['format', 'schema', 'instances', 'clients', 'keys'] as const;
const texts = ['version', 'createdAt', 'appliance'] as const;

/** Reads a manifest. Throws `data-damaged` for what is none, `feature-not-supported` for one of a newer form. */
export const readManifest = (bytes: Buffer): Manifest => {
  const value = parse(bytes);
  const format = value?.['format'];
  if (typeof format === 'number' && format > backupFormat) {
    throw new EdgeError(
      'feature-not-supported',
      `the backup has format ${format}, this program knows ${backupFormat}`,
      {
        hint: 'it was made by a newer kmip-edge: restore it with that one',
      },
    );
  }
  if (value && isManifest(value)) return value;
  throw new EdgeError('data-damaged', `the backup's ${fileNames.manifest} is not one of kmip-edge`);
};

const parse = (bytes: Buffer): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
};

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const isManifest = (
  value: Readonly<Record<string, unknown>>,
): value is Readonly<Record<string, unknown>> & Manifest => {
  const { database } = value;
  if (typeof database !== 'object' || database === null) return false;
  const { size, sha256 } = database as Readonly<Record<string, unknown>>;
  return (
    numbers.every((name) => isCount(value[name])) &&
    texts.every((name) => typeof value[name] === 'string') &&
    !Number.isNaN(Date.parse(String(value['createdAt']))) &&
    isCount(size) &&
    typeof sha256 === 'string'
  );
};
