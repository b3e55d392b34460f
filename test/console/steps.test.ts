// The steps of the set-up one by one, on a real server: the ways through each that the whole set-up does not take.

import test, { type ExecutionContext } from 'ava';
import { setRecoveryPassphrase } from '../../src/console/set-up/recovery.ts';
import type { Task } from '../../src/console/set-up/step.ts';
import { steps } from '../../src/console/set-up/steps.ts';
import { trustClient } from '../../src/console/set-up/trust.ts';
import { makeInstance } from '../../src/console/set-up/upstream.ts';
import { setUpPage } from '../../src/console/set-up/wizard.ts';
import { openBench } from '../ca/openssl.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { withHttps } from '../kit/https.ts';
import { startServer, type TestServerOptions } from '../kit/server.ts';
import { startKeyProtectSimulator } from '../peers/key-protect/simulator.ts';
import { makeServerTls } from '../peers/regional-kmip/certificates.ts';
import { startRegionalSimulator } from '../peers/regional-kmip/simulator.ts';
import { Player } from './player.ts';

const begin = async (t: ExecutionContext, task: Task, options: TestServerOptions = {}) => {
  const server = await startServer(t, options);
  const player = new Player();
  const state: { result?: boolean } = {};
  const ended = player.open(async (context) => {
    state.result = await task(context);
  }, server.api);
  return {
    server,
    player,
    /** What the step gave, once it has ended. */
    result: async () => {
      await ended;
      return state.result;
    },
  };
};

test('every step can be left as it is, Esc goes one back, and at the first one out', async (t) => {
  const server = await startServer(t);
  const player = new Player();
  const ended = player.open(setUpPage, server.api);
  for (let step = 1; step < steps.length; step += 1) {
    await player.see(new RegExp(`step ${step} of ${steps.length}:`));
    player.type('2');
  }
  await player.see(/No key has been asked for yet/);
  for (let step = steps.length - 1; step > 0; step -= 1) {
    player.press('escape');
    await player.see(new RegExp(`step ${step} of ${steps.length}:`));
  }
  player.press('escape');
  await ended;
  t.is((await server.api('instance.list', {})).length, 1);
  t.false((await server.api('status', {})).https.passwordSet);
});

test('a root key of the appliance: a name that is taken is refused, another one is made', async (t) => {
  const { server, player, result } = await begin(t, makeInstance);
  await player.see(/What protects the keys/);
  player.press('up', 'enter');
  await player.see(/and nowhere else/);
  player.type('\u0015default\n');
  await player.see(/there is one of this name/);
  player.type('\u0015site a\n');
  await player.see(/letters, digits/);
  player.type('\u0015site-a\n');
  await player.see(/site-a has been made[\s\S]*Root key .*active/);
  player.press('enter');
  t.true(await result());
  t.true((await server.api('instance.list', {})).some(({ name }) => name === 'site-a'));
});

test('Key Protect says what is wrong, and Esc makes nothing', async (t) => {
  const simulator = await startKeyProtectSimulator();
  t.teardown(() => simulator.close());
  const { server, player, result } = await begin(t, makeInstance);
  await player.see(/What protects the keys/);
  player.type('1');
  await player.see(/Region or endpoint/);
  player.type('\nno-such-region\nguid\nkey\n\n');
  await player.see(/no-such-region/);
  player.press('escape');
  await player.see(/What protects the keys/);
  player.press('escape');
  t.false(await result());
  t.is((await server.api('instance.list', {})).length, 1);
});

test('a KMIP endpoint is trusted by its fingerprint, told our certificate, and waited for', async (t) => {
  const simulator = await startRegionalSimulator({ tls: makeServerTls() });
  t.teardown(() => simulator.close());
  const { server, player, result } = await begin(t, makeInstance);
  await player.see(/What protects the keys/);
  player.type('3');
  await player.see(/KMIP endpoint[\s\S]*Another address/);
  player.type('1');
  await player.see(/HOST:PORT/);
  player.type(`${simulator.host}:${simulator.port}\n`);
  const asked = await player.see(/Is this the endpoint that you mean\?/);
  const fingerprint = simulator.fingerprint.sha256.toUpperCase().match(/../g)?.join(':') ?? '';
  t.true(asked.replaceAll(/\s/g, '').includes(fingerprint));
  player.type('no\n');
  await player.see(/not 'yes'/);
  player.type('\u0015yes\n');
  await player.see(/Name of the service instance/);
  player.type('\u0015region\n');
  await player.see(/Our client certificate there/);
  player.type('2');
  const shown = await player.see(/-----END CERTIFICATE-----/);
  player.press('enter');
  await player.see(/go on/);
  player.type('3');
  await player.see(/Offline lease/);
  player.type('1');
  await player.see(/Not accepted yet/);
  const [certificate = ''] = /-----BEGIN[\s\S]*END CERTIFICATE-----/.exec(shown) ?? [];
  simulator.admit(certificate);
  await player.see(/region has been made/);
  player.press('enter');
  t.true(await result());
  t.is((await server.api('instance.list', {})).find(({ name }) => name === 'region')?.upstream, 'kmip');
});

