// Administrators' acts and clients' operations on the running server, as its management API tells of them afterwards.

import test from 'ava';
import type { AuditRecordView } from '../../src/admin/api/audit.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { createKey, item, send } from '../operations/exchange.ts';
import { getting } from '../operations/requests.ts';
import { selfSigned } from '../server/certificates.ts';

const server = sharedServer();

const last = async (limit: number): Promise<readonly AuditRecordView[]> =>
  (await server().api('audit.list', { limit })).records;

/** Waits until what was only read is stored. */
const stored = (): Promise<unknown> => server().api('audit.checkpoint', {});

test.serial('the start is recorded, and what the first start makes', async (t) => {
  await stored();
  const { records } = await server().api('audit.list', { after: 0 });
  t.is(records[0]?.event, 'kmip-edge.server.start');
});

test.serial('an act that changes something is recorded with its change, with who and on what', async (t) => {
  await server().api('instance.create', { name: 'audited', upstream: 'local', settings: {} });
  const [record] = await last(1);
  t.like(record, {
    event: 'kmip-edge.instance.create',
    outcome: 'success',
    by: 'box',
    role: 'administrator',
    instance: 'audited',
    subject: { name: 'audited', upstream: 'local' },
  });
});

test.serial('an act that is refused is recorded as refused, and once', async (t) => {
  const before = (await server().api('audit.status', {})).last;
  await t.throwsAsync(server().api('instance.create', { name: 'audited', upstream: 'local', settings: {} }));
  await stored();
  const { records } = await server().api('audit.list', { after: before });
  const found = records.filter(({ operation }) => operation === 'instance.create');
  t.deepEqual(
    found.map(({ outcome, reason }) => [outcome, reason]),
    [['refused', 'already-exists']],
  );
});

test.serial('what a client does to a key is recorded under the names that IBM gives it', async (t) => {
  const before = (await server().api('audit.status', {})).last;
  const client = await server().connect();
  const uid = await createKey(client);
  await send(client, [getting(uid), getting('not there')]);
  await client.request('Activate', { UniqueIdentifier: uid });
  await send(client, [item('Destroy', { UniqueIdentifier: uid })]);
  await stored();
  const { records } = await server().api('audit.list', { after: before });
  const short = records
    .filter(({ by }) => by === 'client')
    .map(({ event, outcome, reason, key }) => [event.replace('vmware-solutions.', ''), outcome, reason, key === uid]);
  t.deepEqual(short, [
    ['kmip-key.create', 'success', undefined, true],
    ['kmip-key.read', 'success', undefined, true],
    ['kmip-key.read', 'refused', 'item-not-found', false],
    ['kmip-key.activate', 'success', undefined, true],
    ['kmip-key.destroy', 'refused', 'wrong-state', true],
  ]);
  const create = records.find(({ operation }) => operation === 'Create');
  t.like(create, { by: 'client', instance: 'default' });
  t.regex(create?.fingerprint ?? '', /^[0-9a-f]{64}$/);
  t.regex(create?.address ?? '', /127\.0\.0\.1/);
});

test.serial('the trail of the running server verifies, checkpoints that were kept included', async (t) => {
  const checkpoint = await server().api('audit.checkpoint', {});
  let view = await server().api('audit.verify', { checkpoint });
  while (view.running) view = (await server().api('audit.status', {})).verification ?? view;
  t.deepEqual(view.report?.findings, []);
  t.true(view.report?.intact);
  const foreign = { ...checkpoint, hash: 'ab'.repeat(32) };
  view = await server().api('audit.verify', { checkpoint: foreign });
  while (view.running) view = (await server().api('audit.status', {})).verification ?? view;
  t.false(view.report?.intact);
});

test.serial('a page of records goes on where the one before ended, and nothing is in two', async (t) => {
  const { last: newest } = await server().api('audit.status', {});
  const seen: number[] = [];
  let before: number | undefined = newest + 1;
  while (before !== undefined) {
    const page: { records: readonly AuditRecordView[]; next?: number } = await server().api('audit.list', {
      before,
      limit: 3,
    });
    seen.push(...page.records.map(({ sequence }) => sequence));
    before = page.next;
  }
  t.deepEqual(
    seen,
    Array.from({ length: newest }, (_, at) => newest - at),
  );
});

test.serial('a certificate that is not admitted is recorded once, with its fingerprint', async (t) => {
  const before = (await server().api('audit.status', {})).last;
  const stranger = await selfSigned(t);
  for (let round = 0; round < 3; round += 1) {
    const files = { ...stranger, authority: server().client.authority };
    await t.throwsAsync(async () =>
      (await server().connect(files)).request('DiscoverVersions', { ProtocolVersion: [] }),
    );
  }
  await stored();
  const { records } = await server().api('audit.list', { after: before, event: 'connection.refused' });
  t.is(records.length, 1);
  t.like(records[0], { by: 'nobody', outcome: 'refused', reason: 'permission-denied' });
  t.regex(records[0]?.fingerprint ?? '', /^[0-9a-f]{64}$/);
});
