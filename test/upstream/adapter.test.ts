// A KMIP adapter made over the REST API: once, whatever gets lost on the way.

import { X509Certificate } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { Secret } from '../../src/secret.ts';
import { makeAdapter } from '../../src/upstream/key-protect/adapter.ts';
import { refusalOf } from '../kit/refusal.ts';
import type { Fault } from '../peers/key-protect/faults.ts';
import type { Route } from '../peers/key-protect/routes.ts';
import type { KeyProtectSimulator } from '../peers/key-protect/simulator.ts';
import { certificatePem, keyPem, otherPem, parts, startAdapter } from './adapter-kit.ts';
import { errorBody } from './fixtures.ts';
import { testTimings } from './kit.ts';

/** The only adapter there is, with the only certificate on it. */
const onlyOne = (t: ExecutionContext, simulator: KeyProtectSimulator) => {
  const [adapter, ...more] = simulator.adapters();
  if (adapter === undefined) throw new Error('there is no adapter');
  t.deepEqual(more, []);
  const [certificate, ...others] = adapter.certificates.values();
  t.deepEqual(others, []);
  return { adapter, certificate };
};

test.serial('an adapter is made with the certificate on it', async (t) => {
  const admitted: string[] = [];
  const { simulator, wanted } = await startAdapter(t, { onCertificate: (pem) => admitted.push(pem) });
  const made = await makeAdapter(wanted, parts);
  const { adapter, certificate } = onlyOne(t, simulator);
  t.deepEqual(made, { adapterId: adapter.id, adapterName: 'edge-1', certificateId: certificate?.id ?? '' });
  t.is(adapter.crkId, simulator.crk);
  t.deepEqual(admitted, [new X509Certificate(certificatePem).toString()]);
});

test.serial('requests are as documented', async (t) => {
  const { simulator, wanted } = await startAdapter(t);
  const { adapterId } = await makeAdapter({ ...wanted, keyRing: 'ring' }, parts);
  const type = 'application/vnd.ibm.kms.kmip_adapter+json';
  const created = simulator.last('create-adapter');
  t.deepEqual(JSON.parse(created?.body ?? ''), {
    metadata: { collectionType: type, collectionTotal: 1 },
    resources: [
      {
        name: 'edge-1',
        description: 'keys of kmip-edge edge-1',
        profile: 'native_1.0',
        profile_data: { crk_id: simulator.crk },
      },
    ],
  });
  t.is(created?.headers['content-type'], type);
  t.is(created?.headers['bluemix-instance'], simulator.instanceId);
  t.is(created?.headers['x-kms-key-ring'], undefined);
  const added = simulator.last('add-certificate');
  t.is(added?.path, `/api/v2/kmip_adapters/${adapterId}/certificates`);
  t.is(added?.headers['content-type'], 'application/vnd.ibm.kms.kmip_client_certificate+json');
});

test.serial('of what is given as PEM only the first certificate is sent, never a private key', async (t) => {
  const { simulator, wanted } = await startAdapter(t);
  await makeAdapter({ ...wanted, certificatePem: `${keyPem}\n${certificatePem}\n${otherPem}` }, parts);
  t.is(onlyOne(t, simulator).certificate?.pem, new X509Certificate(certificatePem).toString());
  t.notRegex(simulator.last('add-certificate')?.body ?? '', /PRIVATE/);
});

test.serial('a second time everything is found as it is', async (t) => {
  const { simulator, wanted } = await startAdapter(t);
  const first = await makeAdapter(wanted, parts);
  t.deepEqual(await makeAdapter(wanted, parts), first);
  t.is(simulator.count('create-adapter'), 1);
  t.is(simulator.count('add-certificate'), 1);
});

test.serial('another certificate joins the adapter that is there', async (t) => {
  const { simulator, wanted } = await startAdapter(t);
  const first = await makeAdapter(wanted, parts);
  const second = await makeAdapter({ ...wanted, certificatePem: otherPem }, parts);
  t.is(second.adapterId, first.adapterId);
  t.not(second.certificateId, first.certificateId);
  t.is(simulator.adapters()[0]?.certificates.size, 2);
});

