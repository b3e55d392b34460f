// The settings by the command line, on a running server and over its restart.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { runHere } from './here.ts';

test('a setting is shown, set, waits for the next start, and is taken back', async (t) => {
  const server = await startServer(t);
  const config = (...args: readonly string[]) => runHere(['config', ...args, '--data', server.dataDirectory]);
  const listed = await config('list', 'kmip.');
  t.regex(listed.stdout, /^SETTING +VALUE +FROM\nkmip.listen +127.0.0.1:0 +command line\n/);
  t.notRegex(listed.stdout, /log.level/);
  const set = await config('set', 'kmip.idleTimeout', '7 min', 'log.level', 'warn');
  t.is(
    set.stdout,
    'kmip.idleTimeout is 7 min (file)\nlog.level is warn (file)\nIt counts from the next start of the server.\n',
  );
  t.regex((await config('list')).stdout, /kmip.idleTimeout +7 min +file; runs with 10 min[\s\S]*next start/);
  const got = await config('get', 'kmip.idleTimeout');
  t.regex(got.stdout, /value: +7 min\nruns with: +10 min\nfrom: +file\ndefault: +10 min\nmay be: +a duration from/);
  const json = JSON.parse((await config('get', 'kmip.idleTimeout', '--json')).stdout) as { readonly value: string };
  t.is(json.value, '7 min');

  await server.close();
  await startServer(t, { dataDirectory: server.dataDirectory });
  t.notRegex((await config('list')).stdout, /runs with/);
  const unset = await config('unset', 'kmip.idleTimeout');
  t.regex(unset.stdout, /kmip.idleTimeout is 10 min \(default\)\nIt counts from the next start/);
});

test('settings of backups count at once', async (t) => {
  const server = await startServer(t);
  const directory = temporaryDirectory(t);
  const data = ['--data', server.dataDirectory];
  const { stdout: recipient } = await runHere(['backup', 'keygen', join(directory, 'private.key')]);
  const changes = ['backup.destination', directory, 'backup.recipients', recipient.trim()];
  const set = await runHere(['config', 'set', ...changes, ...data]);
  t.regex(set.stdout, /It counts from now on\.\n$/, set.stderr);
  t.regex((await runHere(['backup', 'status', ...data])).stdout, new RegExp(`destination: +${directory}`));
});

test('the command that the alarm about missing backups names is taken as it stands', async (t) => {
  const server = await startServer(t);
  const alarm = (await server.api('alarm.list', {})).find(({ name }) => name === 'backup-missing');
  const directory = temporaryDirectory(t);
  const file = join(directory, 'passphrase');
  writeFileSync(file, 'correct horse battery staple\n', { mode: 0o600 });
  const command = alarm?.command?.replace('DIRECTORY', directory).replace('FILE', file).split(' ').slice(1) ?? [];
  const done = await runHere([...command, '--data', server.dataDirectory]);
  t.is(done.code, 0, done.stderr);
  t.regex(done.stdout, /backup\.destination is /);
});

const refusals: readonly (readonly [args: readonly string[], code: number, text: RegExp])[] = [
  [['set', 'log.level'], 2, /'log.level' has no value/],
  [['set', 'log.level', 'loud'], 2, /log.level is "loud", must be one of/],
  [['set', 'log.levels', 'info'], 2, /"log.levels" is not a setting/],
  [['get', 'log.levels'], 4, /'log.levels' is not a setting\nhint: kmip-edge config list/],
  [['unset', 'nothing'], 2, /./],
];
test('what cannot be set is refused with what can', async (t) => {
  const server = await startServer(t);
  for (const [args, code, text] of refusals) {
    const result = await runHere(['config', ...args, '--data', server.dataDirectory]);
    t.is(result.code, code, args.join(' '));
    t.regex(result.stderr, text);
  }
});
