// Invariant 4: key bytes rest nowhere unsealed, are printed nowhere, and Destroy takes away every form of them.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { messageOf } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import { startDaemon } from '../kit/daemon.ts';
import { refusal } from '../kit/refusal.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { startCloud, withDatabase } from './kit.ts';
import { activateKey, addText, createKey, destroyKey, getKey, registerKey, revokeKey } from './requests.ts';

const filesIn = (directory: string): readonly Buffer[] =>
  readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)));

/** The ways in which bytes get written by mistake. */
const formsOf = (bytes: Buffer): readonly Buffer[] => {
  const hex = bytes.toString('hex');
  const texts = [hex, hex.toUpperCase(), bytes.toString('base64'), bytes.toString('base64url'), [...bytes].join(',')];
  return [bytes, ...texts.map((text) => Buffer.from(text))];
};
const holds = (places: readonly Buffer[], secrets: readonly Buffer[]): boolean =>
  secrets.some((secret) => formsOf(secret).some((form) => places.some((place) => place.includes(form))));

const captured = () => {
  const lines: string[] = [];
  return { lines, log: createLog('debug', { write: (line: string) => void lines.push(line) }) };
};

test('no key, no API key and no storage key is in the data directory, in the log at debug level, or in an error', async (t) => {
  const { lines, log } = captured();
  const errors: string[] = [];
  const cloud = await startCloud(t, { log });
  const { simulator } = cloud;
  const note = (error: unknown): void => void errors.push(messageOf(error), String((error as Error).stack));
  const local = await cloud.server.connect();
  const keys: Buffer[] = [];
  for (const client of [cloud.client, local]) {
    for (let n = 0; n < 5; n += 1) {
      const given = Buffer.from(`a key to be recognised ${n} 12345678`).subarray(0, 32);
      keys.push(given, await getKey(client, await createKey(client)));
      t.deepEqual(await getKey(client, await registerKey(client, given)), given);
    }
  }
  await registerKey(cloud.client, Buffer.alloc(33, 7)).catch(note);
  simulator.fault({ kind: 'garbage' }, { on: 'wrap', times: 4 });
  await registerKey(cloud.client, keys[0] ?? Buffer.alloc(32)).catch(note);
  simulator.fault(
    { kind: 'answer', status: 400, body: { plaintext: keys[1]?.toString('base64') } },
    { on: 'wrap', times: 4 },
  );
  await registerKey(cloud.client, keys[1] ?? Buffer.alloc(32)).catch(note);
  await simulator.cutLink();
  await createKey(cloud.client).catch(note);
  t.true(errors.length >= 6);
  const output = [Buffer.from(lines.join('')), Buffer.from(errors.join('\n'))];
  const apiKey = Buffer.from(simulator.apiKey);
  t.true(output[0]?.includes('"operation":"Register"'));
  t.false(holds(output, [...keys, apiKey]));
  t.false(holds(filesIn(cloud.server.dataDirectory), [...keys, apiKey]));
  await cloud.restart();
  t.false(holds(filesIn(cloud.server.dataDirectory), [...keys, apiKey]));
});

test('what is on disk is for the owner alone', async (t) => {
  const cloud = await startCloud(t);
  const { dataDirectory } = cloud.server;
  for (const name of readdirSync(dataDirectory)) t.is(statSync(join(dataDirectory, name)).mode & 0o077, 0, name);
});

test('the memory of a running server is kept out of core dumps', async (t) => {
  const daemon = await startDaemon(t, temporaryDirectory(t), ['--log-level', 'error']);
  t.regex(readFileSync(`/proc/${daemon.process.pid}/coredump_filter`, 'utf8'), /^0+\n$/);
});

test('Destroy erases the sealed and the wrapped form and the key in memory before it is answered', async (t) => {
  const cloud = await startCloud(t);
  const { dataDirectory } = cloud.server;
  const uids: string[] = [];
  for (let n = 0; n < 30; n += 1) uids.push(await createKey(cloud.client));
  // Rows that grow move; what they leave behind must go too.
  for (const uid of uids) {
    await addText(cloud.client, uid, 'x-Note', 'n'.repeat(50));
    await activateKey(cloud.client, uid);
    await revokeKey(cloud.client, uid);
  }
  cloud.simulator.rotate(cloud.simulator.crk);
  const forms = new Map<string, readonly Buffer[]>();
  await cloud.restart({}, (database) => {
    const rows = database
      .prepare<[], { uid: string; wrapped: Buffer; sealed: Buffer }>(
        'SELECT uid, wrapped, sealed FROM object JOIN material ON material.id = material_id',
      )
      .all();
    for (const { uid, wrapped, sealed } of rows) forms.set(uid, [wrapped, sealed]);
  });
  for (const uid of uids) await getKey(cloud.client, uid);
  const { keysInMemory } = await cloud.server.api('status', {});
  for (const [index, uid] of uids.entries()) {
    await destroyKey(cloud.client, uid);
    const files = filesIn(dataDirectory);
    for (const form of forms.get(uid) ?? []) t.false(files.some((file) => file.includes(form)));
    t.is((await cloud.server.api('status', {})).keysInMemory, keysInMemory - index - 1);
    t.regex(await refusal(t, getKey(cloud.client, uid)), /is destroyed: only its attributes are left/);
  }
  await cloud.server.close();
  const left = withDatabase(dataDirectory, (database) =>
    database.prepare<[], { wrapped: Buffer; sealed: Buffer }>('SELECT wrapped, sealed FROM material').all(),
  );
  t.true(
    left.every(({ wrapped, sealed }) => wrapped.every((byte) => byte === 0) && sealed.every((byte) => byte === 0)),
  );
});
