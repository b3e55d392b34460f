// The version gate: whatever an object holds, an answer has no tag, attribute or enumeration value newer than the version
// of its request (architecture section 6).

import test from 'ava';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { attribute } from '../../src/kmip/attributes.ts';
import { ObjectType } from '../../src/kmip/enums.ts';
import { decodeResponse, encodeRequest, type OutgoingRequestItem } from '../../src/kmip/message.ts';
import type { Attribute } from '../../src/kmip/template-attribute.ts';
import { V1_4, type Version, versionText } from '../../src/kmip/version.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { aesKey, createKey, item, nameOf, outcomeOf, payloadOf, templateOf, usage } from './exchange.ts';
import { newerThan } from './newness.ts';
import { custom, length, mask } from './requests.ts';

const server = sharedServer();

/** What a client of 1.4 puts into an object: attributes, and fields inside older attributes, of every version. */
const modern: readonly Attribute[] = [
  attribute('Description', 'since 1.4'),
  attribute('Comment', 'since 1.4'),
  attribute('Alternative Name', { AlternativeNameValue: 'since 1.2', AlternativeNameType: 1 }),
  attribute('Cryptographic Parameters', {
    BlockCipherMode: 1,
    RandomIV: true,
    IVLength: 12,
    TagLength: 16,
    TrailerField: 1,
  }),
  attribute('Object Group', 'since 1.0'),
];

/** A whole session about the key `uid` and one of its own. */
const session = (uid: string, version: Version): readonly OutgoingRequestItem[] => [
  ...(version > 100 ? [item('DiscoverVersions', { ProtocolVersion: [] })] : []),
  item('Query', { QueryFunction: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }),
  item('Create', aesKey(nameOf(`made in ${version}`), custom('x-a', 'b'))),
  item('Register', {
    ObjectType: ObjectType.SymmetricKey,
    TemplateAttribute: templateOf(attribute('Cryptographic Algorithm', 3), length(128), mask),
    SymmetricKey: { KeyBlock: { KeyFormatType: 1, KeyValue: { KeyMaterial: Buffer.alloc(16, 7), Attribute: [] } } },
  }),
  item('Locate', { Attribute: [attribute('Cryptographic Usage Mask', usage)] }),
  item('Get', { UniqueIdentifier: uid }),
  item('GetAttributes', { UniqueIdentifier: uid, AttributeName: [] }),
  item('GetAttributes', { UniqueIdentifier: uid, AttributeName: ['Description', 'State', 'Alternative Name'] }),
  item('GetAttributeList', { UniqueIdentifier: uid }),
  item('AddAttribute', { UniqueIdentifier: uid, Attribute: custom('x-c', 'd') }),
  item('Activate', { UniqueIdentifier: uid }),
  item('Revoke', { UniqueIdentifier: uid, RevocationReason: { RevocationReasonCode: 2 } }),
  item('Destroy', { UniqueIdentifier: uid }),
  item('GetAttributes', { UniqueIdentifier: uid, AttributeName: [] }),
];

const ask = (client: KmipClient, version: Version, one: OutgoingRequestItem): Promise<Buffer> =>
  client.exchange(encodeRequest({ version, header: { ClientCorrelationValue: 'c' }, items: [one] }));

for (const version of [100, 101, 102, 103, 104]) {
  test(`a session in ${versionText(version)} works and shows nothing newer`, async (t) => {
    const client = await server().connect();
    const uid = await createKey(client, ...modern);
    for (const one of session(uid, version)) {
      const answer = await ask(client, version, one);
      const response = decodeResponse(answer);
      t.is(response.version, version);
      t.is(outcomeOf(response.items[0]).status, 'Success', `operation ${one.Operation}`);
      t.deepEqual(newerThan(version, answer), [], `operation ${one.Operation}`);
    }
  });
}

test('what an older client cannot see a newer one still has', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client, ...modern);
  const list = async (version: Version): Promise<readonly string[]> => {
    const answer = await ask(client, version, item('GetAttributeList', { UniqueIdentifier: uid }));
    return payloadOf('GetAttributeList', decodeResponse(answer).items[0], version).AttributeName;
  };
  t.false((await list(100)).includes('Alternative Name'));
  t.true((await list(102)).includes('Alternative Name'));
  t.false((await list(103)).includes('Comment'));
  t.true((await list(V1_4)).includes('Comment'));
});

test('an answer to a refused request shows nothing newer either', async (t) => {
  const client = await server().connect();
  for (const version of [100, 101, 102, 103, 104]) {
    const answer = await ask(client, version, item('Get', { UniqueIdentifier: 'nowhere' }));
    t.deepEqual(newerThan(version, answer), []);
  }
});
