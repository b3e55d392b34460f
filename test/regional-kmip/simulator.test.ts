// The simulator itself: with a client that nobody here wrote (PyKMIP), and as a process.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'ava';
import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { Secret } from '../../src/secret.ts';
import { createRegionalEndpoint } from '../../src/upstream/regional-kmip/endpoint.ts';
import { endpointOf } from '../../src/upstream/regional-kmip/endpoints.ts';
import { pinTrust } from '../../src/upstream/regional-kmip/trust.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { states } from '../peers/regional-kmip/tags.ts';
import { aes, startSimulator, testTimings } from './kit.ts';

const python = '/usr/bin/python3';
const program = `
import sys, binascii
from kmip.core import enums
from kmip.pie.client import ProxyKmipClient
port, directory = sys.argv[1], sys.argv[2]
client = ProxyKmipClient(hostname='127.0.0.1', port=int(port), cert=directory + '/client.pem',
    key=directory + '/client.key', ca=directory + '/ca.pem', ssl_version='PROTOCOL_TLSv1_2',
    kmip_version=enums.KMIPVersion.KMIP_1_4, config='client', config_file=directory + '/pykmip.conf')
with client:
    uid = client.create(enums.CryptographicAlgorithm.AES, 256, name='from-pykmip')
    client.activate(uid)
    key = client.get(uid)
    print(uid, binascii.hexlify(key.value).decode())
    print(client.locate()[0])
    client.revoke(enums.RevocationReasonCode.CESSATION_OF_OPERATION, uid)
    client.destroy(uid)
`;

const hasPyKmip = (): boolean => {
  try {
    execFileSync(python, ['-W', 'ignore', '-c', 'import kmip.pie.client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const run = async (args: readonly string[]): Promise<string> => {
  const child = spawn(python, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(errors);
  return output;
};

test('PyKMIP creates, activates, gets, locates, revokes and destroys', async (t) => {
  if (!hasPyKmip()) {
    t.log('skipped: python3-pykmip is not installed');
    t.pass();
    return;
  }
  const simulator = await startSimulator(t);
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'ca.pem'), simulator.tls.caPem);
  writeFileSync(join(directory, 'client.pem'), simulator.client.certificatePem);
  writeFileSync(join(directory, 'pykmip.conf'), '[client]\n');
  writeFileSync(join(directory, 'client.key'), simulator.client.privateKeyPem);
  const materials: string[] = [];
  simulator.fault({
    kind: 'tamper',
    with: (answer) => {
      materials.push(simulator.keys()[0]?.material?.toString('hex') ?? '');
      return answer;
    },
  });
  const output = await run(['-W', 'ignore', '-c', program, String(simulator.port), directory]);
  const [key] = simulator.keys();
  t.is(output, `${key?.uid} ${materials[0]}\n${key?.uid}\n`);
  t.is(key?.state, states.destroyed);
});

test('as a process it tells how to reach it, obeys, and cleans up', async (t) => {
  const child = spawn(process.execPath, ['test/peers/regional-kmip/main.ts'], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  const ask = (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`);
    return next();
  };
  const hello = JSON.parse(await next()) as Record<
    'address' | 'fingerprint' | 'caFile' | 'certificateFile' | 'keyFile',
    string
  >;
  const endpoint = createRegionalEndpoint({
    addresses: endpointOf(hello.address).addresses,
    trust: pinTrust([hello.fingerprint]),
    identity: {
      certificate: readFileSync(hello.certificateFile, 'utf8'),
      privateKey: new Secret(readFileSync(hello.keyFile, 'utf8')),
    },
    timings: testTimings,
    clock: systemClock,
    log: silentLog,
  });
  t.teardown(() => endpoint.close());
  t.is(await ask('fault cut-after Create 1'), 'ok');
  const uid = await endpoint.create(aes, 'marker-of-process');
  t.deepEqual(JSON.parse(await ask('keys')), [{ uid, state: 1 }]);
  t.like(JSON.parse(await ask('counts')), { received: { Create: 1 } });
  t.regex(await ask('fault nonsense'), /^error: faults are/);
  t.regex(await ask('nonsense'), /^error: commands are/);
  t.regex(await ask('revoke nothing'), /^error: no key/);
  child.stdin.write('quit\n');
  await once(child, 'close');
  t.is(child.exitCode, 0);
  t.false(existsSync(hello.keyFile));
});
