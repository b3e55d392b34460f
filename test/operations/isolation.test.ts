// A client sees the objects of its own service instance and nothing else (architecture, invariant 3): what belongs to
// another is answered, byte for byte, as what does not exist.

import { randomUUID } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { attribute } from '../../src/kmip/attributes.ts';
import { encodeRequest, type OutgoingRequestItem } from '../../src/kmip/message.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { sampleRequests } from '../kmip/sample-messages.ts';
import { aesKey, createKey, item, keyBytes, nameOf, outcomeOf, send } from './exchange.ts';
import { custom } from './requests.ts';

const server = sharedServer({ clock: new FakeClock(Date.now()) });
let mine: KmipClient;
let theirs: KmipClient;

test.serial.before('make a second service instance', async () => {
  await server().api('instance.create', { name: 'other', upstream: 'local', settings: {} });
  mine = await server().connect();
  theirs = await server().connect(await server().issue('other', 'other'));
});

const onOne: Readonly<Record<string, (uid: string) => OutgoingRequestItem>> = {
  Get: (uid) => item('Get', { UniqueIdentifier: uid }),
  GetAttributes: (uid) => item('GetAttributes', { UniqueIdentifier: uid, AttributeName: [] }),
  GetAttributeList: (uid) => item('GetAttributeList', { UniqueIdentifier: uid }),
  AddAttribute: (uid) => item('AddAttribute', { UniqueIdentifier: uid, Attribute: custom('x-a', 'b') }),
  Activate: (uid) => item('Activate', { UniqueIdentifier: uid }),
  Revoke: (uid) => item('Revoke', { UniqueIdentifier: uid, RevocationReason: { RevocationReasonCode: 2 } }),
  Destroy: (uid) => item('Destroy', { UniqueIdentifier: uid }),
  ModifyAttribute: (uid) => item('ModifyAttribute', { UniqueIdentifier: uid, Attribute: custom('x-secret', 'b') }),
  DeleteAttribute: (uid) => item('DeleteAttribute', { UniqueIdentifier: uid, AttributeName: 'x-secret' }),
  Check: (uid) => item('Check', { UniqueIdentifier: uid }),
  ObtainLease: (uid) => item('ObtainLease', { UniqueIdentifier: uid }),
  GetUsageAllocation: (uid) => item('GetUsageAllocation', { UniqueIdentifier: uid, UsageLimitsCount: 1n }),
  Archive: (uid) => item('Archive', { UniqueIdentifier: uid }),
  Recover: (uid) => item('Recover', { UniqueIdentifier: uid }),
  ReKey: (uid) => item('ReKey', { UniqueIdentifier: uid }),
  ReKeyKeyPair: (uid) => item('ReKeyKeyPair', { PrivateKeyUniqueIdentifier: uid }),
  DeriveKey: (uid) =>
    item('DeriveKey', {
      ObjectType: 2,
      UniqueIdentifier: [uid],
      DerivationMethod: 3,
      DerivationParameters: { DerivationData: Buffer.from('a') },
      TemplateAttribute: aesKey().TemplateAttribute,
    }),
  Export: (uid) => item('Export', { UniqueIdentifier: uid }),
  Encrypt: (uid) => item('Encrypt', { UniqueIdentifier: uid, Data: Buffer.alloc(16) }),
  Decrypt: (uid) => item('Decrypt', { UniqueIdentifier: uid, Data: Buffer.alloc(16) }),
  Sign: (uid) => item('Sign', { UniqueIdentifier: uid, Data: Buffer.alloc(16) }),
  SignatureVerify: (uid) =>
    item('SignatureVerify', { UniqueIdentifier: uid, Data: Buffer.alloc(1), SignatureData: Buffer.alloc(1) }),
  MAC: (uid) => item('MAC', { UniqueIdentifier: uid, Data: Buffer.alloc(16) }),
  MACVerify: (uid) => item('MACVerify', { UniqueIdentifier: uid, Data: Buffer.alloc(1), MACData: Buffer.alloc(1) }),
  'a wrapping key': (uid) => wrappedBy(uid),
  'Locate by identifier': (uid) => item('Locate', { Attribute: [attribute('Unique Identifier', uid)] }),
};

/** A key of one's own, to be given wrapped by `uid`. */
const wrappedBy = (uid: string): OutgoingRequestItem =>
  item('Get', {
    UniqueIdentifier: theirKey,
    KeyWrappingSpecification: {
      WrappingMethod: 1,
      EncryptionKeyInformation: { UniqueIdentifier: uid },
      AttributeName: [],
    },
  });
let theirKey = '';
test.serial.before('make a key of the other instance', async () => {
  theirKey = await createKey(theirs);
});

test('every operation that names an object is in the list', (t) => {
  const named = Object.entries(sampleRequests)
    .filter(([, request]) => 'UniqueIdentifier' in request || 'PrivateKeyUniqueIdentifier' in request)
    .map(([name]) => name);
  // Import makes an object; the others of KMIP 2.x alone go the same way as Modify Attribute.
  const elsewhere = new Set(['Import', 'SetAttribute', 'AdjustAttribute', 'GetAttributeList']);
  t.deepEqual(
    named.filter((name) => !(name in onOne) && !elsewhere.has(name)),
    [],
  );
});

