// The keys of a simulated instance: states, versions, and the real AES-256-GCM behind wrap and unwrap. The wrapped form
// is base64 of JSON with ciphertext, iv, version and handle, as in rewrap-keys.md of the Key Protect documentation.

import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';

export const hour = 3_600_000;

export interface KeyVersion {
  readonly id: string;
  readonly material: Buffer;
  readonly createdAt: number;
}

export interface SimulatedKey {
  readonly id: string;
  readonly instanceId: string;
  readonly name: string;
  aliases: string[];
  readonly extractable: boolean;
  readonly imported: boolean;
  readonly ring: string;
  state: 0 | 1 | 2 | 3 | 5;
  /** Newest last. */
  readonly versions: KeyVersion[];
  readonly createdAt: number;
  changedAt: number;
  rotatedAt: number | undefined;
  deletedAt: number | undefined;
}

export interface NewKey {
  readonly instanceId: string;
  readonly name?: string;
  readonly aliases?: readonly string[];
  readonly ring?: string;
  readonly extractable?: boolean;
  /** Imported material, 16, 24 or 32 bytes; left out, it is random. */
  readonly material?: Buffer;
}

export const makeKey = (wanted: NewKey, now: number): SimulatedKey => ({
  id: randomUUID(),
  instanceId: wanted.instanceId,
  name: wanted.name ?? 'simulated root key',
  aliases: [...(wanted.aliases ?? [])],
  extractable: wanted.extractable ?? false,
  imported: wanted.material !== undefined,
  ring: wanted.ring ?? 'default',
  state: 1,
  versions: [{ id: randomUUID(), material: wanted.material ?? randomBytes(32), createdAt: now }],
  createdAt: now,
  changedAt: now,
  rotatedAt: undefined,
  deletedAt: undefined,
});

/** The version that wraps now. */
export const newest = (key: SimulatedKey): KeyVersion => {
  const last = key.versions.at(-1);
  if (last === undefined) throw new Error('a key without a version');
  return last;
};

export const addVersion = (key: SimulatedKey, now: number, material: Buffer = randomBytes(32)): void => {
  key.versions.push({ id: randomUUID(), material, createdAt: now });
  key.rotatedAt = now;
  key.changedAt = now;
};

/** Order and lengths count, so that ["ab"] and ["a", "b"] differ. */
const aadBytes = (aad: readonly string[]): Buffer => Buffer.from(JSON.stringify(aad), 'utf8');

const algorithmOf = (material: Buffer): 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' =>
  material.length === 16 ? 'aes-128-gcm' : material.length === 24 ? 'aes-192-gcm' : 'aes-256-gcm';

export const wrapWith = (version: KeyVersion, plain: Buffer, aad: readonly string[]): string => {
  const iv = randomBytes(12);
  const cipher = createCipheriv(algorithmOf(version.material), version.material, iv).setAAD(aadBytes(aad));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  const fields = {
    ciphertext: sealed.toString('base64'),
    iv: iv.toString('base64'),
    version: '4.0.0',
    handle: version.id,
  };
  return Buffer.from(JSON.stringify(fields)).toString('base64');
};

interface Parts {
  readonly sealed: Buffer;
  readonly iv: Buffer;
  readonly handle: string;
}

/** The parts of a wrapped key; undefined when it is not the text of a wrap. */
export const partsOf = (text: string): Parts | undefined => {
  try {
    const { ciphertext, iv, handle } = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    if (typeof ciphertext !== 'string' || typeof iv !== 'string' || typeof handle !== 'string') return undefined;
    return { sealed: Buffer.from(ciphertext, 'base64'), iv: Buffer.from(iv, 'base64'), handle };
  } catch {
    return undefined;
  }
};

const tryOpen = (version: KeyVersion, parts: Parts, aad: readonly string[]): Buffer | undefined => {
  try {
    const decipher = createDecipheriv(algorithmOf(version.material), version.material, parts.iv);
    decipher.setAAD(aadBytes(aad)).setAuthTag(parts.sealed.subarray(-16));
    return Buffer.concat([decipher.update(parts.sealed.subarray(0, -16)), decipher.final()]);
  } catch {
    return undefined;
  }
};

/**
 * Opens with the version that the handle names, or else with any: keys with the same imported material open each
 * other's wrapped keys (unwrap-keys.md).
 */
export const openWith = (
  key: SimulatedKey,
  parts: Parts,
  aad: readonly string[],
): { plain: Buffer; version: KeyVersion } | undefined => {
  const named = key.versions.filter(({ id }) => id === parts.handle);
  for (const version of named.length > 0 ? named : key.versions) {
    const plain = tryOpen(version, parts, aad);
    if (plain !== undefined) return { plain, version };
  }
  return undefined;
};

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

const deletionFacts = (deletedAt: number, now: number): object => ({
  deletionDate: iso(deletedAt),
  restoreExpirationDate: iso(deletedAt + 30 * 24 * hour),
  restoreAllowed: now < deletedAt + 30 * 24 * hour,
  purgeAllowed: now >= deletedAt + 4 * hour,
  purgeAllowedFrom: iso(deletedAt + 4 * hour),
  purgeScheduledOn: iso(deletedAt + 90 * 24 * hour),
});

/** The key as metadata and lists show it. */
export const describeKey = (key: SimulatedKey, now: number): object => ({
  type: 'application/vnd.ibm.kms.key+json',
  id: key.id,
  name: key.name,
  ...(key.aliases.length === 0 ? {} : { aliases: key.aliases }),
  state: key.state,
  extractable: key.extractable,
  crn: `crn:v1:bluemix:public:kms:us-south:a/simulated:${key.instanceId}:key:${key.id}`,
  imported: key.imported,
  keyRingID: key.ring,
  creationDate: iso(key.createdAt),
  createdBy: 'IBMid-simulated',
  algorithmType: 'Deprecated',
  algorithmMetadata: { bitLength: '256', mode: 'Deprecated' },
  algorithmBitSize: 256,
  algorithmMode: 'Deprecated',
  lastUpdateDate: iso(key.changedAt),
  ...(key.rotatedAt === undefined ? {} : { lastRotateDate: iso(key.rotatedAt) }),
  ...(key.extractable ? {} : { keyVersion: { id: newest(key).id, creationDate: iso(newest(key).createdAt) } }),
  dualAuthDelete: { enabled: false },
  deleted: key.deletedAt !== undefined,
  ...(key.deletedAt === undefined ? {} : deletionFacts(key.deletedAt, now)),
});
