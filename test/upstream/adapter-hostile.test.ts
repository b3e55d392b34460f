// A service that lies about KMIP adapters: it gets no verdict out of us, no path of its choice, and none of our secrets
// into a text.

import { inspect } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { systemClock } from '../../src/clock.ts';
import { EdgeError } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import { makeAdapter } from '../../src/upstream/key-protect/adapter.ts';
import { anyText } from '../kit/any-text.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { refusalOf } from '../kit/refusal.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import type { Route } from '../peers/key-protect/routes.ts';
import { errorBody } from './fixtures.ts';
import { startSimulator, testTimings } from './kit.ts';

const tls = makeTlsMaterial();
const { certPem: certificatePem } = makeTlsMaterial();
const adapterType = 'application/vnd.ibm.kms.kmip_adapter+json';
const certificateType = 'application/vnd.ibm.kms.kmip_client_certificate+json';
const timings = { ...testTimings, retries: 0, breakerFailures: 1_000_000 };

const start = async (t: ExecutionContext) => {
  const simulator = await startSimulator(t, { tls });
  const { url, iamUrl, instanceId, crk, caPem: caBundle } = simulator;
  const apiKey = simulator.addApiKey('Manager');
  const log = createMemoryLog();
  const wanted = { name: 'edge', certificatePem, url, iamUrl, instanceId, crk, caBundle, apiKey: new Secret(apiKey) };
  return { simulator, apiKey, log, run: () => makeAdapter(wanted, { clock: systemClock, log, timings }) };
};

const answer = (collectionType: string, resources: unknown) => ({ metadata: { collectionType }, resources });
const adapter = (changes: object) => ({ id: 'a-1', name: 'edge', profile: 'native_1.0', ...changes });

const lies: readonly (readonly [name: string, on: Route, body: unknown])[] = [
  ['a list of another type', 'list-adapters', answer('application/vnd.ibm.kms.key+json', [])],
  ['an error with status 200', 'list-adapters', errorBody('Forbidden')],
  ['more adapters than a page holds', 'list-adapters', answer(adapterType, Array(201).fill(adapter({})))],
  ['an adapter whose id leaves the path', 'list-adapters', answer(adapterType, [adapter({ id: '../keys' })])],
  ['an adapter without a name', 'create-adapter', answer(adapterType, [{ id: 'a-1', profile: 'native_1.0' }])],
  ['another adapter than was made', 'create-adapter', answer(adapterType, [adapter({ name: 'other' })])],
  ['two adapters for one', 'create-adapter', answer(adapterType, [adapter({}), adapter({})])],
  ['nothing made', 'create-adapter', answer(adapterType, [])],
  ['a certificate list of adapters', 'list-certificates', answer(adapterType, [])],
  ['another certificate than was added', 'add-certificate', answer(certificateType, [{ id: 'c', name: 'other' }])],
  [
    'a certificate with an id that leaves the path',
    'add-certificate',
    answer(certificateType, [{ id: '..', name: 'x' }]),
  ],
];

for (const [name, on, body] of lies) {
  test.serial(`${name} is not believed`, async (t) => {
    const { simulator, run } = await start(t);
    simulator.fault({ kind: 'answer', status: on.startsWith('list') ? 200 : 201, body }, { on });
    const error = await refusalOf(t, run(), 'upstream-unreachable');
    t.regex(error.message, new RegExp(`20[01] to ${on}, but`));
  });
}

test.serial('an adapter made with an answer that is not believed is found by looking', async (t) => {
  const { simulator, run } = await start(t);
  simulator.addAdapter('edge');
  simulator.fault({ kind: 'answer', status: 200, body: answer(adapterType, []) }, { on: 'list-adapters', times: 1 });
  simulator.fault({ kind: 'garbage', status: 201 }, { on: 'create-adapter' });
  t.is((await run()).adapterId, simulator.adapters()[0]?.id ?? '');
});

test.serial('a certificate of our name that is another one is not taken for ours', async (t) => {
  const { simulator, run } = await start(t);
  const { certificateId } = await run();
  const certificate = { id: certificateId, name: 'x', certificate: makeTlsMaterial().certPem };
  simulator.fault(
    { kind: 'answer', status: 200, body: answer(certificateType, [certificate]) },
    { on: 'read-certificate' },
  );
  await refusalOf(t, run(), 'already-exists');
});

test.serial('a PEM of nonsense is no certificate of ours', async (t) => {
  const { simulator, run } = await start(t);
  const { certificateId } = await run();
  const body = answer(certificateType, [{ id: certificateId, name: 'x', certificate: 'nonsense' }]);
  simulator.fault({ kind: 'answer', status: 200, body }, { on: 'read-certificate' });
  await refusalOf(t, run(), 'already-exists');
});

test.serial('an answer that is too large is cut off', async (t) => {
  const { simulator, run } = await start(t);
  simulator.fault({ kind: 'oversized', bytes: 5_000_000 }, { on: 'list-adapters' });
  t.regex((await refusalOf(t, run(), 'upstream-unreachable')).message, /too large/);
});

test.serial('a service without KMIP adapters is named as such', async (t) => {
  const { simulator, run } = await start(t);
  simulator.fault({ kind: 'answer', status: 404, body: '404 page not found' }, { on: 'list-adapters' });
  t.regex((await refusalOf(t, run(), 'upstream-unreachable')).message, /404 to list-adapters/);
});

const statuses = fc.constantFrom(200, 201, 204, 302, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503);
const bodies = fc.oneof(
  fc.json(),
  fc.record({ metadata: fc.jsonValue(), resources: fc.jsonValue() }).map((value) => JSON.stringify(value)),
  anyText({ maxLength: 300 }),
);

for (const on of ['list-adapters', 'create-adapter', 'list-certificates', 'add-certificate'] as const) {
  test.serial(`random answers to ${on} are upstream-unreachable`, async (t) => {
    const { simulator, run } = await start(t);
    const property = fc.asyncProperty(statuses, bodies, async (status, body) => {
      const clear = simulator.fault({ kind: 'answer', status, body: status === 204 ? '' : body }, { on });
      try {
        await run();
        return false;
      } catch (error) {
        return error instanceof EdgeError && error.kind === 'upstream-unreachable';
      } finally {
        clear();
      }
    });
    await t.notThrowsAsync(fc.assert(property, { numRuns: 40 }));
  });
}

test.serial('the API key and the token stay out of errors and logs, even when the service echoes them', async (t) => {
  const { simulator, apiKey, log, run } = await start(t);
  await run();
  const token = String(simulator.last('list-adapters')?.headers.authorization).slice('Bearer '.length);
  for (const status of [400, 401, 403, 409, 503]) {
    // the token of this run is another one: both are shown as what they look like
    const clear = simulator.fault({ kind: 'answer', status, body: errorBody(`${apiKey} ${token}`) });
    const error = await t.throwsAsync(run(), { instanceOf: EdgeError });
    const shown = `${inspect(error, { depth: 9 })} ${JSON.stringify(log.lines)}`;
    for (const secret of [apiKey, token]) t.false(shown.includes(secret.slice(0, 40)), `${status} shows a secret`);
    clear();
  }
});
