// Clients that a root vouches for: who is admitted, who is not however well the certificate is made, and that what is
// taken away is out at once. Every certificate is openssl's, every connection real.

import test, { type ExecutionContext } from 'ava';
import { encodeRequest } from '../../src/kmip/message.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { createKey, item, keyBytes } from '../operations/exchange.ts';
import { endsWithin, openPeer } from '../server/peer.ts';
import { authority, client, type Issued, openPki, type Pki, rsaKey, type Wanted } from './pki.ts';

const log = createMemoryLog();
const server = sharedServer({ log });
const discover = encodeRequest({
  version: 101,
  header: {},
  items: [item('DiscoverVersions', { ProtocolVersion: [] })],
});

interface World {
  readonly pki: Pki;
  readonly root: Issued;
  readonly intermediate: Issued;
}
let world: World;
const endings: (() => unknown)[] = [];
const listed = '/C=US/O=Example, Inc./CN=vc01.example.com';
const listedLine = 'C=US, O=Example\\, Inc., CN=vc01.example.com';

test.serial.before('make a root that vouches for one subject', async () => {
  const pki = await openPki({ teardown: (end) => void endings.push(end) });
  const root = await pki.root({ subject: '/DC=local/DC=vsphere/CN=CA', key: rsaKey });
  const intermediate = await pki.issue(root, { subject: '/O=Example/CN=Issuing 1', extensions: authority(0) });
  world = { pki, root, intermediate };
  await server().api('root.trust', {
    instance: 'default',
    name: 'vcenter',
    certificate: root.certificate,
    subjects: [listedLine],
  });
});
test.after.always('remove the certificates', async () => {
  for (const end of endings.reverse()) await end();
});

/** What a client shows: its certificate and others after it. */
const shown = (leaf: Issued, ...chain: readonly Issued[]) => ({
  cert: [leaf, ...chain].map(({ certificate }) => certificate).join(''),
  key: leaf.privateKey,
});

/** True when the server answers. */
const isAdmitted = async (t: ExecutionContext, leaf: Issued, ...chain: readonly Issued[]): Promise<boolean> => {
  const peer = await openPeer(t, server().port, shown(leaf, ...chain));
  const answered = (await peer.ask(discover)) !== undefined;
  peer.socket.destroy();
  return answered;
};

const issue = (issuer: Issued, wanted: Partial<Wanted> = {}): Promise<Issued> =>
  world.pki.issue(issuer, { subject: listed, ...wanted });

test.serial('a listed subject signed by the root is admitted, and gets a key', async (t) => {
  const leaf = await issue(world.root, { key: rsaKey });
  const files = { certificate: leaf.certificate, privateKey: leaf.privateKey, authority: server().client.authority };
  const connection = await server().connect(files);
  t.is((await keyBytes(connection, await createKey(connection))).length, 32);
});

test.serial('through an intermediate that the client sends, on a resumed session without it too', async (t) => {
  const leaf = await issue(world.intermediate);
  t.false(await isAdmitted(t, await issue(world.intermediate)), 'nobody knows the intermediate yet');
  const first = await openPeer(t, server().port, { ...shown(leaf, world.intermediate), maxVersion: 'TLSv1.2' });
  t.truthy(await first.ask(discover));
  const session = first.socket.getSession();
  t.truthy(session);
  first.socket.destroy();
  const again = await openPeer(t, server().port, {
    ...shown(leaf),
    maxVersion: 'TLSv1.2',
    ...(session && { session }),
  });
  t.true(again.socket.isSessionReused());
  t.truthy(await again.ask(discover));
  t.true(await isAdmitted(t, await issue(world.intermediate)), 'the intermediate that was found valid is remembered');
});

interface Case {
  readonly make: (world: World) => Promise<readonly [Issued, ...Issued[]]>;
  readonly reason: RegExp;
}

const under = async (
  signer: Promise<Issued> | Issued,
  wanted: Partial<Wanted> = {},
): Promise<readonly [Issued, Issued]> => {
  const issuer = await signer;
  return [await issue(issuer, wanted), issuer];
};

const notListed = /neither its subject nor its key is on the list/;
const noChain = /root 'vcenter' does not vouch for it: no chain leads/;