for (const [what, request] of Object.entries(onOne)) {
  test.serial(
    `${what}: another's object is answered as one that does not exist, and nothing happens to it`,
    async (t) => {
      const uid = await createKey(mine, custom('x-secret', 'value'));
      const bytes = await keyBytes(mine, uid);
      const ask = async (about: string): Promise<string> => {
        const answer = await theirs.exchange(encodeRequest({ version: 104, header: {}, items: [request(about)] }));
        return answer.toString('latin1').replaceAll(about, 'the identifier');
      };
      const [ofAnother, ofNobody] = [await ask(uid), await ask(randomUUID())];
      t.is(ofAnother, ofNobody);
      t.deepEqual(await keyBytes(mine, uid), bytes);
      const { Attribute: left } = await mine.request('GetAttributes', {
        UniqueIdentifier: uid,
        AttributeName: ['State', 'x-a'],
      });
      t.deepEqual(
        left.map(({ AttributeValue }) => AttributeValue?.value),
        [1],
      );
    },
  );
}

test.serial('Locate shows nothing of another, neither by attribute nor by asking for all', async (t) => {
  const uid = await createKey(mine, nameOf('hidden'), custom('x-secret', 'hidden'));
  const theirUid = await createKey(theirs);
  for (const by of [[], [nameOf('hidden')], [custom('x-secret', 'hidden')], [attribute('State', 1)]]) {
    const { UniqueIdentifier: found } = await theirs.request('Locate', { Attribute: by });
    t.false(found.includes(uid));
  }
  t.false((await mine.request('Locate', { Attribute: [] })).UniqueIdentifier.includes(theirUid));
});

test.serial('names may repeat across instances, and not within one', async (t) => {
  const name = nameOf('shared name');
  const [one, other] = [await createKey(mine, name), await createKey(theirs, name)];
  t.not(one, other);
  t.deepEqual((await mine.request('Locate', { Attribute: [name] })).UniqueIdentifier, [one]);
  t.deepEqual((await theirs.request('Locate', { Attribute: [name] })).UniqueIdentifier, [other]);
  await t.throwsAsync(createKey(mine, name), { message: new RegExp(one) });
});

test.serial('a batch cannot reach over either: the ID Placeholder holds only what the client may see', async (t) => {
  const uid = await createKey(mine, custom('x-secret', 'batch'));
  const locate = item('Locate', { Attribute: [custom('x-secret', 'batch')] });
  const { items } = await send(theirs, [locate, item('Get', {})]);
  t.is(outcomeOf(items[1]).reason, 'MissingData');
  t.truthy(uid);
});

/** What the model knows of an object. */
interface Known {
  readonly owner: number;
  state: 'preActive' | 'active' | 'deactivated' | 'destroyed';
}
const acts = ['create', 'get', 'activate', 'revoke', 'destroy', 'locate'] as const;
const command = fc.record({ who: fc.nat(1), act: fc.constantFrom(...acts), which: fc.nat(20) });

/** The reason that the model expects for an act on an object, or the state that it leads to. */
const expected = (act: (typeof acts)[number], { state }: Known): string => {
  const next: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    activate: { preActive: 'active' },
    revoke: { active: 'deactivated' },
    destroy: { preActive: 'destroyed', deactivated: 'destroyed' },
    get: { preActive: 'preActive', active: 'active', deactivated: 'deactivated' },
  };
  return next[act]?.[state] ?? (act === 'get' ? 'IllegalOperation' : 'PermissionDenied');
};

const request = (act: (typeof acts)[number], uid: string): OutgoingRequestItem => {
  if (act === 'activate') return item('Activate', { UniqueIdentifier: uid });
  if (act === 'revoke') return item('Revoke', { UniqueIdentifier: uid, RevocationReason: { RevocationReasonCode: 5 } });
  return act === 'destroy' ? item('Destroy', { UniqueIdentifier: uid }) : item('Get', { UniqueIdentifier: uid });
};

test.serial('whatever two clients do, each finds the world as if it were alone', async (t) => {
  const clients = [mine, theirs];
  const property = fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (commands) => {
    const run = custom('x-run', randomUUID());
    const model = new Map<string, Known>();
    for (const { who, act, which } of commands) {
      const client = clients[who] ?? mine;
      const uids = [...model.keys()];
      const uid = uids[which % Math.max(uids.length, 1)];
      if (act === 'create' || uid === undefined)
        model.set(await createKey(client, run), { owner: who, state: 'preActive' });
      else if (act === 'locate') {
        const { UniqueIdentifier: found } = await client.request('Locate', { Attribute: [run] });
        const own = uids.filter((one) => model.get(one)?.owner === who && model.get(one)?.state !== 'destroyed');
        t.deepEqual(found, own);
      } else await actOnOne(client, who, act, uid, model.get(uid));
    }
  });
  const actOnOne = async (client: KmipClient, who: number, act: (typeof acts)[number], uid: string, known?: Known) => {
    const outcome = outcomeOf((await send(client, [request(act, uid)])).items[0]);
    const wanted = known?.owner === who ? expected(act, known) : 'ItemNotFound';
    const refused = /^[A-Z]/.test(wanted);
    t.is(outcome.reason ?? outcome.status, refused ? wanted : 'Success');
    if (known && !refused) known.state = wanted as Known['state'];
  };
  await fc.assert(property, { numRuns: 25 });
});
