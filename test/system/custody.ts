// What opens the stored keys on a machine, with a virtual TPM and without: over power cuts, on another machine, and with the
// recovery passphrase. And that the service comes back: from a restart without a refused connection, and from a hang.

import { setTimeout } from 'node:timers/promises';
import { Administrator } from './administrator.ts';
import type { Machine } from './machine.ts';
import { Shell } from './shell.ts';
import type { Part, Trial } from './trial.ts';

const password = 'correct horse battery';
const passphrase = 'a passphrase for the safe';
const credentialFile = '/data/kmip-edge/storage-key.credential';

const signIn = async (machine: Machine): Promise<Administrator> => {
  const administrator = new Administrator(machine.httpsPort);
  await administrator.signInWhenReady(password);
  return administrator;
};

const openedBy = async (administrator: Administrator): Promise<string> =>
  (await administrator.ask('seal.show', {})).slots.find(({ opened }) => opened)?.what ?? 'nothing';

const alarms = async (administrator: Administrator): Promise<readonly string[]> =>
  (await administrator.ask('alarm.list', {})).map(({ name }) => name);

/** Connects all the time while the server restarts; prints how often that was refused. */
const connectingRestart = `cat >/tmp/connect.mjs <<'JS'
import { connect } from 'node:net';
let refused = 0, made = 0, over = false;
const once = (port) => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1');
  socket.on('connect', () => { made += 1; socket.destroy(); resolve(); });
  socket.on('error', () => { refused += 1; resolve(); });
});
process.stdin.on('end', () => { over = true; }).resume();
while (!over) { await once(5696); await once(443); await new Promise((resolve) => setTimeout(resolve, 20)); }
console.log(made > 20 && refused === 0 ? 'none' : refused + ' of ' + (made + refused));
JS
systemctl restart kmip-edge | node /tmp/connect.mjs`;

const processId = 'systemctl show --property=MainPID --value kmip-edge';

const comesBack = async (trial: Trial, machine: Machine, shell: Shell): Promise<void> => {
  const refused = shell.run(machine, connectingRestart);
  trial.require('no connection is refused while the server restarts', refused === 'none', refused);
  shell.run(machine, 'systemctl reload kmip-edge');
  const log = shell.run(machine, 'journalctl -u kmip-edge --no-pager | grep -c "read anew"; true');
  trial.require('systemctl reload reads the settings anew', Number(log) === 1, log);
  const quick = '/run/systemd/system/kmip-edge.service.d';
  shell.run(
    machine,
    `mkdir -p ${quick}; printf '[Service]\\nWatchdogSec=10\\nTimeoutAbortSec=3\\n' >${quick}/quick.conf; systemctl daemon-reload; systemctl restart kmip-edge`,
  );
  const before = shell.run(machine, processId);
  shell.run(machine, `kill -STOP ${before}`);
  const isBack = (): boolean => ![before, '0'].includes(shell.run(machine, processId));
  for (let tries = 0; tries < 60 && !isBack(); tries += 1) await setTimeout(1000);
  trial.require('a server that hangs is started anew in time', isBack());
  const killed = shell.run(machine, 'journalctl -u kmip-edge --no-pager | grep -c -i "watchdog timeout"');
  trial.require('the watchdog has seen that the server hung', Number(killed) > 0, killed);
};

const withTpm = async (trial: Trial, shell: Shell): Promise<Machine> => {
  const machine = trial.machine('tpm', { password, 'ssh-key': shell.publicKey }, { tpm: true });
  await machine.start();
  let administrator = await signIn(machine);
  await shell.ready(machine);
  const what = await openedBy(administrator);
  trial.require('with a TPM the stored keys open by it', what === 'the TPM of its machine', what);
  trial.require(
    'no credential lies on the disk',
    shell.run(machine, `ls ${credentialFile} 2>&1 || true`).includes('No such'),
  );
  await administrator.ask('seal.passphrase', { passphrase });
  await comesBack(trial, machine, shell);
  await machine.cutPower();
  await machine.start();
  administrator = await signIn(machine);
  trial.require('after a power cut they open by themselves', (await openedBy(administrator)) === what);
  await machine.cutPower();
  return machine;
};

const moved = async (trial: Trial, shell: Shell, from: Machine): Promise<void> => {
  const machine = trial.machine('moved', {}, { tpm: true, data: from.dataDisk });
  await machine.start('page');
  await shell.ready(machine);
  const locked = JSON.parse(shell.run(machine, 'kmip-edge seal list --json')) as { readonly state: string };
  trial.require('on a machine with another TPM they stay locked, and the server says so', locked.state === 'locked');
  await new Administrator(machine.httpsPort).ask('seal.unlock', { passphrase });
  const administrator = await signIn(machine);
  const what = await openedBy(administrator);
  trial.require(
    'the recovery passphrase opens them, and seals them to this machine',
    what === 'the TPM of its machine',
    what,
  );
  trial.require('that the machine is another one is told', (await alarms(administrator)).includes('machine-changed'));
  await administrator.ask('seal.adopt', {});
  trial.require('until it is adopted', !(await alarms(administrator)).includes('machine-changed'));
  await machine.cutPower();
};

const withoutTpm = async (trial: Trial, shell: Shell): Promise<void> => {
  const first = trial.machine('bare', { password, 'ssh-key': shell.publicKey });
  await first.start();
  const administrator = await signIn(first);
  trial.require(
    'without a TPM it is told that the disk opens everywhere',
    (await alarms(administrator)).includes('storage-key-on-disk'),
  );
  await first.cutPower();
  const second = trial.machine('bare-moved', {}, { data: first.dataDisk });
  await second.start();
  const there = await signIn(second);
  const what = await openedBy(there);
  trial.require('on another machine it opens by itself', what.startsWith('a file beside the data'), what);
  trial.require('and that is told too', (await alarms(there)).includes('machine-changed'));
  await second.cutPower();
};

const run = async (trial: Trial): Promise<void> => {
  const shell = new Shell(trial.directory);
  const machine = await withTpm(trial, shell);
  await moved(trial, shell, machine);
  await withoutTpm(trial, shell);
};

export const custody: Part = {
  name: 'custody',
  holds: 'what opens the keys, with a TPM and without, on another machine; restart, reload and hang of the server',
  always: false,
  run,
};
