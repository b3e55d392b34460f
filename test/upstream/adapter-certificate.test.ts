// A client certificate put on the KMIP adapter that has another one, and taken off: once, whatever gets lost on the way.

import test, { type ExecutionContext } from 'ava';
import { Secret } from '../../src/secret.ts';
import { makeAdapter } from '../../src/upstream/key-protect/adapter.ts';
import { addBeside, takeOff } from '../../src/upstream/key-protect/adapter-certificate.ts';
import { refusalOf } from '../kit/refusal.ts';
import type { Fault } from '../peers/key-protect/faults.ts';
import { certificatePem, otherPem, parts, startAdapter } from './adapter-kit.ts';
import { errorBody } from './fixtures.ts';

/** An adapter that has the certificate in use, among others that have not. */
const setUp = async (t: ExecutionContext) => {
  const { simulator, wanted } = await startAdapter(t);
  simulator.addAdapter('before');
  const made = await makeAdapter(wanted, parts);
  simulator.addAdapter('after');
  const { url, iamUrl, instanceId, caBundle, apiKey } = wanted;
  const access = { url, iamUrl, instanceId, caBundle, apiKey };
  const beside = { ...access, besidePem: certificatePem, certificatePem: otherPem };
  const names = () =>
    Object.fromEntries(simulator.adapters().map(({ name, certificates }) => [name, certificates.size]));
  return { simulator, made, access, beside, names };
};

test.serial('the adapter that has the one in use gets the other, once', async (t) => {
  const { made, beside, names, simulator } = await setUp(t);
  const added = await addBeside(beside, parts);
  t.is(added.adapterId, made.adapterId);
  t.not(added.certificateId, made.certificateId);
  t.deepEqual(await addBeside(beside, parts), added);
  t.deepEqual(names(), { before: 0, 'edge-1': 2, after: 0 });
  t.is(simulator.count('add-certificate'), 2);
});

test.serial('it is found too where it was uploaded by hand', async (t) => {
  const { simulator, access, names } = await setUp(t);
  const by = simulator.adapters().find(({ name }) => name === 'after');
  by?.certificates.set('mine', { id: 'mine', name: 'mine', pem: otherPem, createdAt: 0 });
  const added = await addBeside({ ...access, besidePem: otherPem, certificatePem }, parts).catch((error) => error);
  // It is on another adapter of the region already, which Key Protect refuses.
  t.regex(String(added), /KMIP_CERT_DUPLICATE_ERR/);
  t.is((await takeOff({ ...access, certificatePem: otherPem }, parts))?.certificateId, 'mine');
  t.deepEqual(names(), { before: 0, 'edge-1': 1, after: 0 });
});

test.serial('where no adapter has it nothing is made', async (t) => {
  const { access, names } = await setUp(t);
  const wanted = { ...access, besidePem: otherPem, certificatePem };
  const refused = await refusalOf(t, addBeside(wanted, parts), 'item-not-found');
  t.regex(refused.message, /no KMIP adapter of this instance has edge-[0-9a-f]{32}/);
  t.deepEqual(names(), { before: 0, 'edge-1': 1, after: 0 });
  t.is(await takeOff({ ...access, certificatePem: otherPem }, parts), undefined);
});

const losses: readonly Fault[] = [{ kind: 'cut-before' }, { kind: 'cut-after' }, { kind: 'html', status: 502 }];
for (const fault of losses) {
  test.serial(`taking off: ${fault.kind} costs a repetition, and the others stay`, async (t) => {
    const { simulator, beside, access, names } = await setUp(t);
    const { certificateId } = await addBeside(beside, parts);
    simulator.fault(fault, { on: 'delete-certificate', times: 1 });
    t.is((await takeOff({ ...access, certificatePem: otherPem }, parts))?.certificateId, certificateId);
    t.is(simulator.count('delete-certificate'), 2);
    t.deepEqual(names(), { before: 0, 'edge-1': 1, after: 0 });
  });
}

const lies: readonly (readonly [name: string, fault: Fault])[] = [
  ['no content', { kind: 'answer', status: 204, body: '' }],
  ['an object', { kind: 'answer', status: 200, body: '{}' }],
  ['a page', { kind: 'html', status: 200 }],
  ['a page that is not found', { kind: 'html', status: 404 }],
  [
    'what is not found',
    { kind: 'answer', status: 404, body: errorBody('Not found', [{ code: 'KMIP_CERT_NOT_FOUND_ERR' }]) },
  ],
];
for (const [name, fault] of lies) {
  test.serial(`taking off: ${name} is not believed while it is listed`, async (t) => {
    const { simulator, access, names } = await setUp(t);
    simulator.fault(fault, { on: 'delete-certificate' });
    await refusalOf(t, takeOff({ ...access, certificatePem }, parts));
    t.is(names()['edge-1'], 1);
    simulator.clearFaults();
    t.is((await takeOff({ ...access, certificatePem }, parts))?.adapterName, 'edge-1');
    t.is(names()['edge-1'], 0);
  });
}

test.serial('an API key without the role takes nothing off', async (t) => {
  const { simulator, access, names } = await setUp(t);
  const apiKey = new Secret(simulator.addApiKey('Writer'));
  const refused = await refusalOf(t, takeOff({ ...access, apiKey, certificatePem }, parts), 'permission-denied');
  t.regex(refused.hint ?? '', /Manager or KmipAdapterManager/);
  t.is(names()['edge-1'], 1);
});
