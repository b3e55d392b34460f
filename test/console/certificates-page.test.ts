// The page of certificates at the console, on a real server: renewed and put into service, clients listed and removed.

import test from 'ava';
import { certificatesPage } from '../../src/console/pages/certificates.ts';
import { startServer } from '../kit/server.ts';
import { Player } from './player.ts';

test('the server certificate is shown, renewed, and put into service by the end of its fingerprint', async (t) => {
  const server = await startServer(t);
  const player = new Player();
  const ended = player.open(certificatesPage, server.api);
  await player.see(/1 {2}Show the server certificate/);
  player.type('1');
  const { current } = await server.api('certificate.show', {});
  t.true((await player.see(/SHA-256/)).includes(current.sha1));
  player.press('enter');
  await player.see(/2 {2}Renew the server certificate/);
  player.type('2');
  await player.see(/Further names/);
  player.type('kms.example.com, 192.0.2.9\n');
  await player.see(/Next server certificate[\s\S]*Put it into service/);
  const { next } = await server.api('certificate.show', {});
  t.true(next?.names.includes('DNS:kms.example.com'));
  player.type('2');
  t.true((await player.see(/BEGIN CERTIFICATE/)).includes(next?.certificatePem.trim() ?? '?'));
  player.press('enter');
  await player.see(/Put it into service/);
  player.type('3');
  await player.see(/does not connect any more/);
  player.type(`${next?.sha1.slice(-5)}\n`);
  await player.see(/It is in service/);
  t.is((await server.api('certificate.show', {})).current.sha1, next?.sha1 ?? '');
  player.press('enter');
  await player.see(/2 {2}Renew/);
  player.press('escape');
  await ended;
});

test('a next certificate is discarded', async (t) => {
  const server = await startServer(t);
  await server.api('certificate.renew', {
    names: undefined,
    keyType: undefined,
    days: undefined,
    newAuthority: undefined,
  });
  const player = new Player();
  void player.open(certificatesPage, server.api);
  await player.see(/2 {2}The next server certificate/);
  player.type('2');
  await player.see(/Discard it/);
  player.type('4');
  await player.see(/Its private key is erased/);
  player.type('discard\n');
  await player.see(/2 {2}Renew/);
  t.is((await server.api('certificate.show', {})).next, undefined);
});

test('a client is listed, looked at, and removed by its name', async (t) => {
  const server = await startServer(t);
  await server.issue('default', 'host1');
  const player = new Player();
  void player.open(certificatesPage, server.api);
  await player.see(/3 {2}Clients/);
  player.type('3');
  await player.see(/host1 +default +issued/);
  const clients = await server.api('client.list', {});
  player.type(String(clients.findIndex(({ name }) => name === 'host1') + 1));
  await player.see(/It has never asked for anything/);
  player.type('2');
  await player.see(/gets no keys of default any more/);
  player.type('host\n');
  await player.see(/That is not 'host1'/);
  player.type('1\n');
  await player.see(/Clients/);
  t.false((await server.api('client.list', {})).some(({ name }) => name === 'host1'));
});
