// The console's pages about the machine itself, on a machine that takes notes: what is asked, what is done, and what is
// recorded.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Call, Page } from '../../src/console/page.ts';
import { networkPage } from '../../src/console/pages/network.ts';
import { powerPage } from '../../src/console/pages/power.ts';
import { resetPage } from '../../src/console/pages/reset.ts';
import { clockText, timePage } from '../../src/console/pages/time.ts';
import { EdgeError } from '../../src/errors.ts';
import { askedReset } from '../../src/system/reset.ts';
import { currentSettings } from '../../src/system/settings.ts';
import { startServer } from '../kit/server.ts';
import { type FakeMachine, fakeMachine } from '../system/fake-machine.ts';
import { Player } from './player.ts';

const noServer: Call = () => Promise.reject(new EdgeError('server-not-running', 'nobody answers'));

interface Recorded {
  readonly name: string;
  readonly to?: string | undefined;
}

/** A server that knows one instance with three keys. */
const server = () => {
  const recorded: Recorded[] = [];
  const answer = (route: string, input: unknown): unknown => {
    if (route === 'machine.record') return recorded.push(input as Recorded) && {};
    if (route === 'status') return { instances: [{ name: 'default', keys: 3 }] };
    if (route === 'doctor.run') {
      return { results: [{ check: 'upstream-path', state: 'well', what: 'Key Protect is reached' }] };
    }
    throw new EdgeError('internal', route);
  };
  const call = (async (route: string, input: unknown) => answer(route, input)) as Call;
  return { call, recorded };
};

const open = (t: ExecutionContext, page: (machine: FakeMachine) => Page, call: Call) => {
  const machine = fakeMachine(t);
  const player = new Player();
  return { machine, player, done: player.open(page(machine), call) };
};

const erase = '\u0015';

test('another network is tried, found well, kept and recorded', async (t) => {
  const { call, recorded } = server();
  const check = async () => [{ isWell: true, text: 'the gateway 192.0.2.1 answers' }];
  const { machine, player, done } = open(t, (one) => networkPage(one, { check }), call);
  await player.see(/Name servers/);
  player.press('enter');
  await player.see(/taken back after 60 seconds/);
  player.type('edge2\n');
  player.press('right', 'tab');
  player.type('192.0.2.10/24\n192.0.2.1\n192.0.2.2\n');
  player.press('f2');
  await player.see(/The new network works[\s\S]*well: the gateway 192\.0\.2\.1 answers[\s\S]*Key Protect is reached/);
  t.deepEqual(currentSettings(machine), {});
  player.press('enter');
  await player.see(/It stays/);
  t.deepEqual(currentSettings(machine), {
    hostname: 'edge2',
    address: '192.0.2.10/24',
    gateway: '192.0.2.1',
    dns: '192.0.2.2',
  });
  t.deepEqual(recorded, [{ name: 'network', to: 'edge2 192.0.2.10/24' }]);
  player.press('enter');
  await player.see(/Change it/);
  player.press('escape');
  await done;
});

test('what is wrong comes back in the form; what does not work is not kept unless somebody wants it', async (t) => {
  const { call, recorded } = server();
  const check = async () => [{ isWell: false, text: 'the gateway does not answer to a ping' }];
  const { machine, player, done } = open(t, (one) => networkPage(one, { check }), call);
  await player.see(/Change it/);
  player.press('enter');
  await player.see(/taken back/);
  player.type('edge_2');
  player.press('f2');
  await player.see(/Host name: 'edge_2' is not letters/);
  player.type(`${erase}edge2`);
  player.press('f2');
  await player.see(/does not work[\s\S]*NOT WELL: the gateway does not answer/);
  player.press('enter');
  await player.see(/The old network is back/);
  t.deepEqual(currentSettings(machine), {});
  t.deepEqual(recorded, []);
  t.is(machine.commands.filter((line) => line.startsWith('hostname ')).at(-1), 'hostname kmip-edge');
  player.press('enter');
  await player.see(/Change it/);
  player.press('escape');
  await done;
});

