// The story of kmip-edge in one terminal, in under a minute: a real server process, a Key Protect simulator over real HTTPS
// in a process of its own, and vCenter's own sequence of requests. Clocks are shortened, and it says where.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { call } from '../src/admin/api/client.ts';
import { connectKmip, type KmipClient } from '../src/cli/kmip-client.ts';
import { messageOf } from '../src/errors.ts';
import { attributeValue } from '../src/kmip/attributes.ts';
import { type ClientFiles, readClientFiles } from '../test/kit/server.ts';
import { newKeyAsVcenter } from '../test/kit/vcenter.ts';

const lease = '6 s';
const poll = '2 s';
const deadline = 55_000;

const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
const started = performance.now();
const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s`;
const say = (text: string): void => console.log(`${paint(90, seconds())}  ${text}`);
const chapter = (text: string): void => console.log(`\n${paint(1, text)}`);
const good = (text: string): void => say(`${paint(32, '✔')} ${text}`);

const root = join(import.meta.dirname, '..');
const directory = mkdtempSync(join(tmpdir(), 'kmip-edge-demo-'));
const data = join(directory, 'data');
const children: ChildProcess[] = [];

/** Starts a TypeScript program of this project; gives it with its output, line by line. */
const start = (file: string, args: readonly string[]): { readonly child: ChildProcess; readonly lines: Interface } => {
  const child = spawn(process.execPath, [join(root, file), ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout }) };
};

const lineThat = async (lines: Interface, wanted: (line: string) => boolean): Promise<string> =>
  new Promise((resolve, reject) => {
    lines.on('line', (line) => wanted(line) && resolve(line));
    lines.once('close', () => reject(new Error('a process of the demo ended early')));
  });

interface Upstream {
  readonly url: string;
  readonly iamUrl: string;
  readonly caFile: string;
  readonly instanceId: string;
  readonly apiKey: string;
  readonly crk: string;
}

const startUpstream = async (): Promise<{ readonly upstream: Upstream; tell(command: string): Promise<void> }> => {
  const { child, lines } = start('test/peers/key-protect/main.ts', []);
  const upstream = JSON.parse(await lineThat(lines, (line) => line.startsWith('{'))) as Upstream;
  const tell = async (command: string): Promise<void> => {
    const answered = lineThat(lines, (line) => line === 'ok' || line.startsWith('error'));
    child.stdin?.write(`${command}\n`);
    if ((await answered) !== 'ok') throw new Error(`the simulator refused: ${command}`);
  };
  return { upstream, tell };
};

/** Runs the command line as a user does and shows the line that was typed. */
const cli = async (shown: string, args: readonly string[]): Promise<void> => {
  say(paint(36, `$ kmip-edge ${shown}`));
  const child = spawn(process.execPath, [join(root, 'src/cli/kmip-edge.js'), ...args, '--data', data], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`kmip-edge ${shown} ended with ${String(code)}`);
};

const startEdge = async (): Promise<number> => {
  mkdirSync(data, { recursive: true });
  const config = join(directory, 'config.yaml');
  writeFileSync(config, `upstream:\n  pollInterval: ${poll}\n  attemptTimeout: 1 s\n  totalTimeout: 2 s\n`);
  const args = [
    'serve',
    '--data',
    data,
    '--config',
    config,
    '--listen',
    '127.0.0.1:0',
    '--admin-listen',
    'off',
    '--log-level',
    'error',
  ];
  const { lines } = start('src/cli/kmip-edge.js', args);
  const ready = await lineThat(lines, (line) => line.startsWith('kmip-edge ready on '));
  return Number(ready.slice(ready.lastIndexOf(':') + 1));
};

/** A host that asks for a key on a connection of its own, as vSAN hosts do after a power cut. */
const hostAsks = async (port: number, files: ClientFiles, uid: string): Promise<string> => {
  const host = await connectKmip({ host: '127.0.0.1', port, ...files });
  try {
    const { SymmetricKey: key } = await host.request('Get', { UniqueIdentifier: uid });
    const value = key?.KeyBlock.KeyValue;
    return value && !Buffer.isBuffer(value) && Buffer.isBuffer(value.KeyMaterial) ? 'served' : 'no key in the answer';
  } catch (error) {
    return messageOf(error);
  } finally {
    host.close();
  }
};

/** Asks until the answer is as told; failing to get there is the demo's failure. */
const until = async (
  what: string,
  ask: () => Promise<string>,
  wanted: (answer: string) => boolean,
): Promise<string> => {
  for (let last = ''; performance.now() - started < deadline; await setTimeout(250)) {
    last = await ask();
    if (wanted(last)) return last;
    if (performance.now() - started > deadline - 500) throw new Error(`${what} did not happen: ${last}`);
  }
  throw new Error(`${what} did not happen in time`);
};

const stateOf = async (client: KmipClient, uid: string): Promise<number> => {
  const { Attribute } = await client.request('GetAttributes', { UniqueIdentifier: uid, AttributeName: ['State'] });
  return attributeValue('State', Attribute[0]?.AttributeValue);
};

const story = async (): Promise<void> => {
  console.log(paint(1, 'kmip-edge: keys that stay when the cloud goes'));
  console.log(
    `Clocks are shortened: the offline lease is ${lease} (default 72 h), the root key is checked each ${poll} (default 50 s).`,
  );

  chapter('1  Key Protect (a simulator, over real HTTPS) and kmip-edge');
  const { upstream, tell } = await startUpstream();
  good(`Key Protect at ${upstream.url}, root key ${upstream.crk}`);
  const port = await startEdge();
  good(`kmip-edge listens on 127.0.0.1:${port}`);
  const apiKeyFile = join(directory, 'api-key');
  writeFileSync(apiKeyFile, upstream.apiKey, { mode: 0o600 });
  await cli("instance create prod --upstream key-protect --crk … --lease '6 s'", [
    ...['instance', 'create', 'prod', '--upstream', 'key-protect', '--url', upstream.url, '--iam-url', upstream.iamUrl],
    ...['--instance-id', upstream.instanceId, '--crk', upstream.crk, '--api-key-file', apiKeyFile],
    ...['--ca-file', upstream.caFile, '--lease', lease],
  ]);
  good('token, root key and a wrap and unwrap were checked before it was created');
  const out = join(directory, 'vcenter');
  await cli('client issue --instance prod --name vcenter --out vcenter', [
    ...['client', 'issue', '--instance', 'prod', '--name', 'vcenter', '--out', out],
  ]);
  const files = readClientFiles(out);
  const ask = (uid: string) => () => hostAsks(port, files, uid);

  chapter('2  vCenter makes a key: create, tag, get, activate, on several connections');
  const uid = await newKeyAsVcenter({ host: '127.0.0.1', port, ...files }, (step) => say(`  vCenter → ${step}`));
  good(`key ${uid}, wrapped by Key Protect`);

  chapter('3  The link to the cloud is cut');
  await tell('cut');
  const answers = await Promise.all(Array.from({ length: 64 }, ask(uid)));
  if (answers.some((answer) => answer !== 'served')) throw new Error(`a host was refused: ${answers.join('; ')}`);
  good('64 hosts boot at once: each gets the key, none needed the cloud');

  chapter(`4  The cloud stays away until the lease of ${lease} ends`);
  const ended = await until('the end of the lease', ask(uid), (answer) => answer !== 'served');
  if (!ended.includes('GeneralFailure') || !ended.includes('lease')) throw new Error(`not a clear refusal: ${ended}`);
  good('a host is refused, clearly, and not told that its key is lost:');
  say(`  ${paint(33, ended)}`);
  const client = await connectKmip({ host: '127.0.0.1', port, ...files });
  good(`nothing was erased: the key is still there (State ${await stateOf(client, uid)})`);
  client.close();

  chapter('5  The link returns');
  await tell('restore');
  await until('service', ask(uid), (answer) => answer === 'served');
  good('the key is served again');

  chapter('6  The owner disables the root key in Key Protect');
  const disabled = performance.now();
  await tell('disable');
  const refused = await until('the kill switch', ask(uid), (answer) => answer !== 'served');
  good(
    `served no more after ${((performance.now() - disabled) / 1000).toFixed(1)} s (with the default check: within a minute):`,
  );
  say(`  ${paint(33, refused)}`);
  await tell('advance 31000');
  await tell('enable');
  await until('service', ask(uid), (answer) => answer === 'served');
  good('enabled again: served again');

  const { instances } = await call(data, 'status', {});
  const prod = instances.find(({ name }) => name === 'prod');
  chapter(
    `Done: ${prod?.keys} key, root key ${prod?.rootKey.state}, upstream ${prod?.upstreamState}, in ${seconds().trim()}.`,
  );
};

const cleanUp = (): void => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
};
process.once('SIGINT', () => {
  cleanUp();
  process.exit(130);
});

try {
  await story();
} catch (error) {
  console.error(`\n${paint(31, 'the demo failed')}: ${messageOf(error)}`);
  process.exitCode = 1;
} finally {
  cleanUp();
}
