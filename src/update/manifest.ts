// What an update says of itself, and whether this appliance may take it.

import { EdgeError } from '../errors.ts';
import { compareVersions, isVersion } from './versions.ts';

export interface Manifest {
  readonly product: 'kmip-edge';
  readonly architecture: 'amd64';
  readonly version: string;
  /** The oldest version that may be updated to it. */
  readonly minimumVersion: string;
  /** The version of the database that it writes. */
  readonly schema: number;
  /** ISO 8601. */
  readonly builtAt: string;
  /** Bytes, and hashes in hexadecimal digits. */
  readonly image: {
    readonly size: number;
    readonly sha256: string;
    readonly compressed: { readonly size: number; readonly sha256: string };
  };
}

/** Far above what a slot has. */
const largestImage = 16 * 1024 ** 3;

const notRead = (what: string): EdgeError =>
  new EdgeError('data-damaged', `the manifest of the update ${what}`, { hint: 'it was signed, but not made for this' });

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notRead('is not as it should be');
  return value as Fields;
};

const versionIn = (fields: Fields, name: string): string => {
  const value = fields[name];
  if (typeof value !== 'string' || !isVersion(value)) throw notRead(`has no ${name}`);
  return value;
};

const numberIn = (fields: Fields, name: string, most: number): number => {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > most) {
    throw notRead(`has no ${name}`);
  }
  return value;
};

const hashIn = (fields: Fields): string => {
  const { sha256 } = fields;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) throw notRead('has no sha256');
  return sha256;
};

/** Reads a manifest whose signature was found good. Fields that it does not know are left out. Throws `data-damaged`. */
export const readManifest = (bytes: Buffer): Manifest => {
  const fields = fieldsOf(parsed(bytes));
  if (fields['product'] !== 'kmip-edge') throw notRead('is of another product');
  if (fields['architecture'] !== 'amd64') throw notRead('is of another kind of processor');
  const { builtAt } = fields;
  if (typeof builtAt !== 'string' || Number.isNaN(Date.parse(builtAt))) throw notRead('has no builtAt');
  const image = fieldsOf(fields['image']);
  const compressed = fieldsOf(image['compressed']);
  return {
    product: 'kmip-edge',
    architecture: 'amd64',
    version: versionIn(fields, 'version'),
    minimumVersion: versionIn(fields, 'minimumVersion'),
    schema: numberIn(fields, 'schema', 1_000_000),
    builtAt: new Date(builtAt).toISOString(),
    image: {
      size: numberIn(image, 'size', largestImage),
      sha256: hashIn(image),
      compressed: { size: numberIn(compressed, 'size', largestImage), sha256: hashIn(compressed) },
    },
  };
};

const parsed = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw notRead('is not JSON');
  }
};

/**
 * An older system is not taken, however well it is signed: that would be a way to bring back what was mended. The same
 * version is taken: a slot may be written anew. Throws `wrong-state`, and `storage-full` for an image that fits no slot.
 */
export const checkFits = ({ version, minimumVersion, image }: Manifest, running: string, slotBytes: number): void => {
  if (compareVersions(version, running) < 0) {
    throw new EdgeError('wrong-state', `the update is kmip-edge ${version}, and ${running} runs here`, {
      hint: "an older one is not taken; 'kmip-edge update return' goes back to the system before this one",
    });
  }
  if (compareVersions(running, minimumVersion) < 0) {
    throw new EdgeError('wrong-state', `the update needs kmip-edge ${minimumVersion}, and ${running} runs here`, {
      hint: `update to ${minimumVersion} first`,
    });
  }
  if (image.size > slotBytes) {
    throw new EdgeError('storage-full', `the system of the update has ${image.size} bytes, the slot ${slotBytes}`, {
      hint: 'deploy a new appliance of that version, and let it take over the data disk',
    });
  }
};