test('the time: how far off, and other servers', async (t) => {
  const { call, recorded } = server();
  const { machine, player, done } = open(t, timePage, call);
  machine.answers.set('chronyc -c tracking', 'C0000204,time.example.com,3,0,-7.25,0');
  await player.see(/Change time servers/);
  player.press('enter');
  await player.see(/Names or addresses/);
  player.type('192.0.2.4\nEurope/Berlin\n');
  await player.see(/It is changed/);
  player.press('enter');
  await player.see(/Time zone {5}Europe\/Berlin[\s\S]*7\.3 s ahead of time\.example\.com: set it now/);
  t.deepEqual(recorded, [{ name: 'time', to: '192.0.2.4 Europe/Berlin' }]);
  player.type('2');
  await player.see(/Set the clock now/);
  player.press('escape');
  await done;
  t.true(machine.commands.includes('chronyc makestep'));
});

test('a clock that nobody has told is said to be one', (t) => {
  t.regex(clockText({ source: undefined, offset: 0 })[0] ?? '', /No time server has answered/);
  t.deepEqual(clockText({ source: 'a', offset: 0.0021 }), ['The clock is  2.1 ms behind a']);
});

const powers: readonly (readonly [choice: string, word: string, command: string])[] = [
  ['1', 'restart', 'systemctl restart kmip-edge.service'],
  ['2', 'restart', 'systemctl --no-block reboot'],
  ['3', 'shut down', 'systemctl --no-block poweroff'],
];
for (const [choice, word, command] of powers) {
  test(`choice ${choice}: '${command}' after '${word}', without a server too`, async (t) => {
    const { machine, player, done } = open(t, powerPage, noServer);
    await player.see(/Shut the appliance down/);
    player.type(choice);
    await player.see(new RegExp(`type: ${word}`));
    player.type('no\n');
    await player.see(/That is not/);
    t.deepEqual(machine.commands, []);
    player.type(`${erase}${word}\n`);
    await player.see(/now\.|again\./);
    t.deepEqual(machine.commands, [command]);
    player.press('enter');
    await done;
  });
}

test('a reset keeps the keys unless they are to go in a step of their own', async (t) => {
  const { call, recorded } = server();
  const { machine, player, done } = open(t, resetPage, call);
  await player.see(/No password is set then\s+and no token is left[\s\S]*type: edge1/);
  player.type('edge1\n');
  await player.see(/What is to become of the keys/);
  player.type('1');
  await player.see(/The appliance restarts now/);
  t.is(askedReset(machine), 'keep');
  t.deepEqual(recorded, [{ name: 'reset', to: 'keys are kept' }]);
  t.deepEqual(machine.commands, ['systemctl --no-block reboot']);
  player.press('enter');
  await done;
});

test('keys are destroyed after their number was shown and a second name typed', async (t) => {
  const { call } = server();
  const { machine, player, done } = open(t, resetPage, call);
  await player.see(/type: edge1/);
  player.type('edge1\n');
  await player.see(/become of the keys/);
  player.type('2');
  await player.see(/Destroyed are 3 keys of 1 service instance,[\s\S]*type: destroy edge1/);
  player.type('edge1\n');
  await player.see(/That is not/);
  t.is(askedReset(machine), undefined);
  player.type(`${erase}destroy edge1\n`);
  await player.see(/The appliance restarts now/);
  t.is(askedReset(machine), 'destroy');
  player.press('enter');
  await done;
});

for (const [what, keys] of [
  ['the first word', ['escape']],
  ['the question about keys', ['e', 'escape']],
] as const) {
  test(`a reset that is left at ${what} does nothing`, async (t) => {
    const { machine, player, done } = open(t, resetPage, server().call);
    await player.see(/type: edge1/);
    if (keys[0] === 'e') {
      player.type('edge1\n');
      await player.see(/become of the keys/);
    }
    player.press('escape');
    await done;
    t.deepEqual(machine.commands, []);
    t.false(existsSync(join(machine.root, 'data/settings/reset.json')));
  });
}

test('a reset that the server cannot record is not done', async (t) => {
  const { machine, player, done } = open(t, resetPage, noServer);
  await player.see(/type: edge1/);
  player.type('edge1\n');
  await player.see(/become of the keys/);
  player.type('1');
  await t.throwsAsync(done, { message: 'nobody answers' });
  t.deepEqual(machine.commands, []);
});

test('what is done to the machine is in the audit trail, with the words for it', async (t) => {
  const edge = await startServer(t);
  await edge.api('machine.record', { name: 'network', to: 'edge2 192.0.2.10/24' });
  const { records } = await edge.api('audit.list', { limit: 10 });
  const found = JSON.stringify(records);
  t.regex(found, /machine\.record/);
  t.regex(found, /edge2 192\.0\.2\.10\/24/);
});
