// RSA-OAEP with two hashes against OpenSSL, which does it, and against what an attacker may send.

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { decryptOaep, encryptOaep } from '../../src/operations/oaep.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const label = Buffer.from('a label');
const data = Buffer.from('what is told to nobody else');
const hashes = { label: 'sha256', mask: 'sha1' };

test('with the same hash twice it is what node:crypto does, both ways', (t) => {
  const same = { label: 'sha256', mask: 'sha256' };
  const options = { oaepHash: 'sha256', oaepLabel: label };
  t.deepEqual(privateDecrypt({ key: privateKey, ...options }, encryptOaep(publicKey, same, label, data)), data);
  t.deepEqual(decryptOaep(privateKey, same, label, publicEncrypt({ key: publicKey, ...options }, data)), data);
});

test('with two hashes it is what OpenSSL does', (t) => {
  const directory = temporaryDirectory(t);
  const path = (name: string): string => join(directory, name);
  writeFileSync(path('key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(path('encrypted'), encryptOaep(publicKey, hashes, label, data));
  const options = [
    'rsa_padding_mode:oaep',
    'rsa_oaep_md:sha256',
    'rsa_mgf1_md:sha1',
    `rsa_oaep_label:${label.toString('hex')}`,
  ];
  const found = execFileSync('openssl', [
    'pkeyutl',
    '-decrypt',
    ...['-inkey', path('key'), '-in', path('encrypted')],
    ...options.flatMap((option) => ['-pkeyopt', option]),
  ]);
  t.deepEqual(found, data);
  t.deepEqual(decryptOaep(privateKey, hashes, label, encryptOaep(publicKey, hashes, label, data)), data);
});

test('every wrong message is refused in the same words', (t) => {
  const encrypted = encryptOaep(publicKey, hashes, label, data);
  const refused = { message: 'the key refused: the padding is wrong' };
  t.throws(() => decryptOaep(privateKey, hashes, Buffer.from('another'), encrypted), refused);
  t.throws(() => decryptOaep(privateKey, { label: 'sha256', mask: 'sha512' }, label, encrypted), refused);
  for (let round = 0; round < 50; round++) {
    const random = randomBytes(256);
    random[0] = 0;
    t.throws(() => decryptOaep(privateKey, hashes, label, random), refused);
  }
});

test('data of every length that the key has room for come back, and no more are taken', (t) => {
  const most = 256 - 2 * 32 - 2;
  for (const length of [0, 1, 100, most]) {
    const bytes = randomBytes(length);
    t.deepEqual(decryptOaep(privateKey, hashes, label, encryptOaep(publicKey, hashes, label, bytes)), bytes);
  }
  t.throws(() => encryptOaep(publicKey, hashes, label, Buffer.alloc(most + 1)), { message: /too many/ });
});
