// Files in the age format: what we write opens with age itself and the other way round, and whatever was changed in one
// is noticed.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import test, { type ExecutionContext } from 'ava';
import { type AgeKey, type AgeLock, decrypted, encrypted } from '../../src/backup/age.ts';
import { readAgeFile, writeAgeFile } from '../../src/backup/age-file.ts';
import { isKind } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const passphrase = new Secret('correct horse battery staple');

async function* piecesOf(...pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}

const whole = async (pieces: AsyncIterable<Buffer>): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const piece of pieces) parts.push(Buffer.from(piece));
  return Buffer.concat(parts);
};

const keyPair = async () => {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  return {
    lock: { recipients: [recipient] },
    key: { identities: new Secret(`# a comment\n\n${identity}\n`) },
    identity,
  };
};

const locks: readonly (readonly [string, () => Promise<{ readonly lock: AgeLock; readonly key: AgeKey }>])[] = [
  ['a passphrase', async () => ({ lock: { passphrase }, key: { passphrase } })],
  ['a public key', keyPair],
];
const lengths = [0, 65_536, 65_537, 300_000];
for (const [what, make] of locks) {
  test.serial(`what ${what} closed opens again, whatever its length and its pieces`, async (t) => {
    const { lock, key } = await make();
    for (const length of what === 'a passphrase' ? [300_000] : lengths) {
      const content = randomBytes(length);
      const pieces = [content.subarray(0, 7), content.subarray(7, 100_000), content.subarray(100_000)];
      t.deepEqual(await whole(decrypted(key, encrypted(lock, piecesOf(...pieces)))), content, `${length} bytes`);
    }
  });
}

test.serial('every bit that is flipped, every cut and every other key is noticed', async (t) => {
  const { lock, key } = await keyPair();
  const content = randomBytes(150_000);
  const good = await whole(encrypted(lock, piecesOf(content)));
  const flipped = (place: number): Buffer => {
    const copy = Buffer.from(good);
    copy[place] = (copy[place] ?? 0) ^ 1;
    return copy;
  };
  const end = good.indexOf('\n---') + 60;
  const bad: readonly (readonly [string, Buffer])[] = [
    ['no byte', Buffer.alloc(0)],
    ['other bytes', randomBytes(5000)],
    ['a byte gone', good.subarray(0, -1)],
    ['the last chunk gone', good.subarray(0, good.length - ((150_000 % 65_536) + 16))],
    ['a byte more', Buffer.concat([good, Buffer.of(1)])],
    ['only the header', good.subarray(0, end)],
    ...[30, 90, end, end + 20, good.length - 1].map((place) => [`byte ${place} flipped`, flipped(place)] as const),
  ];
  for (const [what, bytes] of bad) {
    const error = await t.throwsAsync(whole(decrypted(key, piecesOf(bytes))), undefined, what);
    t.true(isKind(error, 'data-damaged', 'storage-locked'), `${what}: ${error?.message}`);
  }
  const other = await t.throwsAsync(whole(decrypted((await keyPair()).key, piecesOf(good))));
  t.true(isKind(other, 'storage-locked'));
  const wrong = await t.throwsAsync(whole(decrypted({ passphrase }, piecesOf(good))));
  t.true(isKind(wrong, 'storage-locked'));
});

const refusals: readonly (readonly [string, AgeLock, RegExp])[] = [
  ['a short passphrase', { passphrase: new Secret('eleven char') }, /has 11 characters, at least 12/],
  ['no public key', { recipients: [] }, /0 public keys, 1 to 16/],
  ['something else', { recipients: ['age1nothing'] }, /'age1nothing' is not a public key of age/],
  ['the private key', { recipients: [`AGE-SECRET-KEY-1${'Q'.repeat(58)}`] }, /^'a private key' is not a public key/],
  ['a mistyped one', { recipients: [`age1${'q'.repeat(58)}`] }, /a public key is mistyped/],
];
for (const [what, lock, text] of refusals) {
  test.serial(`${what} closes nothing, and no file is left`, async (t) => {
    const directory = temporaryDirectory(t);
    const error = await t.throwsAsync(writeAgeFile(join(directory, 'file'), lock, piecesOf(Buffer.from('content'))));
    t.true(isKind(error, 'invalid-field'));
    t.regex(error?.message ?? '', text);
    t.deepEqual(readdirSync(directory), []);
  });
}

