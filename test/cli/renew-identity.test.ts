// `kmip-edge instance renew-identity` as its user sees it: with an API key of Key Protect, by hand, interrupted, given up.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { run } from '../../src/cli/run.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { until } from '../kit/until.ts';
import { startKeyProtect } from '../moving/kit.ts';
import { makeClient, makeServerTls } from '../peers/regional-kmip/certificates.ts';
import { startRegionalSimulator } from '../peers/regional-kmip/simulator.ts';
import { runHere } from './here.ts';

const [tls, stranger] = [makeServerTls(), makeClient()];

/** A server whose instance `region` was made with an API key, so that Key Protect has the adapter. */
const setUp = async (t: ExecutionContext) => {
  const simulator = await startRegionalSimulator({ tls, client: stranger });
  t.teardown(() => simulator.close());
  let admits = true;
  const cloud = await startKeyProtect(
    t,
    (pem) => void (admits && simulator.admit(pem)),
    (pem) => simulator.expel(pem),
  );
  const server = await startServer(t);
  const folder = temporaryDirectory(t);
  const cli = (...args: readonly string[]) => runHere(args, { KMIP_EDGE_DATA: server.dataDirectory });
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const { url, iamUrl, instanceId, crk, caPem } = cloud;
  const access = (apiKey = cloud.addApiKey('Manager')) => [
    ...['--url', url, '--iam-url', iamUrl, '--instance-id', instanceId],
    ...['--api-key-file', file('key', apiKey), '--ca-file', file('ca.pem', caPem)],
  ];
  const where = ['--address', `${simulator.host}:${simulator.port}`, '--fingerprint', simulator.fingerprint.sha256];
  const first = ['--upstream', 'kmip', '--crk', crk, '--certificate-out', join(folder, 'first.pem')];
  const made = await cli('instance', 'create', 'region', ...first, ...where, ...access());
  t.is(made.code, 0, made.stderr);
  const out = join(folder, 'next.pem');
  const renew = (...args: readonly string[]) =>
    cli('instance', 'renew-identity', 'region', '--certificate-out', out, ...args);
  const client = await server.connect(await server.issue('region', 'host'));
  return {
    ...{ simulator, cloud, server, folder, cli, renew, access, out, client },
    first: readFileSync(join(folder, 'first.pem'), 'utf8'),
    /** Certificates that are uploaded from now on are, or are not, known at the endpoint. */
    admit: (now: boolean) => {
      admits = now;
    },
    onAdapter: () => cloud.adapters().flatMap(({ certificates }) => [...certificates.values()].map(({ pem }) => pem)),
  };
};

const same = (one: string, other: string): boolean => one.trim() === other.trim();

test('with an API key all is done: uploaded beside the one in use, taken, used, and the former one taken off', async (t) => {
  const { renew, access, out, simulator, first, onAdapter, client } = await setUp(t);
  const uid = await createKey(client);
  const done = await renew(...access());
  t.is(done.code, 0, done.stderr);
  const next = readFileSync(out, 'utf8');
  t.regex(done.stderr, /KMIP adapter region-[0-9a-f]{8} \([0-9a-f-]{36}\) has the certificate now/);
  t.regex(done.stderr, /The endpoint takes the new certificate, and it is in use now/);
  t.regex(done.stderr, /The certificate [0-9A-F:]{95} is off KMIP adapter region-/);
  t.regex(done.stderr, /Backups from before hold the former key/);
  t.regex(done.stdout, /instance: +region\nrenewal: +none under way\nin use: +SHA-256 [0-9A-F:]{95}, ends \d{4}-/);
  t.is(onAdapter().length, 1);
  t.true(same(onAdapter()[0] ?? '', next));
  t.is(simulator.openWith(first), 0);
  t.is((await getKey(client, uid)).length, 32);
});

