// The machine sets itself up from its OVF properties, serves a foreign KMIP client, loses nothing when the plug is pulled in
// a storm of changes, and comes up again by itself.

import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import { createKey } from '../custody/requests.ts';
import { newLedger, readBack, stormAndKill, type Target } from '../custody/storm.ts';
import { Administrator } from './administrator.ts';
import type { Machine } from './machine.ts';
import type { Part, Trial } from './trial.ts';

const root = resolve(import.meta.dirname, '../..');
const cuts = 2;
/** Milliseconds. */
const stormTime = 12_000;
const password = 'correct horse battery';
const hostname = 'edge1.example.com';

const setUp = async (trial: Trial, machine: Machine): Promise<Target> => {
  const administrator = new Administrator(machine.httpsPort);
  await administrator.signInWhenReady(password);
  const status = await administrator.ask('status', {});
  trial.require(
    'the host name of the deployment is in the server certificate',
    status.certificate.subject === `CN=${hostname}`,
    status.certificate.subject,
  );
  const issued = await administrator.ask('client.issue', { instance: 'default', name: 'host1' });
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

/** Debian's PyKMIP. */
const foreignClient = (trial: Trial, target: Target): void => {
  const { certificate, privateKey, authority } = target.client;
  const files = { 'client.pem': certificate, 'client.key': privateKey, 'ca.pem': authority };
  const paths = Object.entries(files).map(([name, content]) => {
    const path = join(trial.directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  });
  const args = [join(root, 'test/clients/pykmip.py'), '127.0.0.1', String(target.port), ...paths, '1.2'];
  const options = { timeout: 120_000, stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
  const steps = execFileSync('/usr/bin/python3', args, options).toString().trim().split('\n');
  const made = steps.map((step) => JSON.parse(step) as { readonly step: string; readonly ok: boolean });
  trial.require(
    'PyKMIP makes a key and gets it',
    made.some(({ step, ok }) => step === 'get registered' && ok),
  );
};

const run = async (trial: Trial): Promise<void> => {
  const machine = trial.machine('edge1', { hostname, password });
  trial.fact('power-on to KMIP, with the data disk made', `${await machine.start()} s`);
  let target = await setUp(trial, machine);
  if (existsSync('/usr/lib/python3/dist-packages/kmip')) foreignClient(trial, target);
  await trial.picture(machine, 'tty1');
  trial.require(
    'the serial console shows how it is',
    /KMIP key management server[\s\S]*SHA-1 +(?:[0-9A-F]{2}:){8}/.test(machine.serial()),
    machine.serial().slice(-3000),
  );
  trial.require('nothing secret is on the serial console', !machine.serial().includes(password));
  const ledger = newLedger();
  for (let cut = 1; cut <= cuts; cut += 1) {
    await stormAndKill(target, ledger, 4, stormTime);
    trial.say(`the plug is pulled after ${ledger.acts} acts; power on`);
    trial.fact('power-on to KMIP, after a power cut', `${await machine.start()} s`);
    target = { ...target, port: machine.kmipPort };
    const keys = await readBack(target, ledger, true);
    trial.require(
      `all ${keys} keys are as their clients were told`,
      ledger.losses.length === 0,
      ledger.losses.join('\n'),
    );
  }
};

export const firstBoot: Part = {
  name: 'first-boot',
  holds: 'set-up from properties, a foreign client, power cuts in a storm of changes',
  always: true,
  run,
};
