// The audit trail as lines of the log: what is written, at which level, and how much a client can make of it.

import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { createLogRecorder } from '../../src/audit/log-recorder.ts';
import type { AuditEntry } from '../../src/keys/audit-ports.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { createKey, item, nameOf, outcomeOf, send } from '../operations/exchange.ts';
import { getting } from '../operations/requests.ts';

const entry: AuditEntry = {
  by: 'client',
  name: 'host',
  fingerprint: 'f',
  address: '192.0.2.1',
  instanceId: 'i',
  operation: 'Destroy',
  uid: 'u',
  outcome: 'success',
};
const refused = { ...entry, outcome: 'refused' } as const;
const failed = { ...entry, outcome: 'failed', reason: 'lease-ended' } as const;

const levels: readonly (readonly [what: string, entry: AuditEntry, level: string])[] = [
  ['a change', entry, 'info'],
  ['a read', { ...entry, operation: 'Get' }, 'debug'],
  ['a refusal', { ...refused, reason: 'of-another-instance' }, 'warn'],
  ['a failure', failed, 'warn'],
  ['a read of nothing', { ...refused, operation: 'Get', reason: 'item-not-found' }, 'warn'],
];
for (const [what, given, level] of levels) {
  test(`${what} is a line of level ${level}`, (t) => {
    const log = createMemoryLog();
    createLogRecorder(log).record(given);
    const event = given.outcome === 'success' ? 'operation' : `operation ${given.outcome}`;
    t.deepEqual(log.lines, [{ level, event, fields: given }]);
  });
}

test('what one client does not find is one line in a while, and other refusals are all there', (t) => {
  const log = createMemoryLog();
  const recorder = createLogRecorder(log);
  for (let round = 0; round < 50; round += 1) {
    recorder.record({ ...refused, uid: `${round}`, reason: 'item-not-found' });
    recorder.record({ ...refused, uid: `${round}`, reason: 'of-another-instance' });
  }
  recorder.record({ ...refused, fingerprint: 'g', reason: 'item-not-found' });
  t.deepEqual(
    log.alarms.filter(({ fields }) => fields['reason'] === 'item-not-found').map(({ fields }) => fields['fingerprint']),
    ['f', 'g'],
  );
  t.is(log.alarms.length, 52);
});

const log = createMemoryLog();
const server = sharedServer({ log });

/** Runs `act` and gives the lines of the audit trail that it left, as operation and refusal. */
const trailOf = async (act: () => Promise<unknown>) => {
  // What was done before is told a moment after its answer.
  await setTimeout(20);
  const before = log.lines.length;
  await act();
  await setTimeout(20);
  return log.lines
    .slice(before)
    .filter(({ event, fields }) => event.startsWith('operation') && fields['by'] === 'client')
    .map(({ level, fields }) => [level, fields['operation'], fields['uid'], fields['problem']]);
};

test.serial('a client that names an object of 900 KB leaves no long line', async (t) => {
  const client = await server().connect();
  for (const length of [256, 900_000]) {
    const { items } = await send(client, [getting('u'.repeat(length))]);
    t.is(outcomeOf(items[0]).reason, 'ItemNotFound');
  }
  t.true(log.lines.some(({ fields }) => fields['reason'] === 'item-not-found'));
  for (const line of log.lines) t.true(JSON.stringify(line).length < 1000);
});

test.serial('a change is recorded once, as done or as refused', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client);
  const done = await trailOf(() => client.request('Activate', { UniqueIdentifier: uid }));
  t.deepEqual(done, [['info', 'Activate', uid, undefined]]);
  const refusal = await trailOf(() => send(client, [item('Destroy', { UniqueIdentifier: uid })]));
  t.deepEqual(refusal, [['warn', 'Destroy', uid, `object '${uid}' is Active and does not permit: destroy`]]);
});

test.serial('a key that was not made is recorded as refused', async (t) => {
  const client = await server().connect();
  await createKey(client, nameOf('taken'));
  const trail = await trailOf(() => t.throwsAsync(createKey(client, nameOf('taken'))));
  const [[level, operation, , refusal] = []] = trail;
  t.deepEqual([trail.length, level, operation], [1, 'warn', 'Create']);
  t.regex(String(refusal), /^the name is already that of object/);
});

test.serial('a Get says whether memory or the store served it', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client);
  const before = log.lines.length;
  await send(client, [getting(uid)]);
  const found = log.lines.slice(before).filter(({ fields }) => fields['operation'] === 'Get');
  t.deepEqual(
    found.map(({ fields }) => [fields['outcome'], fields['servedFrom']]),
    [['success', 'memory']],
  );
});
