// An appliance is updated: the plug is pulled while the new system is written and again right after it was to be tried; a
// system whose server does not come up gives way by itself; and after each of these all keys are as their clients were told.

import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readAppliance } from '../../packer/appliance.ts';
import { fileInImage, shrink, takeSlot, writeBundle } from '../../packer/update-bundle.ts';
import { pieceBytes, type UpdateView } from '../../src/admin/api/updates.ts';
import { schemaVersion } from '../../src/store/sqlite/migrations.ts';
import { newLedger, readBack, stormAndKill, type Target } from '../custody/storm.ts';
import { Administrator } from './administrator.ts';
import type { Machine } from './machine.ts';
import type { Part, Trial } from './trial.ts';

const root = resolve(import.meta.dirname, '../..');
const password = 'correct horse battery';
/** Milliseconds. */
const stormTime = 6000;
const pollPause = 1000;
const patience = 900_000;
const product = '/opt/kmip-edge';

/** The private half of the key that the appliance was built with: the build's development key. */
const developmentKey = (): string => {
  const path = process.env['KMIP_EDGE_UPDATE_KEY'] ?? join(root, 'build/cache/update-development-key.pem');
  if (!existsSync(path))
    throw new Error(`there is no ${path}: the OVA is not of this build, or name its key by KMIP_EDGE_UPDATE_KEY`);
  return path;
};

/** Puts a file into an image, in the place of the one that is there. */
const replaceInImage = (image: string, path: string, content: string): void => {
  const file = `${image}.file`;
  writeFileSync(file, content);
  execFileSync('debugfs', ['-w', '-f', '-', image], {
    input: `rm ${path}\nwrite ${file} ${path}\nsif ${path} uid 0\nsif ${path} gid 0\nsif ${path} mode 0100644\n`,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  rmSync(file);
};

/** A bundle of the machine's own system as another version, and with `change` made to it. */
const bundleOf = async (
  base: string,
  version: string,
  out: string,
  change: (image: string) => void = () => undefined,
): Promise<string> => {
  const image = `${base}.${version}`;
  copyFileSync(base, image);
  const facts = JSON.parse(fileInImage(image, `${product}/package.json`)) as object;
  replaceInImage(image, `${product}/package.json`, JSON.stringify({ ...facts, version }));
  change(image);
  const key = createPrivateKey(readFileSync(developmentKey()));
  const options = { image, out, version, minimumVersion: '0.0.1', schema: schemaVersion, key };
  await writeBundle({ ...options, now: Date.now(), level: 3 });
  rmSync(image);
  return out;
};

/** The slot that runs in `machine`'s disk, as small as its content, so that less is written under emulation. */
const smallSlot = (trial: Trial, disk: string): string => {
  const { system } = readAppliance(root);
  const image = join(trial.directory, 'slot');
  takeSlot(disk, image, { start: 1 + system.espMiB, size: system.slotMiB });
  shrink(image);
  return image;
};

const upload = async (administrator: Administrator, path: string): Promise<void> => {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    await administrator.ask('update.upload', { size });
    for (let offset = 0; offset < size; ) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(pieceBytes), 0, pieceBytes, offset);
      const bytes = buffer.toString('base64', 0, bytesRead);
      await administrator.ask('update.piece', { offset, bytes });
      offset += bytesRead;
    }
  } finally {
    await file.close();
  }
};

const signedIn = async (machine: Machine): Promise<Administrator> => {
  const administrator = new Administrator(machine.httpsPort);
  // Two starts may lie in between: the one of a system that gives way, and the one of the system before.
  await administrator.signInWhenReady(password, patience);
  return administrator;
};

/** Asks until `holds`; while the machine restarts nobody answers, and whoever was signed in is not any more. */
const until = async (machine: Machine, holds: (view: UpdateView) => boolean): Promise<UpdateView> => {
  const end = performance.now() + patience;
  let administrator = await signedIn(machine);
  for (;;) {
    const view = await administrator.ask('update.show', {}).catch(() => undefined);
    if (view && holds(view)) return view;
    if (view?.problem) throw new Error(`the update failed: ${view.problem.message}`);
    if (performance.now() > end) throw new Error(`the update does not end:\n${machine.serial().slice(-2000)}`);
    await setTimeout(pollPause);
    if (!view) administrator = await signedIn(machine);
  }
};

