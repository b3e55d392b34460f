// vCenter as it was recorded: the requests, connection by connection, with which it makes and fetches one new key. Made
// with our own encoder after the structure of the recordings, so that the demo needs no files; the conformance test
// replays the recordings themselves.

import { connectKmip, type KmipClient, type KmipClientOptions } from '../../src/cli/kmip-client.ts';
import { attribute, attributeValue, customAttribute } from '../../src/kmip/attributes.ts';
import { CryptographicAlgorithm, ObjectType, Operation, ResultStatus, State } from '../../src/kmip/enums.ts';
import { ItemType } from '../../src/kmip/item.ts';
import { CryptographicUsageMask } from '../../src/kmip/masks.ts';
import { decodeResponse, encodeRequest } from '../../src/kmip/message.ts';
import { requestPayload } from '../../src/kmip/payloads/table.ts';
import { Tag } from '../../src/kmip/tags.ts';
import type { Attribute } from '../../src/kmip/template-attribute.ts';
import { V1_1 } from '../../src/kmip/version.ts';

/** Tells what is being sent, for a demonstration. */
export type Narrator = (step: string) => void;

const product = {
  'x-Product_Version': '8.0.1 build-21560480',
  'x-Vendor': 'VMware, Inc.',
  'x-Product': 'VMware vSphere',
} as const;
const place = {
  'x-Identifier': '5a7e0a1c-3a32-4c53-9a6e-1d1f0a3c9b11',
  'x-Component': 'ESXi Server',
  'x-Name': 'esx-01.example.com',
} as const;

/** Makes, tags, fetches and activates one key; gives its unique identifier. The last three connections are parallel. */
export const newKeyAsVcenter = async (options: KmipClientOptions, tell: Narrator = () => {}): Promise<string> => {
  const connect = async (): Promise<KmipClient> => {
    const client = await connectKmip({ ...options, version: V1_1 });
    await client.request('DiscoverVersions', { ProtocolVersion: [] });
    return client;
  };
  const first = await connect();
  tell('Discover Versions, Create (AES-256)');
  const uid = await create(first);
  first.close();
  await Promise.all([
    tag(await connect(), uid, product, tell),
    fetchAndActivate(await connect(), uid, tell),
    tag(await connect(), uid, place, tell),
  ]);
  return uid;
};

const create = async (client: KmipClient): Promise<string> => {
  const mask = CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt;
  const { UniqueIdentifier: uid } = await client.request('Create', {
    ObjectType: ObjectType.SymmetricKey,
    TemplateAttribute: {
      Name: [],
      Attribute: [
        attribute('Cryptographic Algorithm', CryptographicAlgorithm.AES),
        attribute('Cryptographic Usage Mask', mask),
        attribute('Cryptographic Length', 256),
      ],
    },
  });
  return uid;
};

/** Asks for each attribute by itself, and adds what is not there in one batch. */
const tag = async (
  client: KmipClient,
  uid: string,
  tags: Readonly<Record<string, string>>,
  tell: Narrator,
): Promise<void> => {
  const missing: Attribute[] = [];
  for (const [name, value] of Object.entries(tags)) {
    const { Attribute: found } = await client.request('GetAttributes', {
      UniqueIdentifier: uid,
      AttributeName: [name],
    });
    if (found.length > 0) continue;
    missing.push(customAttribute(name, { tag: Tag.AttributeValue, type: ItemType.TextString, value }));
  }
  tell(`Get Attributes, Add Attribute × ${missing.length} in one batch: ${Object.keys(tags).join(', ')}`);
  const message = encodeRequest({
    version: V1_1,
    header: {},
    items: missing.map((one, index) => addItem(uid, one, index)),
  });
  const { items } = decodeResponse(await client.exchange(message));
  client.close();
  if (!items.every(({ ResultStatus: status }) => status === ResultStatus.Success))
    throw new Error('Add Attribute failed');
};

/** The library behind vCenter numbers its items with four letters and a little-endian counter. */
const addItem = (uid: string, value: Attribute, index: number) => ({
  Operation: Operation.AddAttribute,
  UniqueBatchItemID: Buffer.from([0x51, 0x4c, 0x4b, 0x43, index + 1, 0, 0, 0]),
  RequestPayload: requestPayload('AddAttribute', { UniqueIdentifier: uid, Attribute: value }),
});

const fetchAndActivate = async (client: KmipClient, uid: string, tell: Narrator): Promise<void> => {
  await client.request('Get', { UniqueIdentifier: uid });
  const { Attribute: found } = await client.request('GetAttributes', {
    UniqueIdentifier: uid,
    AttributeName: ['State'],
  });
  if (attributeValue('State', found[0]?.AttributeValue) === State.PreActive) {
    await client.request('Activate', { UniqueIdentifier: uid });
  }
  tell('Get, Get Attributes (State), Activate');
  client.close();
};
