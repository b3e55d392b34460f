// The password and tokens from the command line, and the addresses that serve and status tell.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { TokenView } from '../../src/admin/api/access.ts';
import type { StatusView } from '../../src/admin/api/status.ts';
import { HiddenLine } from '../../src/cli/ask-secret.ts';
import { run } from '../../src/cli/run.ts';
import { command, startDaemon } from '../kit/daemon.ts';
import { ask, bearer, signIn, withHttps } from '../kit/https.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { runHere } from './here.ts';

const server = sharedServer({ settings: withHttps });
const cli = (...args: readonly string[]) => runHere([...args, '--data', server().dataDirectory]);

test.serial('the password is set from a file, and is then the one', async (t) => {
  t.regex((await cli('status')).stdout, /no password has been set: 'kmip-edge password set'/);
  const file = join(temporaryDirectory(t), 'password');
  writeFileSync(file, 'too short\n');
  const short = await cli('password', 'set', '--file', file);
  t.is(short.code, 2);
  t.notRegex(short.stderr, /too short/);
  t.regex(short.stderr, /fewer than 12 characters/);
  writeFileSync(file, 'a password from a file\n');
  t.is((await cli('password', 'set', '--file', file)).code, 0);
  await signIn(server(), 'a password from a file');
  const { stdout } = await cli('status');
  t.regex(stdout, new RegExp(`page and API: +https://127.0.0.1:${server().running.https.port}/\n`));
});

const typed: readonly (readonly [what: string, first: string, second: string, code: number])[] = [
  ['typed twice', 'typed by a person', 'typed by a person', 0],
  ['typed differently', 'typed by a person', 'typed by a persom', 2],
];
for (const [what, first, second, code] of typed) {
  test.serial(`a password ${what} ends with code ${code}`, async (t) => {
    const answers = [first, second];
    const printed: string[] = [];
    const print = (text: string): void => void printed.push(text);
    const terminal = { out: print, err: print, askSecret: async () => answers.shift() ?? '' };
    const args = ['password', 'set', '--data', server().dataDirectory];
    t.is(await run(args, { terminal, environment: {} }), code);
    t.false(printed.join('').includes('typed by'));
    if (code === 0) await signIn(server(), first);
  });
}

test.serial('a token is made, shown once, listed, used and revoked', async (t) => {
  const made = await cli('token', 'create', 'ci', '--role', 'operator', '--expires', '90 d');
  t.is(made.code, 0, made.stderr);
  const token = /^token: (kme_[\w-]{43})$/m.exec(made.stdout)?.[1] ?? '';
  t.is((await ask(server(), '/v1/status', { headers: bearer(token) })).status, 200);
  const listed = JSON.parse((await cli('token', 'list', '--json')).stdout) as readonly TokenView[];
  t.like(listed[0], { name: 'ci', role: 'operator', createdBy: 'box local', state: 'valid' });
  t.is(Date.parse(listed[0]?.expiresAt ?? '') - Date.parse(listed[0]?.createdAt ?? ''), 90 * 24 * 60 * 60_000);
  const { stdout } = await cli('token', 'list');
  t.regex(stdout, /^NAME +ROLE +ENDS +LAST USED +MADE BY\nci +operator/);
  t.false(stdout.includes(token));
  t.is((await cli('token', 'create', 'ci', '--role', 'operator', '--expires', '90 d')).code, 5);
  t.is((await cli('token', 'revoke', 'ci')).stdout, "token 'ci' is revoked\n");
  t.is((await ask(server(), '/v1/status', { headers: bearer(token) })).status, 401);
  t.is((await cli('token', 'revoke', 'ci')).code, 4);
});

test('serve sets the password of a file once, tells the address, and can be told to have none', async (t) => {
  const file = join(temporaryDirectory(t), 'password');
  writeFileSync(file, 'the first password\n');
  const data = join(temporaryDirectory(t), 'data');
  const first = await startDaemon(t, data, ['--admin-listen', '127.0.0.1:0', '--admin-password-file', file]);
  t.regex(first.output(), /^web page and API: +https:\/\/127\.0\.0\.1:\d+\/$/m);
  const status = async () => JSON.parse((await runHere(['status', '--data', data, '--json'])).stdout) as StatusView;
  t.like((await status()).https, { state: 'on', host: '127.0.0.1', passwordSet: true });
  await first.end('SIGTERM');
  writeFileSync(file, 'the second password\n');
  const second = await startDaemon(t, data, ['--admin-listen', '127.0.0.1:0', '--admin-password-file', file]);
  const port = (await status()).https.port;
  const at = { running: { https: { port } }, client: second.client };
  await signIn(at, 'the first password');
  await t.throwsAsync(signIn(at, 'the second password'), { message: /401/ });
  await second.end('SIGTERM');
  const off = await startDaemon(t, data);
  t.regex(off.output(), /^web page and API: +off$/m);
  t.is((await status()).https.state, 'off');
});

test('what is typed without echo can be taken back, and comes in any pieces', (t) => {
  const take = (...chunks: readonly (string | Buffer)[]) => {
    const line = new HiddenLine();
    const states = chunks.map((chunk) => line.take(Buffer.from(chunk)));
    return [line.text, states.at(-1)];
  };
  t.deepEqual(take('abc\r'), ['abc', 'done']);
  t.deepEqual(take('a', 'b', 'x\u007f', 'c', '\n'), ['abc', 'done']);
  t.deepEqual(take('wrong\u0015right\r'), ['right', 'done']);
  t.deepEqual(take('\b\u007fa\r'), ['a', 'done']);
  t.deepEqual(take('abc'), ['abc', 'more']);
  t.deepEqual(take('abc\u0003')[1], 'stopped');
  t.deepEqual(take('\u0004')[1], 'stopped');
  const key = Buffer.from('ä🔑');
  t.deepEqual(take(key.subarray(0, 1), key.subarray(1, 4), key.subarray(4), '\r'), ['ä🔑', 'done']);
});

test('in a real terminal nothing of the password is shown', async (t) => {
  const line = [process.execPath, ...command, 'password', 'set', '--data', server().dataDirectory];
  const child = spawn('script', ['-qec', line.map((word) => `'${word}'`).join(' '), '/dev/null'], { stdio: 'pipe' });
  t.teardown(() => void child.kill());
  let shown = '';
  let asked = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    for (; asked < (shown.match(/: /g) ?? []).length; asked += 1) child.stdin.write('typed without echo\r');
  });
  const [code] = (await once(child, 'close')) as [number];
  t.is(code, 0, shown);
  t.regex(shown, /New administrator password: \r?\nThe same again: \r?\nthe administrator password is set/);
  t.false(shown.includes('typed'));
  await signIn(server(), 'typed without echo');
});