test('an endpoint that is not the one is sent nothing', async (t) => {
  const simulator = await startRegionalSimulator({ tls: makeServerTls() });
  t.teardown(() => simulator.close());
  const { player, result } = await begin(t, makeInstance);
  await player.see(/What protects the keys/);
  player.type('3');
  await player.see(/Another address/);
  player.type('1');
  await player.see(/HOST:PORT/);
  player.type(`${simulator.host}:${simulator.port}\n`);
  await player.see(/Is this the endpoint/);
  player.press('escape');
  await player.see(/What protects the keys/);
  player.press('escape');
  t.false(await result());
  t.true(Object.values(simulator.received).every((count) => count === 0));
});

test('a signing request is signed, and its certificate gets keys', async (t) => {
  const bench = await openBench(t);
  await bench.openssl(
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=vc',
    '-keyout',
    'key',
    '-out',
    'csr',
  );
  const request = await bench.openssl('req', '-in', 'csr');
  const { server, player, result } = await begin(t, trustClient);
  await player.see(/Trust a client of default/);
  player.type('2');
  await player.see(/Paste the request/);
  player.press('enter');
  player.type(request);
  player.press('tab');
  const shown = await player.see(/-----END CERTIFICATE-----/);
  player.press('enter');
  t.true(await result());
  const [certificate = ''] = /-----BEGIN CERT[\s\S]*END CERTIFICATE-----\n/.exec(shown) ?? [];
  const { authority } = server.client;
  const privateKey = await bench.openssl('rsa', '-in', 'key');
  const client = await server.connect({ certificate, privateKey, authority });
  t.truthy(await getKey(client, await createKey(client)));
});

test('a private key is written on the line for nobody but who insists; else the page has it', async (t) => {
  const { server, player, result } = await begin(t, trustClient, { settings: withHttps });
  await player.see(/Trust a client of default/);
  player.type('3');
  await player.see(/Where do you take the private key from/);
  player.type('2');
  await player.see(/Name of the client/);
  player.press('enter');
  await player.see(/Whoever records the line/);
  player.type('yes\n');
  await player.see(/not 'show'/);
  t.is((await server.api('client.list', {})).length, 1);
  player.type('\u0015show\n');
  t.regex(await player.see(/PRIVATE KEY/), /-----BEGIN CERTIFICATE-----[\s\S]*-----BEGIN PRIVATE KEY-----/);
  player.press('enter');
  t.true(await result());
  const again = await begin(t, trustClient, { settings: withHttps });
  await again.player.see(/Trust a client/);
  again.player.type('3');
  await again.player.see(/Where do you take/);
  again.player.type('1');
  t.regex(await again.player.see(/On the web page/), /https:\/\/\S+:\d+\/ and go to\s+Trust/);
  again.player.press('enter');
  t.true(await again.result());
});

test('what is no certificate is said to be none before anybody is asked', async (t) => {
  const { server, player } = await begin(t, trustClient);
  await player.see(/Trust a client/);
  player.type('1');
  await player.see(/Paste the certificate/);
  player.type('\nnot a certificate\t');
  await player.see(/this is no certificate in PEM/);
  t.is((await server.api('client.list', {})).length, 1);
});

test('a recovery passphrase of one’s own is asked for twice', async (t) => {
  const { server, player, result } = await begin(t, setRecoveryPassphrase);
  await player.see(/Make one for me/);
  player.type('2');
  await player.see(/The same again/);
  player.type('correct horse battery\ncorrect horse\n');
  await player.see(/the two are not the same/);
  player.type(' battery\n');
  await player.see(/has been set/);
  player.press('enter');
  t.true(await result());
  t.true((await server.api('status', {})).seal.includes('passphrase'));
});