test('until the endpoint takes the certificate the command waits and says so', async (t) => {
  const { access, out, simulator, admit, server } = await setUp(t);
  admit(false);
  const [printed, said]: [string[], string[]] = [[], []];
  const terminal = { out: (text: string) => void printed.push(text), err: (text: string) => void said.push(text) };
  const args = [
    'instance',
    'renew-identity',
    'region',
    '--certificate-out',
    out,
    ...access(),
    '--json',
    '--wait',
    '60',
  ];
  const renewing = run(args, { terminal, environment: { KMIP_EDGE_DATA: server.dataDirectory } });
  await until(() => said.some((text) => /^waiting, up to \d+ s more$/.test(text)));
  t.true(said.some((text) => text.startsWith('not accepted yet: ')));
  simulator.admit(readFileSync(out, 'utf8'));
  t.is(await renewing, 0, said.join('\n'));
  t.is((JSON.parse(printed.join('\n')) as { state: string }).state, 'none');
});

test('by hand: it is said where to upload the new one, and which one to delete afterwards', async (t) => {
  const { renew, out, simulator } = await setUp(t);
  const early = await renew('--wait', '0');
  t.is(early.code, 7);
  t.regex(early.stderr, /Upload .*next\.pem now to where the one in use is: in Key Protect to the same KMIP adapter/);
  t.regex(early.stderr, /The certificate in use stays so\. Repeat the command to go on, or give the new one up/);
  const pem = readFileSync(out, 'utf8');
  simulator.admit(pem);
  const done = await renew();
  t.is(done.code, 0, done.stderr);
  t.is(readFileSync(out, 'utf8'), pem, 'it went on with the same one');
  t.regex(done.stderr, /Now delete the certificate with the SHA-256 fingerprint [0-9A-F:]{95} where it was uploaded/);
  t.regex(done.stderr, /it is called edge-[0-9a-f]{32} where kmip-edge uploaded it\)/);
});

test('what fails after the switch is finished by the same command, with no other certificate', async (t) => {
  const { renew, access, out, cloud, simulator, first, onAdapter, cli } = await setUp(t);
  const heal = cloud.fault({ kind: 'html', status: 502 }, { on: 'delete-certificate' });
  const failed = await renew(...access());
  t.is(failed.code, 7, failed.stderr);
  const pem = readFileSync(out, 'utf8');
  const state = await cli('instance', 'renew-identity', 'region', '--state');
  t.regex(state.stdout, /renewal: +the new certificate is in use, the former one may still be known there\n/);
  t.is(onAdapter().length, 2);
  heal();
  const done = await renew(...access());
  t.is(done.code, 0, done.stderr);
  t.notRegex(done.stderr, /The new certificate/);
  t.true(onAdapter().length === 1 && same(onAdapter()[0] ?? '', pem));
  t.is(simulator.openWith(first), 0);
});

test('one that is given up is taken off the adapter and erased, and the one in use stays', async (t) => {
  const { renew, access, admit, onAdapter, first, client } = await setUp(t);
  admit(false);
  t.is((await renew(...access(), '--wait', '0')).code, 7);
  t.is(onAdapter().length, 2);
  const done = await renew(...access(), '--abandon');
  t.is(done.code, 0, done.stderr);
  t.regex(done.stdout, /renewal: +none under way/);
  t.true(onAdapter().length === 1 && same(onAdapter()[0] ?? '', first));
  t.is((await getKey(client, await createKey(client))).length, 32);
});

test('an API key without the role, or half of what names Key Protect, changes nothing', async (t) => {
  const { renew, access, cloud, onAdapter, cli } = await setUp(t);
  const refused = await renew(...access(cloud.addApiKey('Reader')));
  t.is(refused.code, 6, refused.stderr);
  t.regex(refused.stderr, /Manager or KmipAdapterManager/);
  t.is((await renew('--url', 'eu-de')).code, 2);
  t.is((await renew('--state', '--abandon')).code, 2);
  t.is(onAdapter().length, 1);
  t.regex((await cli('instance', 'renew-identity', 'region', '--state')).stdout, /is not in use yet/);
  t.regex((await cli('instance', 'renew-identity', 'default')).stderr, /'default' is not at a KMIP endpoint/);
});
