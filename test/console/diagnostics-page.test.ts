// The console's page for what is wrong: the doctor, ping, a TLS test, the log, and the bundle for a supporter to a disk and to
// an address.

import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { callForStream } from '../../src/admin/api/client.ts';
import type { Call } from '../../src/console/page.ts';
import { diagnosticsPage } from '../../src/console/pages/diagnostics.ts';
import type { OpenBundle } from '../../src/console/pages/support.ts';
import { Left } from '../../src/console/ui.ts';
import { EdgeError } from '../../src/errors.ts';
import type { JournalPart } from '../../src/system/journal.ts';
import { startServer } from '../kit/server.ts';
import { selfSigned } from '../server/certificates.ts';
import { fakeMachine } from '../system/fake-machine.ts';
import { Player } from './player.ts';

const results = [
  { check: 'clock', state: 'well', what: 'the clock is right' },
  {
    check: 'upstream',
    state: 'problem',
    what: 'it is not reached',
    todo: 'look at the firewall',
    command: 'kmip-edge doctor',
  },
];

const begin = (t: ExecutionContext, openBundle: OpenBundle = async () => Readable.from([Buffer.from('bundle')])) => {
  const [machine, player] = [fakeMachine(t), new Player()];
  const recorded: unknown[] = [];
  const followed: string[] = [];
  let tell: (line: string) => void = () => {};
  const call = (async (route: string, input: unknown) => {
    if (route === 'machine.record') recorded.push(input);
    return route === 'doctor.run' ? { results } : {};
  }) as Call;
  const follow = (part: JournalPart, onLine: (line: string) => void) => {
    followed.push(part);
    tell = onLine;
    return () => void followed.push('stopped');
  };
  const done = player.open(diagnosticsPage(machine, { follow, openBundle }), call);
  return { machine, player, recorded, followed, done, write: (line: string) => tell(line) };
};

/** Chooses to have the support bundle on a disk; which one comes next. */
const supportToDisk = async (player: Player): Promise<void> => {
  await player.see(/Doctor/);
  player.type('5');
  await player.see(/To a disk/);
  player.press('enter');
};

const disk = (path: string, fstype: string, label: string | null = null, mountpoint: string | null = null) => {
  return { path, fstype, label, mountpoints: [mountpoint] };
};
const attached = JSON.stringify({
  blockdevices: [
    disk('/dev/sda', 'ext4', 'kmip-edge-data', '/data'),
    disk('/dev/sdb', 'ext4', 'kmip-edge-data'),
    disk('/dev/sr0', 'iso9660', 'tools'),
    disk('/dev/sdc1', 'vfat', 'STICK'),
  ],
});

test('the doctor says first what is not well, and what mends it', async (t) => {
  const { player, done } = begin(t);
  await player.see(/1 {2}Doctor/);
  player.press('enter');
  const screen = await player.see(/clock is right/);
  t.regex(screen, /PROBLEM {2}upstream: it is not reached\n +look at the firewall\n +kmip-edge doctor\n well {2}clock/);
  player.press('enter');
  await player.see(/1 {2}Doctor/);
  player.press('escape');
  await done;
});

test('a ping shows what the program says; what is no address is not asked for', async (t) => {
  const { machine, player } = begin(t);
  machine.answers.set('ping', '64 bytes from 192.0.2.1\n');
  await player.see(/Doctor/);
  player.type('2');
  await player.see(/Name or address/);
  player.type('-f\n');
  await player.see(/a name or an address is needed/);
  player.type('\u0015192.0.2.1\n');
  await player.see(/64 bytes from 192\.0\.2\.1/);
  t.deepEqual(machine.commands, ['ping -c 4 -W 2 -- 192.0.2.1']);
});

test('a TLS test shows the certificate of who answers', async (t) => {
  const server = await startServer(t);
  const { player } = begin(t);
  await player.see(/Doctor/);
  player.type('3');
  await player.see(/Port/);
  player.type(`127.0.0.1\n\u0015${server.port}\n`);
  const { certificate } = await server.api('status', {});
  await player.see(/TLSv1\.3[\s\S]*No well-known authority/);
  t.true(player.screen.includes(certificate.sha256.slice(0, 40)), player.screen);
});

test('the log is followed for as long as somebody looks at it', async (t) => {
  const { player, followed, write, done } = begin(t);
  await player.see(/Doctor/);
  player.type('4');
  await player.see(/Warnings and errors/);
  player.press('enter');
  await player.see(/Log: The server/);
  write('{"level":"error","time":"2026-11-25T18:00:01.123Z","msg":"it broke"}');
  await player.see(/2026-11-25 18:00:01 ERROR it broke/);
  player.press('escape');
  await player.see(/Warnings and errors/);
  player.type('3');
  await player.see(/Log: Warnings and errors/);
  player.ui.leave();
  await t.throwsAsync(done, { instanceOf: Left });
  t.deepEqual(followed, ['server', 'stopped', 'problems', 'stopped']);
});

