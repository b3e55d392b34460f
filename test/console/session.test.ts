// The console from the status screen to the menu and back, with a real server behind it: the password, its lock-out, the
// sign-out of whoever has left, and a server that does not answer.

import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { PageRow } from '../../src/console/page.ts';
import { pages } from '../../src/console/pages.ts';
import { line } from '../../src/console/screen.ts';
import { idleTime, Session } from '../../src/console/session.ts';
import { EdgeError } from '../../src/errors.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { startServer } from '../kit/server.ts';
import { Player } from './player.ts';

const password = 'correct horse battery';

const begin = async (t: ExecutionContext, more: readonly PageRow[] = []) => {
  const server = await startServer(t);
  const clock = new FakeClock();
  const player = new Player(() => clock.monotonic());
  const session = new Session({
    ui: player.ui,
    call: server.api,
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
