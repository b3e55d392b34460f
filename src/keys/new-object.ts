// What follows for a new object from its material: how long it has to be, and the attributes that the server sets itself.

import { createHash, type KeyObject } from 'node:crypto';
import { attributeItem, attributeValue } from '../kmip/attributes.ts';
import { CryptographicAlgorithm, HashingAlgorithm, KeyFormatType, ObjectType, RNGAlgorithm } from '../kmip/enums.ts';
import { decodeItem, encodeItem } from '../kmip/ttlv.ts';
import type { KeptAttribute, ManagedObject } from './object.ts';

/**
 * How many bytes a symmetric key has: of eight bits of a DES key, one is parity and does not count in its length, though
 * some clients count it.
 */
export const keySize = (key: Pick<ManagedObject, 'cryptographicAlgorithm' | 'cryptographicLength'>): number => {
  const { cryptographicAlgorithm: algorithm, cryptographicLength: bits } = key;
  const des = algorithm === CryptographicAlgorithm.DES || algorithm === CryptographicAlgorithm.DES3;
  return des && bits % 56 === 0 ? bits / 7 : Math.ceil(bits / 8);
};

/** False for a symmetric key of another length than it says; other objects do not say how long they are. */
export const hasItsLength = (
  key: Pick<ManagedObject, 'objectType' | 'cryptographicAlgorithm' | 'cryptographicLength'>,
  bytes: number,
): boolean => key.objectType !== ObjectType.SymmetricKey || bytes === keySize(key);

/** Digest (KMIP 1.4 section 3.17): SHA-256 over `bytes`, which are in this format. */
export const digestOf = (bytes: Buffer, format: KeyFormatType | undefined): KeptAttribute => {
  const value = createHash('sha256').update(bytes).digest();
  const digest = { HashingAlgorithm: HashingAlgorithm.SHA_256, DigestValue: value, KeyFormatType: format };
  return { name: 'Digest', index: 0, value: encodeItem(attributeItem('Digest', digest)) };
};

/** The attributes that the server sets when it stores `object`, beside those that `given` has. */
export const ownAttributes = (
  object: ManagedObject,
  given: readonly KeptAttribute[],
  material: KeyObject,
  generated: boolean,
): readonly KeptAttribute[] => {
  const has = (name: string): boolean => given.some((one) => one.name === name);
  const own: KeptAttribute[] = [];
  if (object.objectType === ObjectType.SymmetricKey && !has('Digest')) {
    const bytes = material.export();
    own.push(digestOf(bytes, KeyFormatType.Raw));
    bytes.fill(0);
  }
  if (generated && !has('Original Creation Date')) {
    const value = encodeItem(attributeItem('Original Creation Date', object.initialDate));
    own.push({ name: 'Original Creation Date', index: 0, value });
  }
  if (generated && !has('Random Number Generator')) {
    const value = encodeItem(attributeItem('Random Number Generator', { RNGAlgorithm: RNGAlgorithm.Unspecified }));
    own.push({ name: 'Random Number Generator', index: 0, value });
  }
  const flag = (name: 'Sensitive' | 'Extractable'): boolean | undefined => {
    const found = given.find((one) => one.name === name);
    return found && attributeValue(name, decodeItem(found.value));
  };
  if (flag('Sensitive') === true) own.push(history('Always Sensitive'));
  if (flag('Extractable') === false) own.push(history('Never Extractable'));
  return own;
};

/** True from the start, until something was given out once. */
const history = (name: 'Always Sensitive' | 'Never Extractable'): KeptAttribute => ({
  name,
  index: 0,
  value: encodeItem(attributeItem(name, true)),
});
