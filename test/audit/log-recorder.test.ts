// The audit trail as lines of the log: what is written, at which level, and how much a client can make of it.

import test from 'ava';
import { createLogRecorder } from '../../src/audit/log-recorder.ts';
import type { AuditEntry } from '../../src/keys/ports.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { createKey, item, nameOf, outcomeOf, send } from '../operations/exchange.ts';
import { getting } from '../operations/requests.ts';

const entry: AuditEntry = {
  client: 'host',
  fingerprint: 'f',
  address: '192.0.2.1',
  instanceId: 'i',
  operation: 'Destroy',
  uid: 'u',
};

const levels: readonly (readonly [what: string, entry: AuditEntry, level: string])[] = [
  ['a change', entry, 'info'],
  ['a read', { ...entry, operation: 'Get' }, 'debug'],
  ['a refusal', { ...entry, refusal: 'of another service instance' }, 'warn'],
  ['a read of nothing', { ...entry, operation: 'Get', refusal: 'not found' }, 'warn'],
];
for (const [what, given, level] of levels) {
  test(`${what} is a line of level ${level}`, (t) => {
    const log = createMemoryLog();
    createLogRecorder(log).record(given);
    t.deepEqual(log.lines, [{ level, event: given.refusal ? 'operation refused' : 'operation', fields: given }]);
  });
}

test('what one client does not find is one line in a while, and other refusals are all there', (t) => {
  const log = createMemoryLog();
  const recorder = createLogRecorder(log);
  for (let round = 0; round < 50; round += 1) {
    recorder.record({ ...entry, uid: `${round}`, refusal: 'not found' });
    recorder.record({ ...entry, uid: `${round}`, refusal: 'of another service instance' });
  }
  recorder.record({ ...entry, fingerprint: 'g', refusal: 'not found' });
  t.deepEqual(
    log.alarms.filter(({ fields }) => fields['refusal'] === 'not found').map(({ fields }) => fields['fingerprint']),
    ['f', 'g'],
  );
  t.is(log.alarms.length, 52);
});

const log = createMemoryLog();
const server = sharedServer({ log });

/** Runs `act` and gives the lines of the audit trail that it left, as operation and refusal. */
const trailOf = async (act: () => Promise<unknown>) => {
  const before = log.lines.length;
  await act();
  return log.lines
    .slice(before)
    .filter(({ event }) => event.startsWith('operation'))
    .map(({ level, fields }) => [level, fields['operation'], fields['uid'], fields['refusal']]);
};

test.serial('a client that names an object of 900 KB leaves no long line', async (t) => {
  const client = await server().connect();
  for (const length of [256, 900_000]) {
    const { items } = await send(client, [getting('u'.repeat(length))]);
    t.is(outcomeOf(items[0]).reason, 'ItemNotFound');
  }
  t.true(log.lines.some(({ fields }) => fields['refusal'] === 'not found'));
  for (const line of log.lines) t.true(JSON.stringify(line).length < 1000);
});

test.serial('a change that the life cycle does not permit is recorded as refused, and not as done alone', async (t) => {
  const client = await server().connect();
  const uid = await createKey(client);
  await client.request('Activate', { UniqueIdentifier: uid });
  const trail = await trailOf(() => send(client, [item('Destroy', { UniqueIdentifier: uid })]));
  t.deepEqual(
    trail.filter(([level]) => level !== 'debug'),
    [
      ['info', 'Destroy', uid, undefined],
      ['warn', 'Destroy', uid, `object '${uid}' is Active and does not permit: destroy`],
    ],
  );
});

test.serial('a key that was not made is recorded as refused', async (t) => {
  const client = await server().connect();
  await createKey(client, nameOf('taken'));
  const trail = await trailOf(() => t.throwsAsync(createKey(client, nameOf('taken'))));
  const [[, , asked] = [], [level, operation, uid, refusal] = []] = trail.filter(([level]) => level !== 'debug');
  t.deepEqual([level, operation, uid], ['warn', 'Create', asked]);
  t.regex(String(refusal), /^the name is already that of object/);
});
