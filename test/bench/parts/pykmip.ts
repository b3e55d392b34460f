// PyKMIP's server with the same requests, for comparison, where Debian's package is installed.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createAuthority } from '../../../src/ca/authority.ts';
import { issueClientCertificate, issueServerCertificate } from '../../../src/ca/issue.ts';
import { type Bench, type Figure, microseconds, type Part } from '../bench.ts';
import { measureAlone } from '../compare.ts';
import type { Load } from '../load-client.ts';
import { createKey, type ServerProcess } from '../pair.ts';

const python = '/usr/bin/python3';
const program = `
import sys
from kmip.services.server import KmipServer
_, port, directory = sys.argv
server = KmipServer(hostname='127.0.0.1', port=int(port), certificate_path=directory + '/server.pem',
    key_path=directory + '/server.key', ca_path=directory + '/ca.pem', auth_suite='TLS1.2', config_path=None,
    log_path=directory + '/log', policy_path=directory, enable_tls_client_auth=True, logging_level='ERROR',
    database_path=directory + '/database')
with server:
    server.serve()
`;

const isInstalled = (): boolean => {
  try {
    execFileSync(python, ['-c', 'import kmip.services.server'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** Certificates as PyKMIP wants them: the client's must be meant for clients. */
const certificates = async (directory: string) => {
  const common = { days: 1, now: Date.now() };
  const authority = await createAuthority({ commonName: 'bench', ...common });
  const names = { dnsNames: ['localhost'], addresses: ['127.0.0.1'] };
  const server = await issueServerCertificate(authority, { commonName: 'localhost', ...names, ...common });
  const client = await issueClientCertificate(authority, { commonName: 'bench', ...common });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'ca.pem'), authority.certificatePem);
  writeFileSync(join(directory, 'server.pem'), server.certificatePem);
  writeFileSync(join(directory, 'server.key'), server.privateKeyPem.reveal());
  return {
    certificate: client.certificatePem,
    privateKey: client.privateKeyPem.reveal(),
    authority: authority.certificatePem,
  };
};

const start = async (bench: Bench, directory: string): Promise<ServerProcess> => {
  const client = await certificates(directory);
  const port = await freePort();
  const child = spawn(python, ['-W', 'ignore', '-c', program, String(port), directory], {
    stdio: 'ignore',
    detached: true,
  });
  const pid = child.pid ?? 0;
  // It starts a process of its own for its policies: the group ends with it.
  bench.defer(() => {
    if (child.exitCode === null) process.kill(-pid, 'SIGKILL');
  });
  return { port, client, pid };
};

/** Waits for the first key. */
const firstKey = async (server: ServerProcess): Promise<string> => {
  for (let tries = 0; ; tries++) {
    try {
      return await createKey(server);
    } catch (error) {
      if (tries === 50) throw error;
      await setTimeout(100);
    }
  }
};

/** CPU of one operation, microseconds. The connection has a thread of the server's, and stays open. */
const measure = async (bench: Bench, { pid, ...target }: ServerProcess, load: Pick<Load, 'operation' | 'uidFile'>) => {
  const client = bench.loadClient();
  const run = (operations: number) => client.ask({ ...target, ...load, order: 'in order', operations });
  const { cpuMicroseconds } = await measureAlone(bench.pace, { pid, run });
  return cpuMicroseconds;
};

export const pykmip: Part = async (bench): Promise<readonly Figure[]> => {
  bench.progress('PyKMIP …');
  if (bench.quick) return [{ name: 'PyKMIP', measured: 'left out of a quick bench' }];
  if (!isInstalled()) return [{ name: 'PyKMIP', measured: 'not installed (python3-pykmip): left out' }];
  try {
    const directory = bench.directory();
    const server = await start(bench, directory);
    const uidFile = join(directory, 'uids');
    writeFileSync(uidFile, await firstKey(server));
    const get = await measure(bench, server, { operation: 'Get', uidFile });
    const create = await measure(bench, server, { operation: 'Create' });
    return [
      { name: 'PyKMIP: Get on an open connection, CPU', measured: microseconds(get) },
      { name: 'PyKMIP: Create, CPU', measured: microseconds(create) },
    ];
  } catch (error) {
    return [{ name: 'PyKMIP', measured: `did not start: ${error instanceof Error ? error.message : error}` }];
  }
};