test.serial('a file is there whole and for its owner alone, or not at all', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'file');
  const { lock, key } = await keyPair();
  const content = randomBytes(100_000);
  const written = await writeAgeFile(path, lock, piecesOf(content));
  t.deepEqual(written, { path, size: statSync(path).size });
  t.is(statSync(path).mode & 0o777, 0o600);
  t.deepEqual(await whole(readAgeFile(path, key)), content);
  const again = await t.throwsAsync(writeAgeFile(path, lock, piecesOf(content)));
  t.true(isKind(again, 'already-exists'));
  const failing = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from('some');
    throw new Error('the source broke');
  };
  await t.throwsAsync(writeAgeFile(join(directory, 'second'), lock, failing()), { message: 'the source broke' });
  const nowhere = await t.throwsAsync(writeAgeFile(join(directory, 'none', 'file'), lock, piecesOf(content)));
  t.true(isKind(nowhere, 'invalid-field'));
  t.true(isKind(await t.throwsAsync(whole(readAgeFile(join(directory, 'none'), key))), 'invalid-field'));
  t.deepEqual(readdirSync(directory), ['file']);
});

test.serial('the loop of the server is free while a passphrase is worked on and a stream is encrypted', async (t) => {
  const content = async function* (): AsyncGenerator<Buffer> {
    for (let n = 0; n < 200; n += 1) yield Buffer.alloc(64 * 1024, n);
  };
  let turns = 0;
  let over = false;
  const turning = (async () => {
    for (; !over; turns += 1) await setTimeout(1);
  })();
  const hash = createHash('sha256');
  for await (const piece of encrypted({ passphrase }, content())) hash.update(piece);
  over = true;
  await turning;
  // One block of half a second would leave a handful.
  t.true(turns > 50, `${turns} turns`);
});

const hasAge = spawnSync('age', ['--version']).status === 0;

test.serial('age opens what we write for a public key, and we open what age writes', async (t) => {
  if (!hasAge) {
    t.pass('age is not installed');
    return;
  }
  const directory = temporaryDirectory(t);
  const at = (name: string): string => join(directory, name);
  execFileSync('age-keygen', ['-o', at('identity')], { stdio: 'ignore' });
  const recipient = execFileSync('age-keygen', ['-y', at('identity')], { encoding: 'utf8' }).trim();
  const content = randomBytes(200_000);
  await writeAgeFile(at('ours'), { recipients: [recipient] }, piecesOf(content));
  t.deepEqual(execFileSync('age', ['-d', '-i', at('identity'), at('ours')]), content);
  writeFileSync(at('plain'), content);
  execFileSync('age', ['-r', recipient, '-o', at('theirs'), at('plain')]);
  const key = { identities: new Secret(readFileSync(at('identity'), 'utf8')) };
  t.deepEqual(await whole(readAgeFile(at('theirs'), key)), content);
});

test.serial('age opens what we write for a passphrase, which it asks for at a terminal', async (t) => {
  if (!hasAge || spawnSync('script', ['--version']).status !== 0) {
    t.pass('age or script is not installed');
    return;
  }
  const directory = temporaryDirectory(t);
  const content = randomBytes(70_000);
  await writeAgeFile(join(directory, 'ours'), { passphrase }, piecesOf(content));
  t.regex(readFileSync(join(directory, 'ours')).toString('latin1'), /^-> scrypt \S+ 17$/m, 'what a guess costs');
  await decryptAtTerminal(t, directory, passphrase);
  t.deepEqual(readFileSync(join(directory, 'plain')), content);
});

const decryptAtTerminal = async (t: ExecutionContext, directory: string, secret: Secret): Promise<void> => {
  const command = `age -d -o ${directory}/plain ${directory}/ours`;
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    input: `${secret.reveal()}\n`,
    encoding: 'utf8',
    timeout: 20_000,
  });
  t.is(status, 0, stdout);
};
