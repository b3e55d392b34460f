// Completion in a real bash: what is offered at each place of a command line, names of the running server among it.

import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { command } from '../kit/daemon.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { runHere } from './here.ts';

/** Gives a function that completes the last of `words`, as bash does when TAB is pressed. */
const setUp = async (t: ExecutionContext) => {
  const directory = temporaryDirectory(t);
  const { stdout: script } = await runHere(['completion', 'bash']);
  writeFileSync(join(directory, 'completion'), script);
  const program = join(directory, 'kmip-edge');
  writeFileSync(
    program,
    `#!/bin/sh\nexec '${process.execPath}' ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`,
  );
  chmodSync(program, 0o755);
  mkdirSync(join(directory, 'some folder'));
  writeFileSync(join(directory, 'some file'), '');
  // Bash knows compopt only while it completes by itself.
  const run = `compopt() { :; }; source ${directory}/completion; cd ${directory}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kmip_edge; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return async (...words: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await promisify(execFile)('bash', ['-c', run, 'bash', program, ...words]);
    return stdout.split('\n').filter((line) => line !== '');
  };
};

test('commands, options and known words are completed without a server', async (t) => {
  const complete = await setUp(t);
  const first = await complete('');
  for (const name of ['serve', 'backup', 'instance', 'man']) t.true(first.includes(name), name);
  t.deepEqual(await complete('sta'), ['status']);
  t.deepEqual(await complete('instance', 'mi'), ['migrate']);
  t.deepEqual(await complete('backup', 'n'), ['now']);
  t.deepEqual(await complete('restore', '--ch'), ['--check']);
  t.deepEqual(await complete('serve', '--log-level', 'w'), ['warn']);
  t.deepEqual(await complete('config', 'set', 'backup.e'), ['backup.every']);
  t.deepEqual(await complete('config', 'set', 'backup.every', '1 h', 'backup.k'), ['backup.keep']);
  t.deepEqual(await complete('--vers'), ['--version']);
  t.deepEqual(await complete('no-command', 'x'), []);
  // The value of an option is no command.
  t.deepEqual(await complete('status', '--data', 'instance', '--js'), ['--json']);
});

test('files and folders are completed where one is wanted, with spaces in their names', async (t) => {
  const complete = await setUp(t);
  t.deepEqual(await complete('restore', 'some'), ['some file', 'some folder']);
  t.deepEqual(await complete('restore', 'x', '--passphrase-file', 'some f'), ['some file', 'some folder']);
  t.deepEqual(await complete('status', '--data', 'some'), ['some folder']);
});

test('names of instances, clients and tokens are asked of the server that the line names', async (t) => {
  const complete = await setUp(t);
  const server = await startServer(t);
  await server.api('instance.create', { name: 'prod', upstream: 'local', settings: {} });
  await server.issue('prod', 'vcenter');
  const data = ['--data', server.dataDirectory];
  t.deepEqual(await complete('instance', 'suspend', ...data, ''), ['default', 'prod']);
  t.deepEqual(await complete('key', 'list', ...data, '--instance', 'p'), ['prod']);
  t.deepEqual(await complete('client', 'remove', ...data, '--instance', 'prod', '--name', 'v'), ['vcenter']);
  t.deepEqual(await complete('token', 'revoke', ...data, ''), []);
  t.deepEqual(await complete('instance', 'create', ...data, ''), []);
  // Where no server answers there is nothing to say, and no error in the middle of the line.
  t.deepEqual(await complete('instance', 'suspend', '--data', '/nowhere', ''), []);
});