const refused: Readonly<Record<string, Case>> = {
  'another subject of the same root': {
    make: async ({ root }) => [await issue(root, { subject: '/C=US/O=Example, Inc./CN=vc02.example.com' })],
    reason: notListed,
  },
  'a subject that begins like the listed one': {
    make: async ({ root }) => [await issue(root, { subject: `${listed}.evil.example` })],
    reason: notListed,
  },
  'a subject that holds the listed one and more': {
    make: async ({ root }) => [await issue(root, { subject: `${listed}/OU=More` })],
    reason: notListed,
  },
  'the listed parts in another order': {
    make: async ({ root }) => [await issue(root, { subject: '/CN=vc01.example.com/O=Example, Inc./C=US' })],
    reason: notListed,
  },
  'one part that spells the others': {
    make: async ({ root }) => [await issue(root, { subject: '/C=US/O=Example\\\\, Inc., CN=vc01.example.com' })],
    reason: notListed,
  },
  'the listed subject in capitals': {
    make: async ({ root }) => [await issue(root, { subject: '/C=US/O=Example, Inc./CN=VC01.example.com' })],
    reason: notListed,
  },
  'the same subject by another authority': {
    make: async ({ pki }) => [await issue(await pki.root({ subject: '/CN=Other' }))],
    reason: noChain,
  },
  'the same subject by another authority of the same name': {
    make: async ({ pki }) => under(pki.root({ subject: '/DC=local/DC=vsphere/CN=CA' })),
    reason: noChain,
  },
  'the same subject, signed by itself': {
    make: async ({ pki }) => [await pki.root({ subject: listed, extensions: [] })],
    reason: noChain,
  },
  'an intermediate that ended': {
    make: ({ pki, root }) => under(pki.issue(root, { subject: '/CN=Ended', extensions: authority(), days: -1 })),
    reason: /'CN=Ended' ended on/,
  },
  'a signer that is no authority': {
    make: ({ pki, root }) => under(pki.issue(root, { subject: '/CN=No authority', extensions: client })),
    reason: /'CN=No authority' is not allowed to sign certificates/,
  },
  'a signer of the first version, without any extension': {
    make: ({ pki, root }) => under(pki.issue(root, { subject: '/CN=Old', extensions: [] })),
    reason: /'CN=Old' is not allowed to sign certificates/,
  },
  'an authority that may not sign certificates': {
    make: ({ pki, root }) => {
      const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,digitalSignature'];
      return under(pki.issue(root, { subject: '/CN=No signer', extensions }));
    },
    reason: /'CN=No signer' is not allowed to sign certificates/,
  },
  'an authority below one that allows none below': {
    make: async ({ pki, intermediate }) => {
      const below = await pki.issue(intermediate, { subject: '/CN=Too deep', extensions: authority() });
      return [await issue(below), below, intermediate];
    },
    reason: /'O=Example, CN=Issuing 1' allows 0 authorities below it/,
  },
  'an authority for servers only': {
    make: ({ pki, root }) => {
      const extensions = authority(undefined, 'extendedKeyUsage=serverAuth');
      return under(pki.issue(root, { subject: '/CN=Servers', extensions }));
    },
    reason: /'CN=Servers' is not for signing client certificates/,
  },
  'an authority with name constraints that forbid it': {
    make: ({ pki, root }) => {
      const extensions = authority(undefined, 'nameConstraints=critical,permitted;DNS:elsewhere.example');
      return under(pki.issue(root, { subject: '/CN=Constrained', extensions }));
    },
    reason: /'CN=Constrained' has name constraints/,
  },
  'an authority with name constraints that are not critical': {
    make: ({ pki, root }) => {
      const extensions = authority(undefined, 'nameConstraints=excluded;DNS:example.com');
      return under(pki.issue(root, { subject: '/CN=Softly constrained', extensions }));
    },
    reason: /'CN=Softly constrained' has name constraints/,
  },
  'an authority with a critical extension that nobody knows': {
    make: ({ pki, root }) => {
      const extensions = authority(undefined, '1.2.3.4.5=critical,ASN1:UTF8String:x');
      return under(pki.issue(root, { subject: '/CN=Strange', extensions }));
    },
    reason: /'CN=Strange' has a critical extension that is not understood: 1\.2\.3\.4\.5/,
  },
  'a certificate with a critical extension that nobody knows': {
    make: async ({ root }) => [await issue(root, { extensions: ['1.2.3.4.5=critical,ASN1:UTF8String:x'] })],
    reason: /it has a critical extension/,
  },
  'a certificate for servers only': {
    make: async ({ root }) => [await issue(root, { extensions: ['extendedKeyUsage=serverAuth'] })],
    reason: /its extended key usage has no client authentication/,
  },
  'a certificate that ended': {
    make: async ({ root }) => [await issue(root, { days: -1 })],
    reason: /does not vouch for it: it ended on/,
  },
  'a certificate that is signed with SHA-1': {
    make: async ({ root }) => [await issue(root, { digest: '-sha1' })],
    reason: /is signed by a method that is too weak/,
  },
};

