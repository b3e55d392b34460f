// PyKMIP's server as a KMIP endpoint, and PyKMIP's client as somebody else who uses it: nothing of both was written here.

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';
import { temporaryDirectory } from '../../kit/temporary.ts';
import { makeClient, makeServerTls } from '../regional-kmip/certificates.ts';

const python = '/usr/bin/python3';

export const hasPykmip = (): boolean =>
  spawnSync(python, ['-W', 'ignore', '-c', 'import kmip.pie.client']).status === 0;

export interface ForeignEndpoint {
  /** What `instance.create` takes. */
  readonly settings: Readonly<Record<'endpoint' | 'caBundle' | 'certificate' | 'privateKey', string>>;
  /** `make NAME`, or `bytes`, `activate`, `state`, `revoke` with an identifier. */
  act(what: 'make' | 'bytes' | 'activate' | 'state' | 'revoke', argument: string): Promise<string>;
  stop(): Promise<void>;
}

const freePort = async (): Promise<number> => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const start = (t: ExecutionContext, script: string, directory: string, port: number) => {
  const child = spawn(python, ['-W', 'ignore', join(import.meta.dirname, script), directory, `${port}`], {
    detached: true,
  });
  // Its manager is a process of its own: the whole group ends.
  t.teardown(() => endGroup(child));
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${script} has ended: ${errors}`);
    return value;
  };
  return { child, nextLine };
};

const endGroup = async (child: ChildProcessWithoutNullStreams): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await ended;
};

export const startForeignEndpoint = async (t: ExecutionContext): Promise<ForeignEndpoint> => {
  const [directory, port, tls, client] = [temporaryDirectory(t), await freePort(), makeServerTls(), makeClient()];
  const files = {
    'server.pem': tls.certificatePem,
    'server.key': tls.privateKeyPem,
    'ca.pem': tls.caPem,
    'client.pem': client.certificatePem,
    'client.key': client.privateKeyPem,
    'pykmip.conf': '[client]\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text, { mode: 0o600 });
  mkdirSync(join(directory, 'policy'));
  const server = start(t, 'server.py', directory, port);
  await server.nextLine();
  const other = start(t, 'client.py', directory, port);
  return {
    settings: {
      endpoint: `127.0.0.1:${port}`,
      caBundle: tls.caPem,
      certificate: client.certificatePem,
      privateKey: client.privateKeyPem,
    },
    async act(what, argument) {
      other.child.stdin.write(`${what} ${argument}\n`);
      return other.nextLine();
    },
    async stop() {
      await endGroup(other.child);
      await endGroup(server.child);
    },
  };
};
