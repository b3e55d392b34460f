// What is slow on purpose is bounded, and takes one of the threads that everything else waits for, whoever asks for how
// much at once.

import { lookup } from 'node:dns/promises';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { EdgeError } from '../../src/errors.ts';
import { attribute } from '../../src/kmip/attributes.ts';
import { CryptographicAlgorithm, DerivationMethod, HashingAlgorithm, ObjectType } from '../../src/kmip/enums.ts';
import { derive } from '../../src/operations/derivation.ts';
import { makePair } from '../../src/operations/key-pair.ts';
import { createSlowWork } from '../../src/operations/slow-work.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { item, refusal, templateOf } from './exchange.ts';

const server = sharedServer();
const { SHA_1, SHA_256, SHA3_512 } = HashingAlgorithm;

const baseKey = async (client: KmipClient): Promise<string> => {
  const template = templateOf(
    attribute('Activation Date', 1),
    attribute('Cryptographic Algorithm', CryptographicAlgorithm.AES),
    attribute('Cryptographic Length', 256),
    attribute('Cryptographic Usage Mask', 0x200),
  );
  const made = await client.request('Create', { ObjectType: ObjectType.SymmetricKey, TemplateAttribute: template });
  return made.UniqueIdentifier;
};
const parametersOf = (iterations: number, hash: HashingAlgorithm) => ({
  Salt: Buffer.from('salt'),
  IterationCount: iterations,
  CryptographicParameters: { HashingAlgorithm: hash },
});
const pbkdf2 = (uid: string, iterations: number, bytes: number, hash: HashingAlgorithm = SHA_256) => ({
  ObjectType: ObjectType.SecretData,
  UniqueIdentifier: [uid],
  DerivationMethod: DerivationMethod.PBKDF2,
  DerivationParameters: parametersOf(iterations, hash),
  TemplateAttribute: templateOf(attribute('Cryptographic Length', bytes * 8)),
});

const bounds: readonly (readonly [iterations: number, bytes: number, hash: HashingAlgorithm, most: number])[] = [
  [10_000_000, 4096, SHA_256, 23_437],
  [100_000, 4096, SHA_256, 23_437],
  [10_000_000, 32, SHA_256, 3_000_000],
  [1_500_001, 33, SHA_256, 1_500_000],
  [1_500_001, 32, SHA_1, 1_500_000],
  [0, 64, SHA3_512, 3_000_000],
];
for (const [iterations, bytes, hash, most] of bounds) {
  test.serial(`PBKDF2 does not give ${bytes} bytes of hash ${hash} with ${iterations} iterations`, async (t) => {
    const client = await server().connect();
    const uid = await baseKey(client);
    const refused = await refusal(client, item('DeriveKey', pbkdf2(uid, iterations, bytes, hash)));
    t.is(refused.reason, 'InvalidField');
    t.regex(refused.text ?? '', new RegExp(`with 1 to ${most} iterations, not with ${iterations}`));
  });
}

for (const name of ['NIST800_108_C', 'NIST800_108_F'] as const) {
  test.serial(`the data that ${name} hashes in each round are bounded`, async (t) => {
    const client = await server().connect();
    const uid = await baseKey(client);
    const with4096 = (bytes: number) => ({
      ...pbkdf2(uid, 1, 4096),
      DerivationMethod: DerivationMethod[name],
      DerivationParameters: { DerivationData: Buffer.alloc(bytes, 1) },
    });
    t.truthy((await client.request('DeriveKey', with4096(4096))).UniqueIdentifier);
    const refused = await refusal(client, item('DeriveKey', with4096(4097)));
    t.is(refused.reason, 'InvalidField');
    t.regex(refused.text ?? '', /may have 4096 bytes at most with this method, not 4097/);
  });
}

test.serial('what OWASP counsels is done', async (t) => {
  const client = await server().connect();
  const uid = await baseKey(client);
  for (const [iterations, hash] of [
    [1_300_000, SHA_1],
    [600_000, SHA_256],
  ] as const) {
    t.truthy((await client.request('DeriveKey', pbkdf2(uid, iterations, 32, hash))).UniqueIdentifier);
  }
});

/** More than there are threads. */
const many = 9;

const whileBusy = async (t: ExecutionContext, ask: (client: KmipClient) => Promise<unknown>): Promise<void> => {
  const clients = await Promise.all(Array.from({ length: many }, () => server().connect()));
  let answered = 0;
  const asked = clients.map(async (client) => {
    await ask(client);
    answered += 1;
  });
  await sleep(50);
  await Promise.all([stat(import.meta.filename), lookup('localhost')]);
  // One or two may have ended by themselves; were all threads taken, most would have had to.
  t.true(answered <= 2, `${answered} of ${many} were answered before a file was looked at`);
  await Promise.all(asked);
};

test.serial('files and name lookups do not wait for the derivations of clients', async (t) => {
  const uid = await baseKey(await server().connect());
  await whileBusy(t, (client) => client.request('DeriveKey', pbkdf2(uid, 1_500_000, 32)));
});

test.serial('nor for their RSA pairs', async (t) => {
  const pair = {
    CommonTemplateAttribute: templateOf(
      attribute('Cryptographic Algorithm', CryptographicAlgorithm.RSA),
      attribute('Cryptographic Length', 3072),
    ),
    PrivateKeyTemplateAttribute: templateOf(attribute('Cryptographic Usage Mask', 1)),
    PublicKeyTemplateAttribute: templateOf(attribute('Cryptographic Usage Mask', 2)),
  };
  await whileBusy(t, (client) => client.request('CreateKeyPair', pair));
});

test('where many wait, the next is refused at once; what is quick is done all the same', async (t) => {
  const slowWork = createSlowWork();
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const waiting = Array.from({ length: 16 }, () => slowWork.run(() => ended));
  const base = () => ({ bytes: Buffer.from('secret'), algorithm: 0 });
  const derived = () => derive(slowWork, base(), DerivationMethod.PBKDF2, parametersOf(1, SHA_256), 32);
  const rsa = () => makePair(slowWork, CryptographicAlgorithm.RSA, 2048, undefined);
  for (const refused of [derived, rsa]) {
    const error = await t.throwsAsync(refused, { instanceOf: EdgeError, message: /^16 key pairs and derivations/ });
    t.is(error.kind, 'not-ready');
  }
  await makePair(slowWork, CryptographicAlgorithm.EC, 256, undefined);
  const hkdf = await derive(slowWork, base(), DerivationMethod.HKDF, parametersOf(1, SHA_256), 32);
  t.is(hkdf.length, 32);
  end();
  await Promise.all(waiting);
  t.is((await derived()).length, 32);
});
