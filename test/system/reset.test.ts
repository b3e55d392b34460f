// Factory reset: what goes and what stays, and that a power cut at any point leads to the same end.

import {
  closeSync,
  existsSync,
  globSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { erase } from '../../src/system/erase.ts';
import { askedReset, askForReset, carryOutReset, type Keys, resetSteps } from '../../src/system/reset.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { restoreCommands } from './restoring.ts';

const files = [
  'data/settings/settings.json',
  'data/settings/first-set-up.json',
  'data/seal/kmip-edge.storage-key',
  'data/seal/how',
  'data/ssh/authorized_keys',
  'data/ssh/ssh_host_ed25519_key',
  'data/kmip-edge/kmip-edge.db',
  'data/kmip-edge/kmip-edge.yaml',
  'data/kmip-edge/deep/er/file',
  'data/update/record.json',
  'data/system/package.json',
  'data/system/var/lib/systemd/credential.secret',
  'data/lost+found/x',
] as const;

const filled = (t: ExecutionContext) => {
  const root = temporaryDirectory(t);
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), `planted ${file}`);
  }
  return { root };
};

const left = ({ root }: { readonly root: string }): readonly string[] =>
  globSync('**', { cwd: root })
    .filter((path) => statSync(join(root, path)).isFile())
    .toSorted();

const kept = [
  'data/kmip-edge/deep/er/file',
  'data/kmip-edge/forget-access',
  'data/kmip-edge/kmip-edge.db',
  'data/lost+found/x',
  'data/seal/how',
  'data/seal/kmip-edge.storage-key',
  'data/settings/set-up-done',
  'data/system/package.json',
  'data/system/var/lib/systemd/credential.secret',
  'data/update/record.json',
];
const ends: readonly (readonly [Keys, readonly string[]])[] = [
  ['keep', kept],
  ['destroy', ['data/lost+found/x']],
];

for (const [keys, wanted] of ends) {
  test(`a reset that is to ${keys} keys leaves exactly what it should`, (t) => {
    const machine = filled(t);
    t.is(carryOutReset(machine), undefined);
    t.is(left(machine).length, files.length);
    askForReset(machine, keys);
    t.is(carryOutReset(machine), keys);
    t.deepEqual(left(machine), wanted);
    t.is(carryOutReset(machine), undefined);
  });

  test(`a power cut after any step of it leads to the same end: ${keys}`, (t) => {
    const count = resetSteps(filled(t), keys).length;
    t.true(count > 3);
    for (let cut = 0; cut <= count; cut += 1) {
      const machine = filled(t);
      askForReset(machine, keys);
      for (const step of resetSteps(machine, keys).slice(0, cut)) step();
      t.is(askedReset(machine), cut === count ? undefined : keys);
      carryOutReset(machine);
      t.deepEqual(left(machine), wanted, `cut after ${cut}`);
    }
  });
}

test('a server that was broken into cannot stop a reset by a folder in the way of its note', (t) => {
  const machine = filled(t);
  for (const name of ['forget-access', 'forget-access.new']) {
    mkdirSync(join(machine.root, 'data/kmip-edge', name, 'full'), { recursive: true });
  }
  askForReset(machine, 'keep');
  t.is(carryOutReset(machine), 'keep');
  t.deepEqual(left(machine), kept);
});

test('a copy of the data that an update has left is written over where keys are destroyed', (t) => {
  const machine = filled(t);
  const path = join(machine.root, 'data/update/trial/storage-key.credential');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'planted secret');
  const file = openSync(path, 'r');
  askForReset(machine, 'destroy');
  carryOutReset(machine);
  t.false(readFileSync(file).some((byte) => byte !== 0));
  closeSync(file);
});

test('what opens the keys is the first to go where keys are destroyed', (t) => {
  const machine = filled(t);
  resetSteps(machine, 'destroy')[0]?.();
  t.deepEqual(
    left(machine).filter((path) => path.startsWith('data/seal')),
    [],
  );
});

for (const content of ['', '{', '[]', '{"keys":"all"}', '{"keys":["destroy"]}']) {
  test(`a marker that says ${JSON.stringify(content)} destroys no keys`, (t) => {
    const machine = filled(t);
    writeFileSync(join(machine.root, 'data/settings/reset.json'), content);
    t.is(carryOutReset(machine), 'keep');
    t.deepEqual(left(machine), kept);
  });
}

test('what is erased was written over before: nothing of it is behind another name', (t) => {
  const root = temporaryDirectory(t);
  const path = join(root, 'secret');
  writeFileSync(path, 'planted-secret'.repeat(200_000));
  // Who has it open still sees the same blocks.
  const before = statSync(path).size;
  const held = openSync(path, 'r');
  t.teardown(() => closeSync(held));
  erase(path);
  const after = readFileSync(held);
  t.is(after.length, before);
  t.true(after.every((byte) => byte === 0));
  t.false(existsSync(path));
});

test('after a reset the server knows neither password nor tokens, and every key still', async (t) => {
  const first = await startServer(t, { settings: { 'admin.listen': '127.0.0.1:0' } });
  const { dataDirectory } = first;
  await first.api('password.set', { password: 'correct horse battery' });
  await first.api('token.create', { name: 'robot', role: 'operator', lifetime: 3_600_000 });
  await first.close();
  writeFileSync(join(dataDirectory, 'forget-access'), '');
  const second = await startServer(t, { dataDirectory, settings: { 'admin.listen': '127.0.0.1:0' } });
  t.false((await second.api('status', {})).https.passwordSet);
  t.deepEqual(await second.api('token.list', {}), []);
  t.is((await second.api('instance.list', {}))[0]?.name, 'default');
  t.false(existsSync(join(dataDirectory, 'forget-access')));
});

test('the README says how a backup is restored onto an appliance, with the sockets and the owner that the units name', (t) => {
  const commands = restoreCommands().join('\n');
  const units = join(import.meta.dirname, '../../appliance/etc/systemd/system');
  const sockets = readdirSync(units).filter((name) => name.endsWith('.socket'));
  t.deepEqual(sockets, ['kmip-edge-kmip.socket', 'kmip-edge-page.socket']);
  for (const verb of ['stop', 'start']) t.true(commands.includes(`systemctl ${verb} ${sockets.join(' ')} kmip-edge`));
  const prepared = readFileSync(join(import.meta.dirname, '../../appliance/usr/lib/kmip-edge/prepare-state'), 'utf8');
  const made = commands.split('\n').find((command) => command.startsWith('install ')) ?? 'none';
  t.true(prepared.split('\n').includes(made));
});
