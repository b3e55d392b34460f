// The console's page for SSH and the root shell: off at first, on by what was typed, and never without a record.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Call } from '../../src/console/page.ts';
import { keyFingerprint, waysInPage } from '../../src/console/pages/ways-in.ts';
import { EdgeError } from '../../src/errors.ts';
import { currentSettings } from '../../src/system/settings.ts';
import { fakeMachine } from '../system/fake-machine.ts';
import { Player } from './player.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmlpmXyzzyzzyzzyzzyzzyzzyzzyzzyzzyzzyzzyzzy joe at work';
/** As ssh-keygen -l says it of that key. */
const fingerprint = 'SHA256:zOPxC7X2MZ0+6Dtm4Hot+y5EeI91YRVdO36I17Kxl2g';

const begin = async (t: ExecutionContext, records = true) => {
  const [machine, player] = [fakeMachine(t), new Player()];
  const recorded: unknown[] = [];
  const call = (async (_: string, input: unknown) => {
    if (!records) throw new EdgeError('server-not-running', 'nobody answers');
    // What is recorded has not been done yet.
    recorded.push({ ...(input as object), before: currentSettings(machine) });
    return {};
  }) as Call;
  const done = player.open(waysInPage(machine), call);
  await player.see(/SSH {9}off\n[\s\S]*Root shell {2}not allowed/);
  return { machine, player, recorded, done };
};

test('SSH is turned on for a key, shown with fingerprints, and turned off', async (t) => {
  const { machine, player, recorded, done } = await begin(t);
  player.press('enter');
  await player.see(/Public key/);
  player.type('joe\n');
  await player.see(/not a public key of OpenSSH/);
  player.type(`\u0015${key}\n`);
  await player.see(/SSH is on/);
  t.is(readFileSync(join(machine.root, 'data/ssh/authorized_keys'), 'utf8'), `${key}\n`);
  player.press('enter');
  const screen = await player.see(/on, as root, for the key joe at work/);
  t.true(screen.includes(fingerprint), screen);
  player.type('2');
  await player.see(/SSH is off/);
  player.press('enter');
  await player.see(/SSH {9}off/);
  t.is(machine.commands.at(-1), 'systemctl stop ssh.service');
  t.deepEqual(recorded, [
    { name: 'ssh-on', to: fingerprint, before: {} },
    { name: 'ssh-off', to: undefined, before: { 'ssh-key': key } },
  ]);
  player.press('escape');
  await done;
});

test('a root shell is opened only once it was allowed by a word, and each is recorded', async (t) => {
  const { machine, player, recorded } = await begin(t);
  t.notRegex(player.screen, /Open a root shell/);
  player.type('2');
  await player.see(/To go on, type: root shell/);
  player.press('escape');
  await player.see(/not allowed/);
  player.type('2');
  await player.see(/To go on/);
  player.type('root shell\n');
  await player.see(/Root shell {2}allowed[\s\S]*2 {2}Open a root shell/);
  player.type('2');
  await player.see(/Open a root shell/);
  t.is(player.handedOver.length, 1);
  const [shell] = player.handedOver;
  t.is(shell?.program, '/bin/bash');
  t.is(shell?.environment['TMOUT'], '300');
  t.is(shell?.environment['PATH'], '/usr/sbin:/usr/bin:/sbin:/bin');
  player.type('3');
  await player.see(/not allowed/);
  t.deepEqual(currentSettings(machine), {});
  const on = { 'root-shell': 'on' };
  t.deepEqual(recorded, [
    { name: 'root-shell-on', to: undefined, before: {} },
    { name: 'root-shell-opened', to: undefined, before: on },
    { name: 'root-shell-off', to: undefined, before: on },
  ]);
});

test('what cannot be recorded is not done', async (t) => {
  const { machine, player } = await begin(t, false);
  player.type('2');
  await player.see(/To go on/);
  player.type('root shell\n');
  await player.see(/nobody answers/);
  player.press('enter');
  await player.see(/not allowed/);
  player.press('enter');
  await player.see(/Public key/);
  player.type(`${key}\n`);
  await player.see(/nobody answers/);
  t.deepEqual(currentSettings(machine), {});
  t.deepEqual(machine.commands, []);
  t.deepEqual(player.handedOver, []);
});

test('a fingerprint is that of OpenSSH', (t) => {
  t.is(keyFingerprint(key), fingerprint);
});
