// Boots the OVA as a customer would and holds what was promised: it sets itself up from its OVF properties, serves a foreign
// KMIP client, loses nothing when the plug is pulled in a storm of changes, and comes up again by itself.
// Usage: node scripts/test-ova.ts [--ova FILE] [--cuts 2] [--keep]

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectKmip } from '../src/cli/kmip-client.ts';
import { newLedger, readBack, stormAndKill, type Target } from '../test/custody/storm.ts';
import { Administrator } from '../test/system/administrator.ts';
import { Machine } from '../test/system/machine.ts';

const { values } = parseArgs({
  options: {
    ova: { type: 'string' },
    cuts: { type: 'string', default: '2' },
    keep: { type: 'boolean', default: false },
  },
});
const root = resolve(import.meta.dirname, '..');
const ova = values.ova ?? globSync('build/*.ova', { cwd: root }).map((name) => join(root, name))[0];
if (ova === undefined) throw new Error("there is no OVA: make one with 'npm run ova'");
const largest = 350_000_000;
const stormTime = 15_000;
/** Milliseconds from the first KMIP answer to the end of the set-up. */
const setUpTime = 180_000;
const password = 'correct horse battery';
const hostname = 'edge1.example.com';
const facts: (readonly [string, string])[] = [];
const began = performance.now();

const say = (text: string): void =>
  console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}`);
const require = (what: string, holds: boolean): void => {
  if (!holds) throw new Error(`not so: ${what}`);
  say(`well: ${what}`);
};

/** Order, manifest and size, read from the file alone. */
const checkFile = (file: string): void => {
  const members = execFileSync('tar', ['-t', '-f', file]).toString().trim().split('\n');
  require('descriptor, manifest and disk come in that order', /\.ovf\n.*\.mf\n.*\.vmdk$/.test(members.join('\n')));
  const content = (name: string): Buffer => execFileSync('tar', ['-x', '-O', '-f', file, name], { maxBuffer: 2 ** 31 });
  const [ovf = '', manifest = '', disk = ''] = members;
  const listed = content(manifest).toString().trim().split('\n');
  const expected = [ovf, disk].map(
    (name) => `SHA256(${name})= ${createHash('sha256').update(content(name)).digest('hex')}`,
  );
  require('the manifest is that of the files', listed.join() === expected.join());
  const { size } = statSync(file);
  require(`${(size / 1e6).toFixed(0)} MB are at most ${largest / 1e6} MB`, size <= largest);
  facts.push(['OVA', `${(size / 1e6).toFixed(0)} MB`]);
};

/** The page comes after KMIP, and the password of the deployment after the page. */
const signedIn = async (administrator: Administrator): Promise<void> => {
  const until = performance.now() + setUpTime;
  for (;;) {
    try {
      await administrator.signIn(password);
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await setTimeout(5000);
    }
  }
};

const setUp = async (machine: Machine): Promise<Target> => {
  const administrator = new Administrator(machine.httpsPort);
  await signedIn(administrator);
  const status = await administrator.ask('status', {});
  require('the host name of the deployment is in the server certificate', status.certificate.subject ===
    `CN=${hostname}`);
  const issued = await administrator.ask('client.issue', { instance: 'default', name: 'host1' });
  const client = {
    certificate: issued.certificatePem,
    privateKey: issued.privateKeyPem,
    authority: issued.authorityPem,
  };
  return { port: machine.kmipPort, client, end: () => machine.cutPower() };
};

/** Debian's PyKMIP, where it is installed. */
const foreignClient = (target: Target, directory: string): void => {
  const { certificate, privateKey, authority } = target.client;
  const files = { 'client.pem': certificate, 'client.key': privateKey, 'ca.pem': authority };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content, { mode: 0o600 });
  const paths = Object.keys(files).map((name) => join(directory, name));
  const args = [join(root, 'test/clients/pykmip.py'), '127.0.0.1', String(target.port), ...paths, '1.2'];
  const steps = execFileSync('/usr/bin/python3', args, {
    timeout: 120_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .toString()
    .trim()
    .split('\n');
  const made = steps.map((step) => JSON.parse(step) as { readonly step: string; readonly ok: boolean });
  require('PyKMIP makes a key and gets it', made.some(({ step, ok }) => step === 'get registered' && ok));
};

const test = async (file: string): Promise<void> => {
  checkFile(file);
  const directory = mkdtempSync(join(tmpdir(), 'kmip-edge-machine-'));
  const machine = new Machine({ directory, ova: file, properties: { hostname, password } });
  try {
    say('deployed; power on');
    machine.deploy();
    const first = await machine.start();
    facts.push(['power-on to KMIP, with the data disk made', `${first} s`]);
    let target = await setUp(machine);
    foreignClient(target, directory);
    const pictures = join(root, 'artifacts/ova');
    mkdirSync(pictures, { recursive: true });
    await machine.screenshot(join(pictures, 'tty1.ppm'));
    require('the serial console shows how it is', /KMIP key management server[\s\S]*All is well|not well/.test(
      machine.serial(),
    ));
    require('nothing secret is on the serial console', !machine.serial().includes(password));
    const ledger = newLedger();
    for (let cut = 1; cut <= Number(values.cuts); cut += 1) {
      await stormAndKill(target, ledger, 4, stormTime);
      say(`the plug is pulled after ${ledger.acts} acts; power on`);
      const again = await machine.start();
      facts.push([`power-on to KMIP, after a power cut`, `${again} s`]);
      target = { ...target, port: machine.kmipPort };
      const keys = await readBack(target, ledger, true);
      require(`all ${keys} keys are as their clients were told`, ledger.losses.length === 0);
    }
    const connection = await connectKmip({ host: '127.0.0.1', port: target.port, ...target.client });
    connection.close();
  } finally {
    await machine.cutPower();
    if (!values.keep) rmSync(directory, { recursive: true, force: true });
  }
};

await test(ova);
console.log(`\n${facts.map(([name, value]) => `| ${name} | ${value} |`).join('\n')}\n`);
say('done');
