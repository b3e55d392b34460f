// A service instance at a KMIP endpoint, set up from the command line: first contact, our certificate, patience, a changed
// certificate, and keeping in step.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { InstanceView } from '../../src/admin/api/instances.ts';
import { run } from '../../src/cli/run.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { refusal } from '../kit/refusal.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { until } from '../kit/until.ts';
import { startKeyProtect } from '../moving/kit.ts';
import { makeClient, makeServerTls } from '../peers/regional-kmip/certificates.ts';
import { startRegionalSimulator } from '../peers/regional-kmip/simulator.ts';

const [tls, stranger] = [makeServerTls(), makeClient()];

const setUp = async (t: ExecutionContext, answer?: string) => {
  const simulator = await startRegionalSimulator({ tls, client: stranger });
  t.teardown(() => simulator.close());
  const server = await startServer(t);
  const folder = temporaryDirectory(t);
  const questions: string[] = [];
  /** All that was printed on standard error. */
  const said: string[] = [];
  const cli = async (...args: readonly string[]) => {
    const [out, err]: [string[], string[]] = [[], []];
    const ask =
      answer === undefined
        ? undefined
        : async (question: string): Promise<string> => {
            questions.push(question);
            return answer;
          };
    const say = (text: string): void => {
      err.push(text);
      said.push(text);
    };
    const terminal = { out: (text: string) => void out.push(text), err: say, ask };
    const code = await run(args, { terminal, environment: { KMIP_EDGE_DATA: server.dataDirectory } });
    return { code, stdout: out.join('\n'), stderr: err.join('\n') };
  };
  const certificateFile = join(folder, 'ours.pem');
  const address = `${simulator.host}:${simulator.port}`;
  const where = ['--upstream', 'kmip', '--address', address, '--certificate-out', certificateFile];
  return { simulator, server, cli, questions, said, certificateFile, folder, where };
};

const instances = async (server: Awaited<ReturnType<typeof startServer>>): Promise<readonly InstanceView[]> =>
  server.api('instance.list', {});

test('where nobody can be asked, an endpoint is not trusted unseen, and the refusal shows what to compare', async (t) => {
  const { cli, simulator, server, where } = await setUp(t);
  const refused = await cli('instance', 'create', 'region', ...where);
  t.is(refused.code, 2);
  const shown = simulator.fingerprint.sha256.toUpperCase().match(/../g)?.join(':') ?? '';
  t.true(refused.stderr.includes(`SHA-256: ${shown}`), refused.stderr);
  t.regex(refused.stderr, new RegExp(`hint: compare with a source that you trust, then: --fingerprint ${shown}`));
  t.is((await instances(server)).length, 1);
  t.is(simulator.bytes, 0);
});

test('a no at first contact sends nothing', async (t) => {
  const { cli, simulator, questions, where } = await setUp(t, 'no');
  const refused = await cli('instance', 'create', 'region', ...where);
  t.is(refused.code, 6);
  t.is(questions.length, 1);
  t.regex(refused.stderr, /the endpoint was not trusted: nothing was sent to it/);
  t.is(simulator.bytes, 0);
});

test('after a yes the certificate is printed and saved, and the command waits until it is accepted', async (t) => {
  const { cli, simulator, server, said, certificateFile, where } = await setUp(t, 'yes');
  const creating = cli('instance', 'create', 'region', ...where, '--wait', '60');
  await until(() => said.some((text) => text.startsWith('not accepted yet: ')));
  const pem = readFileSync(certificateFile, 'utf8');
  simulator.admit(pem);
  const made = await creating;
  t.is(made.code, 0, made.stderr);
  t.true(made.stderr.includes(pem.trim()));
  t.regex(made.stderr, /not accepted yet: .*\nwaiting, up to \d+ s more/);
  t.regex(made.stdout, /instance: +region\nupstream: +kmip, reachable\n/);
  const client = await server.connect(await server.issue('region', 'host'));
  const uid = await createKey(client);
  t.deepEqual(await getKey(client, uid), simulator.keys()[0]?.material);
  t.false(JSON.stringify(await instances(server)).includes('PRIVATE KEY'));
});

test('the same command again uses the same identity; one that is never accepted ends with what was said', async (t) => {
  const { cli, certificateFile, simulator, where } = await setUp(t);
  const trust = ['--fingerprint', simulator.fingerprint.sha256];
  const first = await cli('instance', 'create', 'region', ...where, ...trust, '--wait', '0');
  t.is(first.code, 7);
  const pem = readFileSync(certificateFile, 'utf8');
  simulator.admit(pem);
  const again = await cli('instance', 'create', 'region', ...where, ...trust);
  t.is(again.code, 0, again.stderr);
  t.is(readFileSync(certificateFile, 'utf8'), pem);
});

