// The machine sets itself up from its OVF properties, serves a foreign KMIP client from keys that Key Protect wraps, loses
// nothing when the plug is pulled in a storm of changes, and comes up again by itself, the cloud out of reach or not.

import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import { createKey } from '../custody/requests.ts';
import { type Ledger, newLedger, readBack, stormAndKill, type Target } from '../custody/storm.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import { type KeyProtectSimulator, startKeyProtectSimulator } from '../peers/key-protect/simulator.ts';
import { Administrator } from './administrator.ts';
import { hostAddress, type Machine } from './machine.ts';
import type { Part, Trial } from './trial.ts';

const root = resolve(import.meta.dirname, '../..');
/** Milliseconds. */
const stormTime = 12_000;
const password = 'correct horse battery';
const hostname = 'edge1.example.com';

/** A service instance on Key Protect, as the machine sees the simulator on this host. */
const addCloud = async (administrator: Administrator, simulator: KeyProtectSimulator): Promise<void> => {
  const { instanceId, apiKey, crk, caPem: caBundle } = simulator;
  const [url = '', iamUrl = ''] = [simulator.url, simulator.iamUrl].map((one) => one.replace('127.0.0.1', hostAddress));
  const settings = { url, iamUrl, caBundle, instanceId, apiKey, crk };
  await administrator.ask('instance.create', { name: 'cloud', upstream: 'key-protect', settings });
};

const setUp = async (trial: Trial, machine: Machine, simulator: KeyProtectSimulator): Promise<Target> => {
  const administrator = new Administrator(machine.httpsPort);
  await administrator.signInWhenReady(password);
  const status = await administrator.ask('status', {});
  trial.require(
    'the host name of the deployment is in the server certificate',
    status.certificate.subject === `CN=${hostname}`,
    status.certificate.subject,
  );
  await addCloud(administrator, simulator);
  const issued = await administrator.ask('client.issue', { instance: 'cloud', name: 'host1' });
  const client = {
    certificate: issued.certificatePem,
    privateKey: issued.privateKeyPem,
    authority: issued.authorityPem,
  };
  const connection = await connectKmip({ host: '127.0.0.1', port: machine.kmipPort, ...client });
  await createKey(connection);
  connection.close();
  trial.fact('power-on to the first key, with the data disk made and the set-up done', `${machine.secondsOn()} s`);
  const { memory } = await administrator.ask('appliance.show', {});
  trial.fact('memory of the server process', `${(memory.resident / 2 ** 20).toFixed(0)} MiB`);
  return { port: machine.kmipPort, client, end: () => machine.cutPower() };
};

/** Debian's PyKMIP; meanwhile the simulator, which is in this process, answers. */
const foreignClient = async (trial: Trial, target: Target): Promise<void> => {
  const { certificate, privateKey, authority } = target.client;
  const files = { 'client.pem': certificate, 'client.key': privateKey, 'ca.pem': authority };
  const paths = Object.entries(files).map(([name, content]) => {
    const path = join(trial.directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  });
  const args = [join(root, 'test/clients/pykmip.py'), '127.0.0.1', String(target.port), ...paths, '1.2'];
  const { stdout } = await promisify(execFile)('/usr/bin/python3', args, { timeout: 120_000 });
  const steps = stdout.trim().split('\n');
  const made = steps.map((step) => JSON.parse(step) as { readonly step: string; readonly ok: boolean });
  trial.require(
    'PyKMIP makes a key and gets it',
    made.some(({ step, ok }) => step === 'get registered' && ok),
    steps.join('\n'),
  );
};

interface Scene {
  readonly trial: Trial;
  readonly machine: Machine;
  readonly ledger: Ledger;
}

/** The plug is pulled in a storm of changes; `meanwhile` happens before the power is back. All keys must be as they were. */
const pullThePlug = async (scene: Scene, from: Target, meanwhile?: () => Promise<void>): Promise<Target> => {
  const { trial, machine, ledger } = scene;
  await stormAndKill(from, ledger, 4, stormTime);
  trial.say(`the plug is pulled after ${ledger.acts} acts`);
  await meanwhile?.();
  trial.fact('power-on to KMIP, after a power cut', `${await machine.start()} s`);
  const target = { ...from, port: machine.kmipPort };
  const keys = await readBack(target, ledger, true);
  trial.require(
    `all ${keys} keys are as their clients were told`,
    ledger.losses.length === 0,
    ledger.losses.join('\n'),
  );
  return target;
};

const run = async (trial: Trial): Promise<void> => {
  const simulator = await startKeyProtectSimulator({ tls: makeTlsMaterial([hostAddress]) });
  try {
    const machine = trial.machine('edge1', { hostname, password }, { tpm: true });
    trial.fact('power-on to KMIP, with the data disk made', `${await machine.start()} s`);
    const target = await setUp(trial, machine, simulator);
    if (existsSync('/usr/lib/python3/dist-packages/kmip')) await foreignClient(trial, target);
    await trial.picture(machine, 'tty1');
    trial.require(
      'the serial console shows how it is',
      /KMIP key management server[\s\S]*SHA-1 +(?:[0-9A-F]{2}:){8}/.test(machine.serial()),
      machine.serial().slice(-3000),
    );
    trial.require('nothing secret is on the serial console', !machine.serial().includes(password));
    const scene = { trial, machine, ledger: newLedger() };
    const again = await pullThePlug(scene, target);
    await pullThePlug(scene, again, async () => {
      trial.say('the cloud is out of reach before the power is back');
      await simulator.close();
    });
  } finally {
    await simulator.close();
  }
};

export const firstBoot: Part = {
  name: 'first-boot',
  holds:
    'with a TPM: set-up from properties, a foreign client, power cuts in a storm of changes, a start without the cloud',
  always: true,
  run,
};
