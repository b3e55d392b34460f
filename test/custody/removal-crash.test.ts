// The removal of a service instance with 10,000 keys by a process that is killed twice on the way: it goes on by itself,
// others are served meanwhile, and at the end no form of any of the keys is left in the files.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { call } from '../../src/admin/api/client.ts';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { startDaemon } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { until } from '../kit/until.ts';
import { sampleObject, textAttribute } from '../store/samples.ts';
import { withDatabase } from './kit.ts';
import { createKey, getKey } from './requests.ts';

const count = 10_000;
const atOnce = 2_000;

test('a removal that is killed twice goes on, others are served meanwhile, and nothing is left', async (t) => {
  const directory = temporaryDirectory(t);
  const [data, config] = [join(directory, 'data'), join(directory, 'config.yaml')];
  writeFileSync(config, 'removal:\n  wait: 0 s\n');
  const start = () => startDaemon(t, data, ['--config', config, '--admin-listen', 'off', '--log-level', 'warn']);
  const first = await start();
  await call(data, 'instance.create', { name: 'other', upstream: 'local', settings: {} });
  const issued = await call(data, 'client.issue', { instance: 'other', name: 'host' });
  const { certificatePem: certificate, privateKeyPem: privateKey, authorityPem: authority } = issued;
  const connect = (port: number) => connectKmip({ host: '127.0.0.1', port, certificate, privateKey, authority });
  const making = await connect(first.port);
  const uid = await createKey(making);
  const bytes = await getKey(making, uid);
  making.close();
  await first.end('SIGTERM');
  const marks = await fillDefault(data);

  const times: number[] = [];
  const left: number[] = [];
  let daemon = await start();
  await call(data, 'instance.remove', { name: 'default', confirm: 'default' });
  for (let kills = 0; kills < 2; kills += 1) {
    const client = await connect(daemon.port);
    for (const end = performance.now() + 250; performance.now() < end; ) {
      const began = performance.now();
      t.deepEqual(await getKey(client, uid), bytes);
      times.push(performance.now() - began);
      await setTimeout(2);
    }
    await daemon.end('SIGKILL');
    client.close();
    left.push(objectsIn(data));
    daemon = await start();
  }
  const names = async () => (await call(data, 'instance.list', {})).map(({ name }) => name);
  await until(async () => !(await names()).includes('default'));
  t.deepEqual(await names(), ['other']);
  t.deepEqual(await getKey(await connect(daemon.port), uid), bytes);
  await daemon.end('SIGTERM');
  t.is(objectsIn(data), 1);
  t.true(
    left.every((number, index) => number <= (left[index - 1] ?? count + 1)),
    `${left}`,
  );
  const files = readdirSync(data).filter((name) => name.startsWith('kmip-edge.sqlite'));
  const content = files.map((name) => readFileSync(join(data, name)).toString('latin1')).join('');
  t.deepEqual(
    marks.filter((mark) => content.includes(mark)),
    [],
  );
  const sorted = times.toSorted((one, other) => one - other);
  const [median, worst] = [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0];
  t.log(`left after each kill: ${left}; Get meanwhile: median ${median.toFixed(1)} ms, worst ${worst.toFixed(0)} ms`);
  t.true(median < 100, `a Get takes ${median} ms while an instance is erased`);
});

const objectsIn = (data: string): number =>
  withDatabase(data, (database) => Number(database.prepare('SELECT count(*) FROM object').pluck().get()));

/** Keys as Create would have stored them; gives texts of theirs by which they would be found in a file. */
const fillDefault = async (data: string): Promise<readonly string[]> => {
  const store = openSqliteStore(join(data, 'kmip-edge.sqlite'));
  const instance = store.instances.instances().find(({ name }) => name === 'default');
  if (!instance) throw new Error('there is no instance');
  const owner = { instanceId: instance.id, upstreamId: instance.upstreamId };
  const marks: string[] = [];
  for (let made = 0; made < count; made += atOnce) {
    const objects = Array.from({ length: atOnce }, () => sampleObject(owner));
    await store.write((tx) => {
      for (const object of objects) tx.objects.insert(object, [textAttribute('x-Name', `name of ${object.uid}`)]);
    });
    for (const { uid, wrapped } of objects.slice(0, 20))
      marks.push(`name of ${uid}`, wrapped?.text.slice(0, 60) ?? uid);
  }
  await store.close();
  return marks;
};