test('the bundle of a real server goes onto a disk that is attached, and nowhere else', async (t) => {
  const server = await startServer(t);
  const open: OpenBundle = () => callForStream(server.dataDirectory, 'support.bundle', {});
  const { machine, player, recorded } = begin(t, open);
  machine.answers.set('lsblk', attached);
  await player.see(/Doctor/);
  player.type('5');
  await player.see(/1 {2}To a disk/);
  player.press('enter');
  await player.see(/1 {2}\/dev\/sdc1 vfat STICK/);
  t.notRegex(player.screen, /sda|sdb|sr0/);
  player.press('enter');
  await player.see(/is on \/dev\/sdc1/);
  const place = join(machine.root, 'run/kmip-edge/medium');
  const [name = '', ...others] = readdirSync(place);
  t.deepEqual(others, []);
  t.regex(name, /^kmip-edge-support-edge1-\d{8}T\d{6}\.tar\.gz$/);
  t.true(gunzipSync(readFileSync(join(place, name))).includes('kmip-edge-support/doctor.json'));
  t.deepEqual(machine.commands.slice(1), [
    `mount -t vfat -o rw,nosuid,nodev,noexec /dev/sdc1 ${place}`,
    `umount ${place}`,
  ]);
  t.deepEqual(recorded, [{ name: 'support-bundle', to: '/dev/sdc1' }]);
});

test('a disk that does not take it is said to be so, and without one nothing is made', async (t) => {
  const { machine, player } = begin(t);
  machine.answers.set('lsblk', attached);
  machine.answers.set('mount', new EdgeError('internal', 'mount: /dev/sdc1 is write-protected'));
  await supportToDisk(player);
  await player.see(/sdc1/);
  player.press('enter');
  await player.see(/\/dev\/sdc1 does not take it: mount: \/dev\/sdc1 is write-protected/);
  t.false(machine.commands.some((command) => command.startsWith('umount')));
  machine.answers.set('lsblk', JSON.stringify({ blockdevices: [disk('/dev/sr0', 'iso9660')] }));
  player.press('enter');
  await supportToDisk(player);
  await player.see(/There is no further disk/);
});

test('where the server does not answer the report of the machine goes there instead', async (t) => {
  const { machine, player } = begin(t, () => Promise.reject(new EdgeError('server-not-running', 'nobody answers')));
  machine.answers.set('lsblk', attached);
  machine.answers.set('journalctl', 'the server could not start\n');
  machine.answers.set('df', new EdgeError('internal', 'df: it ended with 1'));
  await supportToDisk(player);
  await player.see(/sdc1/);
  player.press('enter');
  await player.see(/is on \/dev\/sdc1/);
  const place = join(machine.root, 'run/kmip-edge/medium');
  const [name = ''] = readdirSync(place);
  t.regex(name, /-machine\.txt\.gz$/);
  const report = gunzipSync(readFileSync(join(place, name))).toString();
  t.regex(report, /# df -h \/ \/data\ndf: it ended with 1[\s\S]*# journalctl [^\n]*\nthe server could not start/);
});

test('it goes to an address once the fingerprint of whoever is there was compared', async (t) => {
  const { certificate, privateKey } = await selfSigned(t);
  const taken: string[] = [];
  const taker = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    void buffer(request).then((bytes) => {
      taken.push(`${request.url} ${bytes}`);
      response.end();
    });
  });
  t.teardown(() => void taker.close());
  await new Promise<void>((resolve) => void taker.listen(0, '127.0.0.1', resolve));
  const { port } = taker.address() as AddressInfo;
  const { player, recorded } = begin(t);
  await player.see(/Doctor/);
  player.type('5');
  await player.see(/2 {2}To an address/);
  player.type('2');
  await player.see(/It must take a PUT/);
  player.type('http://127.0.0.1/\n');
  await player.see(/must begin with https/);
  player.type(`\u0015https://127.0.0.1:${port}/case?signature=abc\n`);
  const screen = await player.see(/To go on, type: /);
  const [, word = ''] = /To go on, type: (\S+)/.exec(screen) ?? [];
  t.regex(screen, new RegExp(`it is signed by itself[\\s\\S]*${word}\\s`));
  t.deepEqual([taken, recorded], [[], []]);
  player.type(`${word}\n`);
  await player.see(/It is at 127\.0\.0\.1/);
  t.deepEqual(taken, ['/case?signature=abc bundle']);
  t.deepEqual(recorded, [{ name: 'support-bundle', to: `https://127.0.0.1:${port}/case` }]);
});