/** Until the new system is to be tried; the server is stopped a moment later, which can be all that is seen of it. */
const untilItRestarts = async (machine: Machine, administrator: Administrator): Promise<void> => {
  const end = performance.now() + patience;
  for (let isWritten = false; ; ) {
    const view = await administrator.ask('update.show', {}).catch(() => undefined);
    if (view?.stage === 'restarting' || (!view && isWritten)) return;
    if (view?.problem) throw new Error(`the update failed: ${view.problem.message}`);
    isWritten ||= view?.stage === 'verifying';
    if (performance.now() > end) throw new Error(`it is not written:\n${machine.serial().slice(-2000)}`);
    await setTimeout(pollPause / 5);
  }
};

const run = async (trial: Trial): Promise<void> => {
  const machine = trial.machine('edge', { hostname: 'edge5.example.com', password });
  const slot = smallSlot(trial, join(trial.directory, 'edge/system.qcow2'));
  const better = await bundleOf(slot, '90.0.0', join(trial.directory, 'better.update'));
  const worse = await bundleOf(slot, '91.0.0', join(trial.directory, 'worse.update'), (image) =>
    replaceInImage(image, `${product}/src/main.ts`, "throw new Error('this system is broken');\n"),
  );
  await machine.start();
  const administrator = await signedIn(machine);
  const { version } = await administrator.ask('update.show', {});
  const issued = await administrator.ask('client.issue', { instance: 'default', name: 'host1' });
  const client = {
    certificate: issued.certificatePem,
    privateKey: issued.privateKeyPem,
    authority: issued.authorityPem,
  };
  const ledger = newLedger();
  const target = (): Target => ({ port: machine.kmipPort, client, end: () => machine.cutPower() });
  const requireKeys = async (when: string): Promise<void> => {
    const keys = await readBack(target(), ledger, true);
    trial.require(
      `all ${keys} keys are as their clients were told, ${when}`,
      ledger.losses.length === 0,
      ledger.losses.join('\n'),
    );
  };
  /** Keys that were made a moment before the power goes. */
  const stormAndCut = async (): Promise<void> => {
    await stormAndKill(target(), ledger, 3, stormTime);
  };

  trial.say('an update; the plug is pulled while it is written');
  await upload(administrator, better);
  await administrator.ask('update.apply', {});
  await until(machine, ({ stage, done }) => stage === 'writing' && done > 50_000_000);
  await stormAndCut();
  await machine.start();
  const afterCut = await until(machine, () => true);
  trial.require(`${version} runs`, afterCut.version === version && afterCut.stage === 'idle', JSON.stringify(afterCut));
  await requireKeys('after the plug was pulled while the new system was written');

  trial.say('the same update again; the plug is pulled when it is to be tried');
  const second = await signedIn(machine);
  await upload(second, better);
  await second.ask('update.apply', {});
  await untilItRestarts(machine, second);
  await machine.cutPower();
  const seconds = await machine.start();
  trial.fact('power-on to KMIP with the trial of a new system', `${seconds} s`);
  const confirmed = await until(machine, ({ last }) => last !== undefined);
  trial.require(
    'the new system runs and is confirmed',
    confirmed.version === '90.0.0' && confirmed.last?.outcome === 'confirmed',
    JSON.stringify(confirmed),
  );
  await requireKeys('after the update');

  trial.say('an update whose server does not come up');
  await upload(await signedIn(machine), worse);
  await (await signedIn(machine)).ask('update.apply', {});
  const began = performance.now();
  const returned = await until(machine, ({ last }) => last?.version === '91.0.0');
  trial.fact(
    'from asking for a broken update to serving as before',
    `${Math.round((performance.now() - began) / 1000)} s`,
  );
  trial.require(
    'it gave way by itself',
    returned.version === '90.0.0' && returned.last?.outcome === 'returned',
    JSON.stringify(returned),
  );
  const { alarms } = await (await signedIn(machine)).ask('status', {});
  trial.require(
    'that is an alarm',
    alarms.some(({ what }) => what.includes('91.0.0 was tried')),
    JSON.stringify(alarms),
  );
  await requireKeys('after the broken update');
};

export const update: Part = {
  name: 'update',
  holds: 'a signed update, power cuts while it is written and tried, a broken one that gives way, all keys kept',
  always: true,
  run,
};
