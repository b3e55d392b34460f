// Alarms and history as the management API tells them, from a whole server, also after a restart.

import test from 'ava';
import { createKey } from '../custody/requests.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { newKeyAsVcenter } from '../kit/vcenter.ts';

const sumOf = (series: readonly (number | null)[]): number => series.reduce<number>((sum, one) => sum + (one ?? 0), 0);

test('a first start is told that there is no recovery passphrase, until one is set', async (t) => {
  const { api, connect } = await startServer(t);
  const alarms = await api('alarm.list', {});
  const passphrase = async () => (await api('alarm.list', {})).find(({ name }) => name === 'no-recovery-passphrase');
  t.true(alarms.every(({ severity }) => severity === 'info'));
  t.like(await passphrase(), { severity: 'info', command: 'kmip-edge seal passphrase --file FILE' });
  t.deepEqual((await api('status', {})).alarms, alarms);
  await createKey(await connect());
  t.is((await passphrase())?.severity, 'warning');
  await api('seal.passphrase', { passphrase: 'correct horse battery' });
  t.is(await passphrase(), undefined);
});

test('requests of a vCenter are in the history, also after a restart', async (t) => {
  const dataDirectory = temporaryDirectory(t);
  const first = await startServer(t, { dataDirectory });
  await newKeyAsVcenter({ host: '127.0.0.1', port: first.port, ...first.client });
  const client = await first.connect();
  await t.throwsAsync(client.request('Get', { UniqueIdentifier: 'nowhere' }));
  const { requests, latency, upstreams, step } = await first.api('history', { hours: 1, minutes: 1 });
  t.is(step, 60_000);
  t.is(requests.answered.length, 60);
  t.true(sumOf(requests.answered) > 10);
  t.is(sumOf(requests.refused), 1);
  t.is(sumOf(requests.failed), 0);
  t.true(sumOf(latency.p99) >= sumOf(latency.p50));
  t.deepEqual(
    upstreams.map(({ instance, reachable }) => [instance, reachable.at(-1)]),
    [['default', 1]],
  );
  await first.close();
  const second = await startServer(t, { dataDirectory });
  const again = await second.api('history', { hours: 1, minutes: 1 });
  t.deepEqual(sumOf(again.requests.answered), sumOf(requests.answered));
  t.is(sumOf(again.requests.refused), 1);
});

test('a clock that is set while the server runs is an alarm for a day', async (t) => {
  const clock = new FakeClock();
  const { api } = await startServer(t, { clock });
  const isTold = async () => (await api('alarm.list', {})).find(({ name }) => name === 'clock-set');
  t.is(await isTold(), undefined);
  clock.setWall(clock.now() - 3_600_000);
  t.regex((await isTold())?.what ?? '', /set back by 3600 s/);
  await clock.pass(23 * 3_600_000);
  t.truthy(await isTold());
  await clock.pass(2 * 3_600_000);
  t.is(await isTold(), undefined);
});
