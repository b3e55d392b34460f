// A machine that is maintained at its console: a network that nobody confirms goes away by itself, one that is confirmed
// stays, one that is on trial does not outlive a power cut; a reset that keeps the keys gives them to the same client
// afterwards, and one that destroys them leaves none; a backup brings them back by the commands of the README.

import { setTimeout } from 'node:timers/promises';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import type { Hand } from '../console/hand.ts';
import { createKey } from '../custody/requests.ts';
import { Administrator } from './administrator.ts';
import { choose, openMenu } from './at-console.ts';
import { answersTls, type Machine } from './machine.ts';
import { restoreAsDescribed, takeBackup } from './restoring.ts';
import { Shell } from './shell.ts';
import type { Part, Trial } from './trial.ts';
import { handAtSerialLine } from './wizard.ts';

const [hostname, password] = ['edge1', 'correct horse battery'];
const [settings, eraseLine] = ['/data/settings/settings.json', '\u0015'];
/** Milliseconds. */
const patience = 400_000;

interface Scene {
  readonly trial: Trial;
  readonly machine: Machine;
  readonly shell: Shell;
  readonly hand: Hand;
}

interface Client {
  readonly certificate: string;
  readonly privateKey: string;
  readonly authority: string;
}

const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<number> => {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > patience) throw new Error(`waited in vain: ${what}`);
    await setTimeout(1000);
  }
  return Math.round((performance.now() - began) / 1000);
};

/** Fills in what is given, and takes the form. */
const tryNetwork = async (hand: Hand, name: string, address?: string): Promise<void> => {
  await choose(hand, 'Change it');
  await hand.see(/taken back after 60 seconds/);
  hand.type(`${eraseLine}${name}`);
  if (address !== undefined) {
    hand.press('tab', 'right', 'tab');
    hand.type(`${address}\n10.0.2.2\n10.0.2.3`);
  }
  hand.press('f2');
};

const forgottenNetwork = async ({ trial, machine, hand }: Scene): Promise<void> => {
  await choose(hand, 'Network');
  await tryNetwork(hand, hostname, '10.0.2.77/24');
  const began = performance.now();
  const seen = await hand.see(/The new network (works|does not work)[\s\S]*Keep the new network/);
  trial.require(
    'the new network is there and is checked',
    /well: the address 10\.0\.2\.77\/24 is there/.test(seen),
    seen,
  );
  trial.require('its gateway answers', /well: the gateway 10\.0\.2\.2 answers/.test(seen), seen);
  trial.require('the machine has left its old address', !answersTls(machine.kmipPort));
  await until('the old network', () => answersTls(machine.kmipPort));
  const seconds = (performance.now() - began) / 1000;
  trial.fact('a network that nobody confirmed was taken back after', `${seconds.toFixed(0)} s`);
  trial.require('it was given its minute', seconds > 45);
  await choose(hand, 'Keep the new network');
  await hand.see(/the time is over: the old network is back/);
  hand.press('enter');
};

const confirmedNetwork = async ({ trial, machine, shell, hand }: Scene): Promise<void> => {
  await tryNetwork(hand, 'edge2');
  await hand.see(/The new network (works|does not work)/);
  await choose(hand, 'Keep the new network');
  await hand.see(/It stays/);
  hand.press('enter');
  await setTimeout(75_000);
  trial.require('a confirmed name stays', shell.run(machine, 'hostname') === 'edge2');
  trial.require('and is kept', /"hostname": "edge2"/.test(shell.run(machine, `cat ${settings}`)));
  await tryNetwork(hand, 'edge3');
  await hand.see(/The new network (works|does not work)/);
  trial.require('another one is on trial', shell.run(machine, 'hostname') === 'edge3');
};

const getKey = async (machine: Machine, client: Client, uid: string): Promise<boolean> => {
  try {
    const connection = await connectKmip({ host: '127.0.0.1', port: machine.kmipPort, ...client });
    try {
      const { ObjectType } = await connection.request('Get', { UniqueIdentifier: uid });
      return ObjectType !== undefined;
    } finally {
      connection.close();
    }
  } catch {
    return false;
  }
};

/** What the console says last may be gone before it is seen: whether it restarts is told by the next start. */
const reset = async (hand: Hand, keys: 'Keep' | 'Destroy', name: string): Promise<void> => {
  await choose(hand, 'Factory reset');
  await hand.see(new RegExp(`type: ${name}`));
  hand.type(`${name}\n`);
  await choose(hand, `${keys} the keys`);
  if (keys === 'Destroy') {
    await hand.see(/Destroyed are 1 key of 1 service instance,/);
    hand.type(`destroy ${name}\n`);
  }
};

