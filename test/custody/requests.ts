// The requests that the custody tests and the kill storm make, in the fewest words.

import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { attribute, attributeValue, customAttribute } from '../../src/kmip/attributes.ts';
import {
  CryptographicAlgorithm,
  KeyFormatType,
  ObjectType,
  RevocationReasonCode,
  type State,
} from '../../src/kmip/enums.ts';
import { ItemType } from '../../src/kmip/item.ts';
import { CryptographicUsageMask } from '../../src/kmip/masks.ts';
import { Tag } from '../../src/kmip/tags.ts';

const template = (bits: number) => ({
  Name: [],
  Attribute: [
    attribute('Cryptographic Algorithm', CryptographicAlgorithm.AES),
    attribute('Cryptographic Usage Mask', CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt),
    attribute('Cryptographic Length', bits),
  ],
});

/** A new AES-256 key; gives its unique identifier. */
export const createKey = async (client: KmipClient): Promise<string> => {
  const request = { ObjectType: ObjectType.SymmetricKey, TemplateAttribute: template(256) };
  return (await client.request('Create', request)).UniqueIdentifier;
};

/** Takes `bytes` in; gives the unique identifier. */
export const registerKey = async (client: KmipClient, bytes: Buffer): Promise<string> => {
  const bits = bytes.length * 8;
  const block = {
    KeyFormatType: KeyFormatType.Raw,
    KeyValue: { KeyMaterial: bytes, Attribute: [] },
    CryptographicAlgorithm: CryptographicAlgorithm.AES,
    CryptographicLength: bits,
  };
  const request = {
    ObjectType: ObjectType.SymmetricKey,
    TemplateAttribute: template(bits),
    SymmetricKey: { KeyBlock: block },
  };
  return (await client.request('Register', request)).UniqueIdentifier;
};

/** The key's bytes. */
export const getKey = async (client: KmipClient, uid: string): Promise<Buffer> => {
  const { SymmetricKey: key } = await client.request('Get', { UniqueIdentifier: uid });
  const value = key?.KeyBlock.KeyValue;
  if (!value || Buffer.isBuffer(value) || !Buffer.isBuffer(value.KeyMaterial)) throw new Error('no key in the answer');
  return value.KeyMaterial;
};

export const activateKey = async (client: KmipClient, uid: string): Promise<void> =>
  void (await client.request('Activate', { UniqueIdentifier: uid }));

export const revokeKey = async (client: KmipClient, uid: string): Promise<void> =>
  void (await client.request('Revoke', {
    UniqueIdentifier: uid,
    RevocationReason: { RevocationReasonCode: RevocationReasonCode.CessationOfOperation },
  }));

export const destroyKey = async (client: KmipClient, uid: string): Promise<void> =>
  void (await client.request('Destroy', { UniqueIdentifier: uid }));

const textAttribute = (name: string, value: string) =>
  customAttribute(name, { tag: Tag.AttributeValue, type: ItemType.TextString, value });

export const addText = async (client: KmipClient, uid: string, name: string, value: string): Promise<void> =>
  void (await client.request('AddAttribute', { UniqueIdentifier: uid, Attribute: textAttribute(name, value) }));

/** The keys that have this custom text attribute. */
export const locateText = async (client: KmipClient, name: string, value: string): Promise<readonly string[]> =>
  (await client.request('Locate', { Attribute: [textAttribute(name, value)] })).UniqueIdentifier;

/** The key's State and its custom text attributes. */
export const describeKey = async (
  client: KmipClient,
  uid: string,
): Promise<{ readonly state: State; readonly texts: ReadonlyMap<string, string> }> => {
  const { Attribute: all } = await client.request('GetAttributes', { UniqueIdentifier: uid, AttributeName: [] });
  const custom = all.filter(({ AttributeName: name }) => name.startsWith('x-'));
  const texts = custom.map(({ AttributeName: name, AttributeValue: item }) => [name, String(item?.value)] as const);
  const state = all.find(({ AttributeName: name }) => name === 'State');
  return { state: attributeValue('State', state?.AttributeValue), texts: new Map(texts) };
};
