// Service instances on the simulated upstreams, each simulator in a process of its own.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { call } from '../../src/admin/api/client.ts';
import type { Daemon } from '../kit/daemon.ts';
import type { Bench } from './bench.ts';
import type { ServerProcess } from './pair.ts';

type Simulator = ChildProcessByStdio<Writable, Readable, null>;

interface KeyProtectFacts {
  readonly url: string;
  readonly iamUrl: string;
  readonly caFile: string;
  readonly instanceId: string;
  readonly apiKey: string;
  readonly crk: string;
}

interface EndpointFacts {
  readonly address: string;
  readonly fingerprint: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

const startSimulator = async <Facts>(bench: Bench, peer: string): Promise<{ child: Simulator; facts: Facts }> => {
  const main = join(import.meta.dirname, '../peers', peer, 'main.ts');
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'inherit'] });
  bench.defer(() => child.stdin.end('quit\n'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, facts: JSON.parse(line.toString()) as Facts };
};

/** A client of an instance that is made now. */
const onUpstream = async (
  { dataDirectory, port, process: { pid = 0 } }: Daemon,
  upstream: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<ServerProcess> => {
  await call(dataDirectory, 'instance.create', { name: 'bench', upstream, settings });
  const issued = await call(dataDirectory, 'client.issue', { instance: 'bench', name: 'bench' });
  const { certificatePem: certificate, privateKeyPem: privateKey, authorityPem: authority } = issued;
  return { pid, port, client: { certificate, privateKey, authority } };
};

/** A service instance on the Key Protect simulator, and a client of it. */
export const onKeyProtect = async (bench: Bench, daemon: Daemon): Promise<ServerProcess> => {
  const { facts } = await startSimulator<KeyProtectFacts>(bench, 'key-protect');
  const { caFile, ...settings } = facts;
  return onUpstream(daemon, 'key-protect', { ...settings, caBundle: readFileSync(caFile, 'utf8') });
};

export interface OnEndpoint extends ServerProcess {
  /** Tells the simulator something, and gives its answer. */
  tell(command: string): Promise<string>;
}

/** The same on the simulated KMIP endpoint. */
export const onEndpoint = async (bench: Bench, daemon: Daemon): Promise<OnEndpoint> => {
  const { child, facts } = await startSimulator<EndpointFacts>(bench, 'regional-kmip');
  const settings = {
    endpoint: facts.address,
    fingerprints: [facts.fingerprint],
    certificate: readFileSync(facts.certificateFile, 'utf8'),
    privateKey: readFileSync(facts.keyFile, 'utf8'),
  };
  const server = await onUpstream(daemon, 'kmip', settings);
  const tell = async (command: string): Promise<string> => {
    child.stdin.write(`${command}\n`);
    let answer = '';
    while (!answer.endsWith('\n')) answer += String(((await once(child.stdout, 'data')) as [Buffer])[0]);
    return answer.trim();
  };
  return { ...server, tell };
};
