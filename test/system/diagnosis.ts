// What the console of a machine has for when something is wrong: the doctor, others on the network, the log, the bundle onto a
// disk that is plugged in, SSH for a key that is typed, and a root shell on the serial line.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { Hand } from '../console/hand.ts';
import { Administrator } from './administrator.ts';
import { choose, openMenu } from './at-console.ts';
import { hostAddress, type Machine } from './machine.ts';
import { Shell } from './shell.ts';
import type { Part, Trial } from './trial.ts';
import { handAtSerialLine } from './wizard.ts';

const [hostname, password] = ['edge1', 'correct horse battery'];

interface Scene {
  readonly trial: Trial;
  readonly machine: Machine;
  readonly hand: Hand;
}

const look = async ({ trial, hand }: Scene): Promise<void> => {
  await choose(hand, 'Diagnostics');
  await choose(hand, 'Doctor');
  await hand.see(/(PROBLEM|WARNING|well) {2}\S+/);
  hand.press('enter');
  await choose(hand, 'Ping');
  await hand.see(/Name or address/);
  hand.type(`${hostAddress}\n`);
  await hand.see(/bytes from 10\.0\.2\.2/);
  hand.press('enter');
  await choose(hand, 'TLS test');
  await hand.see(/Port/);
  hand.type('127.0.0.1\n\u00155696\n');
  const shown = await hand.see(/127\.0\.0\.1 answers: TLSv1\.3[\s\S]*SHA-256/);
  trial.require('a TLS test shows the certificate', /Subject {2}\S+/.test(shown), shown);
  hand.press('enter');
  await choose(hand, 'Log');
  await choose(hand, 'The server');
  await hand.see(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d info /);
  hand.press('escape');
  await choose(hand, 'The kernel');
  await hand.see(/kernel: /);
  hand.press('escape');
  await hand.see(/Warnings and errors/);
  hand.press('escape');
};

const bundle = async ({ trial, hand, machine }: Scene, disk: string): Promise<string> => {
  await machine.plugDisk(disk);
  await setTimeout(5000);
  await choose(hand, 'Support bundle');
  await choose(hand, 'To a disk');
  const media = await hand.see(/vfat SUPPORT/);
  trial.require('only the disk that was plugged in is offered', (media.match(/\/dev\//g) ?? []).length === 1, media);
  hand.press('enter');
  const shown = await hand.see(/kmip-edge-support-\S+ is on/);
  hand.press('enter');
  await hand.see(/Doctor/);
  hand.press('escape');
  return /kmip-edge-support-\S+/.exec(shown)?.[0] ?? '';
};

const answers = (shell: Shell, machine: Machine): boolean => {
  try {
    return shell.run(machine, 'hostname') === hostname;
  } catch {
    return false;
  }
};

const letIn = async ({ trial, hand, machine }: Scene, shell: Shell): Promise<void> => {
  trial.require('nobody is let in by SSH at first', !answers(shell, machine));
  await choose(hand, 'SSH and root shell');
  await choose(hand, 'Turn SSH on');
  await hand.see(/Public key/);
  hand.type(`${shell.publicKey}\n`);
  await hand.see(/SSH is on/);
  hand.press('enter');
  await hand.see(/on, as root, for the key test/);
  trial.require('the owner of the key is let in', answers(shell, machine));
  const failed = shell.run(machine, 'systemctl list-units --failed --no-legend --plain; true');
  trial.require('no unit has failed', failed === '', failed);
  await choose(hand, 'Turn SSH off');
  await hand.see(/SSH is off/);
  hand.press('enter');
  trial.require('and then nobody any more', !answers(shell, machine));
};

/** In a shell Ctrl-C does something, so it is not pressed. */
const seeInShell = async (hand: Hand, wanted: RegExp): Promise<void> => {
  for (let tries = 0; !wanted.test(hand.screen); tries += 1) {
    if (tries > 240) throw new Error(`${wanted} is not to be seen:\n${hand.screen}`);
    await setTimeout(500);
  }
};

const openShell = async ({ trial, hand }: Scene): Promise<void> => {
  await choose(hand, 'Allow the root shell');
  await hand.see(/To go on, type: root shell/);
  hand.type('root shell\n');
  await choose(hand, 'Open a root shell');
  await seeInShell(hand, /root@edge1:\S*# ?$/m);
  hand.type('echo "$(id -u) $(hostname) $(kmip-edge status | grep -c default)"\n');
  await seeInShell(hand, /^0 edge1 [1-9]/m);
  hand.type('exit\n');
  await hand.see(/Root shell {2}allowed/);
  trial.require('a root shell has the line, and gives it back', true);
};

/** What the audit trail says was done to the machine. */
const recordedActs = async (machine: Machine): Promise<readonly string[]> => {
  const administrator = new Administrator(machine.httpsPort);
  await administrator.signInWhenReady(password);
  const { records } = await administrator.ask('audit.list', {});
  return records.flatMap(({ operation, subject }) => (operation === 'machine.record' ? [subject?.['name'] ?? ''] : []));
};

const run = async (trial: Trial): Promise<void> => {
  const shell = new Shell(trial.directory);
  const disk = join(trial.directory, 'support.img');
  execFileSync('truncate', ['-s', '64M', disk]);
  execFileSync('mkfs.vfat', ['-n', 'SUPPORT', disk], { stdio: 'ignore' });
  const machine = trial.machine('diagnosed', { hostname, password });
  await machine.start();
  await new Administrator(machine.httpsPort).signInWhenReady(password);
  const scene = { trial, machine, hand: await handAtSerialLine(trial, machine) };
  await openMenu(scene.hand, password);
  await look(scene);
  const name = await bundle(scene, disk);
  await letIn(scene, shell);
  await openShell(scene);
  const acts = await recordedActs(machine);
  for (const act of ['support-bundle', 'ssh-on', 'ssh-off', 'root-shell-on', 'root-shell-opened']) {
    trial.require(`'${act}' is in the audit trail`, acts.includes(act), acts.join('\n'));
  }
  await machine.cutPower();
  const bytes = execFileSync('mcopy', ['-n', '-i', disk, `::${name}`, '-'], { maxBuffer: 64 * 1024 * 1024 });
  trial.require('the bundle is whole on the disk', gunzipSync(bytes).includes('kmip-edge-support/doctor.json'));
  trial.fact('support bundle of a new appliance', `${Math.round(bytes.length / 1024)} KiB`);
};

export const diagnosis: Part = {
  name: 'diagnosis',
  holds: 'doctor, ping, TLS test, log, support bundle to a disk, SSH and root shell at the console',
  always: false,
  run,
};