test.serial('a certificate that somebody uploaded under another name is found', async (t) => {
  const { simulator, wanted } = await startAdapter(t);
  simulator.addAdapter('edge-1');
  const { certificates } = onlyOne(t, simulator).adapter;
  certificates.set('other', { id: 'other', name: 'other', pem: otherPem, createdAt: 0 });
  certificates.set('by-hand', { id: 'by-hand', name: 'by-hand', pem: certificatePem, createdAt: 0 });
  t.is((await makeAdapter(wanted, parts)).certificateId, 'by-hand');
  t.is(certificates.size, 2);
});

test.serial('an alias of the root key becomes its id', async (t) => {
  const { simulator, wanted } = await startAdapter(t);
  const crkId = simulator.createRootKey({ aliases: ['edge-alias'], ring: 'ring' });
  const apiKey = new Secret(simulator.addApiKey('Manager'));
  const made = await makeAdapter({ ...wanted, crk: 'edge-alias', keyRing: 'ring', apiKey }, parts);
  t.is(onlyOne(t, simulator).adapter.crkId, crkId);
  t.deepEqual(await makeAdapter({ ...wanted, crk: crkId }, parts), made);
});

test.serial('two at the same time make one adapter', async (t) => {
  const { simulator, wanted } = await startAdapter(t);
  const [one, other] = await Promise.all([makeAdapter(wanted, parts), makeAdapter(wanted, parts)]);
  t.deepEqual(one, other);
  onlyOne(t, simulator);
});

const steps: readonly Route[] = ['token', 'list-adapters', 'create-adapter', 'list-certificates', 'add-certificate'];
const losses: readonly Fault[] = [
  { kind: 'cut-before' },
  { kind: 'cut-after' },
  { kind: 'cut-body' },
  { kind: 'html', status: 502 },
];
const creating = (step: Route): boolean => step === 'create-adapter' || step === 'add-certificate';

for (const on of steps.filter((step) => step !== 'token')) {
  for (const fault of losses) {
    test.serial(`${fault.kind} at ${on} costs a look or a repetition, and nothing is made twice`, async (t) => {
      const { simulator, wanted } = await startAdapter(t);
      simulator.fault(fault, { on, times: 1 });
      const made = await makeAdapter(wanted, parts);
      const { adapter, certificate } = onlyOne(t, simulator);
      t.deepEqual([made.adapterId, made.certificateId], [adapter.id, certificate?.id ?? '']);
      const done = fault.kind === 'cut-after' || fault.kind === 'cut-body';
      t.is(simulator.count(on), creating(on) && done ? 1 : 2);
    });
  }
}

for (const on of steps) {
  test.serial(`what stops for good at ${on} is finished by the next run`, async (t) => {
    const { simulator, wanted } = await startAdapter(t);
    const lost = simulator.fault({ kind: 'cut-after' }, { on });
    const away = simulator.fault({ kind: 'cut-before' }, { on: creating(on) ? 'list-certificates' : on });
    await refusalOf(t, makeAdapter(wanted, { ...parts, timings: { ...testTimings, retries: 0 } }));
    lost();
    away();
    const made = await makeAdapter(wanted, parts);
    const { adapter, certificate } = onlyOne(t, simulator);
    t.deepEqual([made.adapterId, made.certificateId], [adapter.id, certificate?.id ?? '']);
  });
}

test.serial('an answer that comes too late is looked for, not waited for', async (t) => {
  const { simulator, wanted } = await startAdapter(t);
  simulator.fault({ kind: 'slow', ms: 600 }, { on: 'create-adapter', times: 1 });
  const timings = { ...testTimings, attemptMs: 400, backoffMs: 500 };
  await makeAdapter(wanted, { ...parts, timings });
  onlyOne(t, simulator);
  t.true(simulator.count('list-adapters') >= 2);
});

test.serial('trying to create ends after as many repetitions as are allowed', async (t) => {
  const { simulator, wanted } = await startAdapter(t);
  simulator.fault({ kind: 'cut-before' }, { on: 'create-adapter' });
  await refusalOf(t, makeAdapter(wanted, parts), 'upstream-unreachable');
  t.is(simulator.count('create-adapter'), 3);
});

test.serial('a token that ended is replaced once', async (t) => {
  const { simulator, wanted } = await startAdapter(t);
  const unauthorised = { kind: 'answer', status: 401, body: errorBody('Unauthorized') } as const;
  simulator.fault(unauthorised, { on: 'create-adapter', times: 1 });
  await makeAdapter(wanted, parts);
  t.is(simulator.count('token'), 2);
  onlyOne(t, simulator);
});
