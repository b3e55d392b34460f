// A server that nothing opens by itself, at the console: the status screen says so, whoever has the recovery passphrase opens
// it, and then signs in as ever; what needs no server can be had meanwhile.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { call } from '../../src/admin/api/client.ts';
import { lookAtServer } from '../../src/console/look.ts';
import type { Call } from '../../src/console/page.ts';
import { sealPage } from '../../src/console/pages/seal.ts';
import { Session } from '../../src/console/session.ts';
import { isKind } from '../../src/errors.ts';
import { startServer } from '../kit/server.ts';
import { Player } from './player.ts';

const password = 'correct horse battery';
const passphrase = 'a passphrase on paper';
const facts = { name: 'edge1', addresses: ['192.0.2.7'] };

const startLocked = async (t: ExecutionContext) => {
  const first = await startServer(t);
  const { dataDirectory } = first;
  await first.api('password.set', { password });
  await first.api('seal.passphrase', { passphrase });
  await first.close();
  rmSync(join(dataDirectory, 'storage-key.credential'));
  const starting = startServer(t, { dataDirectory, waitWhenLocked: true });
  const ask: Call = (route, input) => call(dataDirectory, route, input);
  for (;;) {
    const error = await ask('status', {}).catch((thrown: unknown) => thrown);
    if (isKind(error, 'storage-locked')) return { ask, starting };
    await setTimeout(20);
  }
};

test('the recovery passphrase is given at the console, and the server serves', async (t) => {
  const { ask, starting } = await startLocked(t);
  const player = new Player();
  const look = () => lookAtServer({ call: ask, facts, problems: '', isTrying: false, isStarting: true });
  const session = new Session({
    ui: player.ui,
    call: ask,
    hostFacts: () => facts,
    pages: [{ label: 'Restart', help: '', access: 'without-server', load: async () => async () => {} }],
    look,
    pause: () => setTimeout(20, undefined, { ref: false }),
  });
  void session.run();
  await player.see(
    /stored keys are locked: none is served[\s\S]*credential is missing[\s\S]*holds 0 keys of 1 service/,
  );
  player.press('f2');
  await player.see(/1 {2}Give the recovery passphrase/);
  player.type('2');
  await player.see(/nobody can sign in[\s\S]*Restart/);
  player.press('escape');
  await player.see(/none is served/);
  player.press('enter');
  await player.see(/1 {2}Give/);
  player.type('1');
  await player.see(/Recovery passphrase +_/);
  player.type('something else\n');
  await player.see(/opens no slot/);
  player.type(`\u0015${passphrase}\n`);
  await player.see(/Sign in/);
  t.true((await (await starting).api('status', {})).ready);
  player.type(`${password}\n`);
  await player.see(/1 {2}Restart/);
});

test('what opens the stored keys is shown, and a passphrase is added', async (t) => {
  const server = await startServer(t);
  const player = new Player();
  const ended = player.open(sealPage, server.api);
  const { slots } = await server.api('seal.show', {});
  t.true((await player.see(/These open the stored keys/)).includes(slots[0]?.what ?? '?'));
  player.type('1');
  await player.see(/I have one/);
  player.type('2');
  await player.see(/The same again/);
  player.type(`${passphrase}\n${passphrase}\n`);
  await player.see(/has been set/);
  player.press('enter');
  await player.see(/These open/);
  t.is((await server.api('seal.show', {})).slots.length, 2);
  player.press('escape');
  await ended;
});
