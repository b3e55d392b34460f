// The command line without a server: help for every command, and wrong usage answered with what is right.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { runCli } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { runHere } from './here.ts';

const commands = [
  '',
  'serve',
  'status',
  'key list',
  'key show',
  'key revoke',
  'key destroy',
  'seal passphrase',
  'config template',
  'update apply',
  'update status',
  'update return',
  'password set',
  'token create',
  'token list',
  'token revoke',
  'instance create',
  'instance list',
  'instance crks',
  'instance lease',
  'instance rename',
  'instance suspend',
  'instance resume',
  'instance use',
  'instance remove',
  'instance restore',
  'instance export',
  'instance import',
  'client add',
  'client issue',
  'client sign',
  'client drop-old',
  'client certificate',
  'client trust-root',
  'client allow',
  'client disallow',
  'client roots',
  'client untrust-root',
  'client list',
  'client remove',
  'audit list',
  'audit status',
  'audit verify',
  'audit checkpoint',
  'audit key',
  'audit export',
  'certificate show',
  'certificate renew',
  'certificate activate',
  'certificate discard',
  'certificate request',
  'certificate install',
  'certificate import',
  'create',
  'get',
];

test('every command has help that names it and all its options', async (t) => {
  await Promise.all(
    commands.map(async (command) => {
      const { code, stdout, stderr } = await runHere([...command.split(' ').filter(Boolean), '--help']);
      t.is(code, 0, command);
      t.is(stderr, '', command);
      t.true(stdout.startsWith(`Usage: ${['kmip-edge', command].filter(Boolean).join(' ')}`), stdout);
      t.regex(stdout, /-h, --help/);
    }),
  );
});

const nowhere = '/nonexistent/data';

/** What a user types, the exit code, and what standard error has to say. */
const wrong: readonly (readonly [line: string, code: number, text: RegExp])[] = [
  ['nonsense', 2, /unknown command 'nonsense'/],
  ['statsu', 2, /Did you mean status\?/],
  ['status extra', 2, /too many arguments/],
  ['status --colour', 2, /unknown option '--colour'/],
  ['get', 2, /required option '--uid <uid>' not specified/],
  ['get --uid', 2, /argument missing/],
  ['instance create x', 2, /required option '--upstream <kind>' not specified/],
  ['instance create b@d --upstream local', 2, /A name has 1 to 64 letters, digits, dots/],
  ['client remove --instance default --name -', 2, /A name has 1 to 64 letters/],
  ['client issue --instance default --name a --out /tmp/x --days 0', 2, /whole number from 1 to 7300/],
  ['key list --state Lost', 2, /Allowed choices are PreActive, Active/],
  ['key revoke a', 2, /required option '--reason <reason>' not specified/],
  ['instance lease x soon', 2, /soon/],
  ['instance crks --url u --instance-id i', 2, /required option '--api-key-file <file>' not specified/],
  ['key list --limit many', 2, /whole number from 1 to 100000/],
  [`status --data ${nowhere}`, 3, /no server answers for the data directory .*\nhint: start it with 'kmip-edge serve'/],
  [`key list --data ${nowhere}`, 3, /no server answers/],
  ['client add --instance a --name b --certificate /nonexistent', 2, /cannot read the certificate from \/nonexistent/],
  ['client sign --instance a --name b --csr /nonexistent --out /tmp/x', 2, /cannot read the signing request from/],
  ['client trust-root --instance a --name b', 2, /required option '--certificate <file>' not specified/],
  ['certificate renew --key rsa-512', 2, /One of rsa-2048, rsa-3072, ec-p256 is needed/],
  ['certificate import --pkcs12 /nonexistent', 2, /cannot read the PKCS #12 file from \/nonexistent/],
  ['seal passphrase --file /nonexistent', 2, /cannot read the passphrase from \/nonexistent/],
  ['get --uid a --address nonsense', 2, /'nonsense' is not HOST:PORT/],
  ['password set', 2, /no terminal to ask for the password\nhint: .*--file FILE/],
  ['token create ci --role root --expires 1d', 2, /must be one of read-only, operator, administrator/],
  ['token create ci --role operator', 2, /required option '--expires <duration>' not specified/],
  ['token create ci --role operator --expires 6y', 2, /A duration from '1 min' to '1825 d'/],
  ['token create ci --role operator --expires 1826d', 2, /A duration from '1 min' to '1825 d'/],
  ['serve --admin-listen nonsense', 2, /admin\.listen is "nonsense", must be an address and a port, .* or 'off'/],
  ['serve --admin-password-file /nonexistent --listen 127.0.0.1:0', 2, /cannot read the administrator password/],
  ['serve --listen nonsense', 2, /kmip\.listen is "nonsense", must be an address and a port/],
  ['serve --log-level loud', 2, /log\.level is "loud", must be one of 'debug'/],
  ['serve --config /nonexistent', 2, /config file \/nonexistent cannot be read/],
  ['serve --recovery-passphrase-file /nonexistent', 2, /cannot read the recovery passphrase/],
];

test('wrong usage ends with a code of its own and says what is right', async (t) => {
  const data = temporaryDirectory(t);
  await Promise.all(
    wrong.map(async ([line, code, text]) => {
      const result = await runHere(line.split(' '), { KMIP_EDGE_DATA: data });
      t.is(result.code, code, line);
      t.regex(result.stderr, text, line);
      t.is(result.stdout, '', line);
      t.notRegex(result.stderr, /\n\s+at /, 'no stack trace');
    }),
  );
});

test('with --json a failure is JSON too', async (t) => {
  const { code, stderr } = await runHere(['status', '--data', nowhere, '--json']);
  t.is(code, 3);
  const { kind, hint } = JSON.parse(stderr) as { kind: string; hint: string };
  t.is(kind, 'server-not-running');
  t.regex(hint, /kmip-edge serve/);
});

test('the configuration template is a configuration file that changes nothing', async (t) => {
  const { code, stdout } = await runHere(['config', 'template']);
  t.is(code, 0);
  const file = join(temporaryDirectory(t), 'kmip-edge.yaml');
  writeFileSync(file, stdout);
  t.deepEqual(await loadConfig(file, {}), await loadConfig(undefined, {}));
  // Each setting without its '#': still a configuration file, with the defaults spelled out.
  const spelledOut = stdout.replaceAll(/^ {2}#(?! )/gm, '  ');
  t.true(Object.keys(parse(spelledOut) as object).includes('kmip'));
  writeFileSync(file, spelledOut);
  t.deepEqual(await loadConfig(file, {}), await loadConfig(undefined, {}));
});

test('--version prints the version, and a failing process ends with the code of its failure', async (t) => {
  t.is((await runCli(['status', '--data', nowhere])).code, 3);
  const { code, stdout } = await runCli(['--version']);
  t.is(code, 0);
  t.regex(stdout, /^\d+\.\d+\.\d+\n$/);
});