test('with an API key of Key Protect the adapter is made and the certificate uploaded', async (t) => {
  const { cli, folder, simulator, where } = await setUp(t);
  const cloud = await startKeyProtect(t, (pem) => simulator.admit(pem));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const { url, iamUrl, instanceId, crk, caPem } = cloud;
  const keyProtect = (apiKey: string) => [
    ...['--url', url, '--iam-url', iamUrl, '--instance-id', instanceId, '--crk', crk],
    ...['--api-key-file', file('key', apiKey), '--ca-file', file('ca.pem', caPem)],
  ];
  const trust = ['--fingerprint', simulator.fingerprint.sha256];
  const reader = cloud.addApiKey('Reader');
  const refused = await cli('instance', 'create', 'region', ...where, ...trust, ...keyProtect(reader));
  t.is(refused.code, 6, refused.stderr);
  t.regex(refused.stderr, /Manager or KmipAdapterManager/);
  const manager = cloud.addApiKey('Manager');
  const made = await cli('instance', 'create', 'region', ...where, ...trust, ...keyProtect(manager));
  t.is(made.code, 0, made.stderr);
  t.regex(made.stderr, /KMIP adapter region-[0-9a-f]{8} \([0-9a-f-]{36}\) has the certificate now/);
});

test('a changed certificate is an alarm until it is accepted by name', async (t) => {
  const { cli, server, simulator, certificateFile, where } = await setUp(t, 'yes');
  const pin = ['--fingerprint', simulator.fingerprint.sha256];
  await cli('instance', 'create', 'region', ...where, ...pin, '--wait', '0');
  simulator.admit(readFileSync(certificateFile, 'utf8'));
  t.is((await cli('instance', 'create', 'region', ...where, ...pin)).code, 0);
  const { uid, material } = simulator.makeKey();
  await simulator.stop();
  await simulator.start(makeServerTls());
  const client = await server.connect(await server.issue('region', 'host'));
  t.regex(await refusal(t, getKey(client, uid)), /not the pinned one/);
  await until(async () =>
    /ALARM region: nothing is sent upstream: .*not the pinned one/.test((await cli('instance', 'list')).stdout),
  );
  t.regex((await cli('status')).stdout, /ALARM: +nothing is sent upstream/);
  const trusted = await cli('instance', 'trust', 'region');
  t.is(trusted.code, 0, trusted.stderr);
  t.regex(trusted.stderr, /pinned until now: /);
  t.deepEqual(await getKey(client, uid), material);
  t.notRegex((await cli('instance', 'list')).stdout, /ALARM/);
});

test('a sync fetches every key and says how many', async (t) => {
  const { cli, simulator, server, certificateFile, where } = await setUp(t);
  const pin = ['--fingerprint', simulator.fingerprint.sha256];
  await cli('instance', 'create', 'region', ...where, ...pin, '--wait', '0');
  simulator.admit(readFileSync(certificateFile, 'utf8'));
  t.is((await cli('instance', 'create', 'region', ...where, ...pin)).code, 0);
  await until(async () => (await server.api('instance.sync.state', { name: 'region' })).running === false);
  const keys = Array.from({ length: 30 }, () => simulator.makeKey());
  const synced = await cli('instance', 'sync', 'region');
  t.is(synced.code, 0, synced.stderr);
  t.regex(synced.stdout, /keys: +30\nnew here: +30\n/);
  await simulator.stop();
  const client = await server.connect(await server.issue('region', 'host'));
  for (const { uid, material } of keys) t.deepEqual(await getKey(client, uid), material);
  t.is((await cli('instance', 'sync', 'default')).code, 2);
  t.is((await cli('instance', 'sync', 'region')).code, 7);
});

test('the table of regions says what has ended and what will', async (t) => {
  const { cli } = await setUp(t);
  const { stdout } = await cli('instance', 'regions');
  t.regex(stdout, /2018\.sydney +Sydney +2018 +ended 2018-12-14 +130\.198\.73\.134:5696/);
  t.regex(
    stdout,
    /vmware\.eu-central +Frankfurt +vmware +(until|ended) 2027-01-01 +kmip-1\.private\.eu-central\.vmware-/,
  );
  t.regex(stdout, /private\.eu-de +Frankfurt +key-protect +yes +private\.eu-de\.kms\.cloud\.ibm\.com:5696/);
});