const passwordIsSet = ({ machine, shell }: Scene): boolean | undefined => {
  try {
    const status = shell.run(machine, 'kmip-edge status --json --data /data/kmip-edge');
    return (JSON.parse(status) as { readonly https: { readonly passwordSet: boolean } }).https.passwordSet;
  } catch {
    return undefined;
  }
};

/** Which start of the machine this is; undefined while nobody answers. */
const startOf = ({ machine, shell }: Scene): string | undefined => {
  try {
    return shell.run(machine, 'cat /proc/sys/kernel/random/boot_id');
  } catch {
    return undefined;
  }
};

/** Resets the machine, and waits until it has started again and the server says whether a password is set. */
const resetAndWait = async (scene: Scene, keys: 'Keep' | 'Destroy', name: string, isSet: boolean): Promise<number> => {
  const before = startOf(scene);
  await reset(scene.hand, keys, name);
  return until(`the start after the reset: ${keys}`, () => {
    const now = startOf(scene);
    return now !== undefined && now !== before && passwordIsSet(scene) === isSet;
  });
};

const resetThatKeeps = async (scene: Scene, client: Client, uid: string): Promise<void> => {
  const { trial, machine, shell } = scene;
  const seconds = await resetAndWait(scene, 'Keep', 'edge2', false);
  trial.fact('factory reset that keeps the keys, until the server is there', `${seconds} s`);
  trial.require('the key is there for the same client', await getKey(machine, client, uid));
  trial.require('the name is that of the deployment', shell.run(machine, 'hostname') === hostname);
  trial.require('nothing is left to reset', shell.run(machine, 'ls /data/settings').includes('reset.json') === false);
};

const resetThatDestroys = async (scene: Scene, client: Client, uid: string): Promise<void> => {
  const { trial, machine, shell, hand } = scene;
  await hand.see(/<F2> or Enter: set up and maintain/);
  hand.press('f2');
  await hand.see(/Welcome to kmip-edge/);
  hand.type(`${password}\n${password}\n`);
  await hand.see(/Set-up, step 1/);
  hand.press('escape');
  await resetAndWait(scene, 'Destroy', hostname, true);
  trial.require('the old client gets nothing', !(await getKey(machine, client, uid)));
  const administrator = new Administrator(machine.httpsPort);
  await administrator.signInWhenReady(password);
  const { instances } = await administrator.ask('status', {});
  trial.require(
    'there is no key',
    instances.every(({ keys }) => keys === 0),
  );
  trial.require(
    'no unit has failed',
    shell.run(machine, 'systemctl list-units --failed --no-legend --plain; true') === '',
  );
};

const restored = async (scene: Scene, backup: Buffer, client: Client, uid: string): Promise<void> => {
  const { trial, machine, shell } = scene;
  restoreAsDescribed(shell, machine, backup);
  const seconds = await until('the key after the restore', () => getKey(machine, client, uid));
  trial.fact('from the start of a restored server to its first key', `${seconds} s`);
  trial.require('the key of the backup is there for the same client', true);
  trial.require('the password is that of the backup', passwordIsSet(scene) === true);
  trial.require(
    'nothing that the restore needed has failed',
    shell.run(machine, 'systemctl list-units --failed --no-legend --plain; true') === '',
  );
};

const run = async (trial: Trial): Promise<void> => {
  const shell = new Shell(trial.directory);
  const machine = trial.machine('maintained', { hostname, password, 'ssh-key': shell.publicKey });
  await machine.start();
  const administrator = new Administrator(machine.httpsPort);
  await administrator.signInWhenReady(password);
  const issued = await administrator.ask('client.issue', { instance: 'default', name: 'host1' });
  const client = {
    certificate: issued.certificatePem,
    privateKey: issued.privateKeyPem,
    authority: issued.authorityPem,
  };
  const connection = await connectKmip({ host: '127.0.0.1', port: machine.kmipPort, ...client });
  const uid = await createKey(connection);
  connection.close();
  await shell.ready(machine);
  const first = { trial, machine, shell, hand: await handAtSerialLine(trial, machine) };
  await openMenu(first.hand, password);
  await forgottenNetwork(first);
  await confirmedNetwork(first);
  await machine.cutPower();
  await machine.start();
  await shell.ready(machine);
  trial.require('what was on trial did not outlive the power', shell.run(machine, 'hostname') === 'edge2');
  const second = { ...first, hand: await handAtSerialLine(trial, machine) };
  await openMenu(second.hand, password);
  const backup = takeBackup(shell, machine);
  await resetThatKeeps(second, client, uid);
  await resetThatDestroys(second, client, uid);
  await restored(second, backup, client, uid);
};

export const maintenance: Part = {
  name: 'maintenance',
  holds: 'a network on trial is taken back; factory reset with and without the keys; a backup is restored',
  always: false,
  run,
};
