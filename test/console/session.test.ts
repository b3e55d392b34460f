// The console from the status screen to the menu and back, with a real server behind it: the password, its lock-out, the
// sign-out of whoever has left, and a server that does not answer.

import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Call, PageRow } from '../../src/console/page.ts';
import { pages } from '../../src/console/pages.ts';
import { line } from '../../src/console/screen.ts';
import { idleTime, Session } from '../../src/console/session.ts';
import { EdgeError } from '../../src/errors.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { startServer } from '../kit/server.ts';
import { Player } from './player.ts';

const password = 'correct horse battery';

const begin = async (t: ExecutionContext, more: readonly PageRow[] = [], call?: Call) => {
  const server = await startServer(t);
  const clock = new FakeClock();
  const player = new Player(() => clock.monotonic());
  const session = new Session({
    ui: player.ui,
    call: call ?? server.api,
    hostFacts: () => ({ name: 'edge1', addresses: [] }),
    // Without the set-up, which opens by itself for the first who comes.
    pages: [...pages.filter(({ isFirst }) => !isFirst), ...more],
    look: async () => () => [line('how it is')],
    pause: () => setTimeout(20, undefined, { ref: false }),
  });
  void session.run();
  await player.see(/how it is/);
  return { server, clock, player, session };
};

test('the first who comes sets the password and is in; the next gives it', async (t) => {
  const { server, player } = await begin(t);
  t.regex(player.screen, /<F2> or Enter: set up and maintain/);
  player.press('f2');
  await player.see(/Welcome to kmip-edge/);
  player.type('too short\ntoo short\n');
  t.regex(player.screen, /at least 12 characters/);
  player.press('escape');
  await player.see(/how it is/);
  t.false((await server.api('status', {})).https.passwordSet);
  player.press('enter');
  await player.see(/Welcome/);
  player.type(`${password}\n${password}\n`);
  await player.see(/Administrator's password/);
  t.true((await server.api('status', {})).https.passwordSet);
  player.press('escape');
  await player.see(/how it is/);
  player.press('f2');
  await player.see(/Sign in/);
  player.type('wrong password\n');
  await player.see(/the password is wrong/);
  player.type(`${password}\n`);
  await player.see(/1 {2}\S+/);
});

test('who guesses waits', async (t) => {
  const { server, player } = await begin(t);
  await server.api('password.set', { password });
  player.press('f2');
  await player.see(/Sign in/);
  for (let guess = 0; guess < 5; guess += 1) {
    player.type(`guess ${guess}\n`);
    await player.see(/is wrong/);
  }
  player.type(`${password}\n`);
  t.regex(await player.see(/too many/), /too many failed attempts \(try again in 1 s\)/);
});

test('who leaves is signed out after five minutes, and not while work goes on', async (t) => {
  const { resolve, promise } = Promise.withResolvers<void>();
  const long: PageRow = {
    label: 'Long work',
    help: '',
    access: 'signed-in',
    load: async () => (context) => context.ui.progress('Working', () => promise),
  };
  const { server, clock, player, session } = await begin(t, [long]);
  await server.api('password.set', { password });
  player.press('f2');
  await player.see(/Sign in/);
  player.type(`${password}\n`);
  await player.see(/Long work/);
  player.press('up', 'enter');
  await player.see(/Working/);
  await clock.pass(idleTime + 1000);
  session.tick();
  t.regex(player.screen, /Working/);
  resolve();
  await player.see(/kmip-edge/);
  await clock.pass(idleTime - 1000);
  session.tick();
  t.regex(player.screen, /Long work/);
  await clock.pass(2000);
  session.tick();
  await player.see(/how it is/);
  player.press('f2');
  await player.see(/Sign in/);
});

test('what goes wrong in a page is said, and the menu is there again', async (t) => {
  const broken: PageRow = {
    label: 'Broken',
    help: '',
    access: 'signed-in',
    load: async () => () => {
      throw new EdgeError('invalid-field', 'it broke', { hint: 'mend it' });
    },
  };
  const { player } = await begin(t, [broken]);
  player.press('f2');
  await player.see(/Welcome/);
  player.type(`${password}\n${password}\n`);
  await player.see(/Broken/);
  player.press('up', 'enter');
  await player.see(/it broke \(mend it\)/);
  player.press('enter');
  t.regex(await player.see(/1 {2}/), /> \w {2}Broken/);
});

test('without a server only what needs none is offered', async (t) => {
  const row = (label: string, access: PageRow['access']): PageRow => {
    return { label, help: '', access, load: async () => async () => {} };
  };
  const { server, player } = await begin(t, [row('Restart', 'without-server'), row('Remove', 'signed-in')]);
  await server.close();
  player.press('f2');
  await player.see(/does not serve[\s\S]*\d {2}Restart/);
  t.notRegex(player.screen, /Remove|password/);
});

test('who came while the server did not serve is asked for the password as soon as it does', async (t) => {
  const diagnostics: PageRow = {
    label: 'Bundle',
    help: '',
    access: 'without-server',
    load: async () => (context) => context.ui.message({ title: 'Bundle', text: ['for anybody'] }),
  };
  let isServed = false;
  let asked = 0;
  const call = (async () => {
    asked += 1;
    if (!isServed) throw new EdgeError('server-not-running', 'it does not answer');
    return { https: { passwordSet: true } };
  }) as unknown as Call;
  const { player } = await begin(t, [diagnostics], call);
  player.press('f2');
  await player.see(/does not serve/);
  player.press('up', 'enter');
  await player.see(/for anybody/);
  const before = asked;
  for (let tries = 0; tries < 400 && asked < before + 3; tries += 1) await setTimeout(5);
  t.true(asked >= before + 3);
  t.regex(player.screen, /for anybody/);
  isServed = true;
  await player.see(/how it is/);
  player.press('f2');
  await player.see(/Sign in/);
});