for (const [name, { make, reason }] of Object.entries(refused)) {
  test.serial(`refused: ${name}`, async (t) => {
    const before = log.alarms.length;
    const [leaf, ...chain] = await make(world);
    t.false(await isAdmitted(t, leaf, ...chain));
    const line = log.alarms.slice(before).find(({ event }) => event === 'client certificate not admitted');
    t.regex(String(line?.fields['reason']), reason);
    t.regex(String(line?.fields['keyFingerprint']), /^[0-9a-f]{64}$/);
    t.regex(String(line?.fields['hint']), /client add .*client trust-root or client allow/);
  });
}

test.serial('a key on the list is admitted whatever its subject, and after its certificate ended', async (t) => {
  const { pki, root } = world;
  const ended = await issue(root, { subject: '/CN=anything', days: -1 });
  t.false(await isAdmitted(t, ended));
  const keyFingerprints = [(await pki.keyFingerprint(ended)).toUpperCase().replace(/(..)(?=.)/g, '$1:')];
  const { keyFingerprints: shownList } = await server().api('root.allow', {
    instance: 'default',
    name: 'vcenter',
    keyFingerprints,
  });
  t.deepEqual(shownList, keyFingerprints);
  t.true(await isAdmitted(t, ended));
  const { privateKey } = ended;
  const other = await pki.issue(await pki.root({ subject: '/CN=Other' }), { subject: '/CN=anything', privateKey });
  t.false(await isAdmitted(t, other), 'the root has to have signed it');
});

test.serial('whom a root admitted is in the list of clients, with when and from where', async (t) => {
  const leaf = await issue(world.root);
  t.true(await isAdmitted(t, leaf));
  const clients = await server().api('client.list', {});
  const seen = clients.filter(({ trust }) => trust === 'root');
  const [first] = seen.filter(({ subject }) => subject === listedLine);
  t.like(first, { name: 'vcenter', instance: 'default', address: '127.0.0.1', validity: 'ending' });
  t.true(Date.now() - Date.parse(first?.lastSeen ?? '') < 60_000);
});

test.serial('who is taken off the list is cut off within a second, and so are all when the root goes', async (t) => {
  const { pki, root } = world;
  const instance = 'default';
  const subjects = ['CN=host-1', 'CN=host-2'];
  await server().api('root.allow', { instance, name: 'vcenter', subjects });
  const [one, two] = await Promise.all(subjects.map((subject) => pki.issue(root, { subject: `/${subject}` })));
  if (!one || !two) throw new Error('two were asked for');
  const peers = await Promise.all([one, two].map((leaf) => openPeer(t, server().port, shown(leaf))));
  for (const peer of peers) t.truthy(await peer.ask(discover));
  await server().api('root.disallow', { instance, name: 'vcenter', subjects: ['CN=host-1'] });
  t.true(await endsWithin(peers[0]?.socket ?? fail(), 1500));
  t.false(await isAdmitted(t, one));
  t.truthy(await peers[1]?.ask(discover), 'the other stays');
  await server().api('root.remove', { instance, name: 'vcenter' });
  t.true(await endsWithin(peers[1]?.socket ?? fail(), 1500));
  t.false(await isAdmitted(t, two));
  t.deepEqual(await server().api('root.list', {}), []);
});

const fail = (): never => {
  throw new Error('no connection');
};
