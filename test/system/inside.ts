// Seen from the inside, over SSH with the key of the deployment: the chain from Secure Boot to a confined service, what runs,
// what listens, and what it takes.

import type { UpdateView } from '../../src/admin/api/updates.ts';
import { Administrator } from './administrator.ts';
import { hostAddress, type Machine } from './machine.ts';
import { Shell } from './shell.ts';
import type { Part, Trial } from './trial.ts';

const password = 'correct horse battery';

/** What must hold in a machine, and a command that prints something where it does not. */
const faults: readonly (readonly [what: string, command: string])[] = [
  ['Secure Boot is on', "od -An -t u1 -j 4 /sys/firmware/efi/efivars/SecureBoot-* | grep -qx ' *1' || echo off"],
  [
    'the kernel is locked down',
    "grep -q '\\[integrity\\]' /sys/kernel/security/lockdown || cat /sys/kernel/security/lockdown",
  ],
  ['the system is read-only', 'touch /usr/x 2>/dev/null && echo writable'],
  ['no unit has failed', 'systemctl list-units --failed --no-legend --plain'],
  ['no process crashed', 'dmesg | grep -E "traps:|segfault"'],
  ['there is no swap', 'tail -n +2 /proc/swaps'],
  ['there are no core dumps', 'test "$(ulimit -c)" = 0 || ulimit -c'],
  [
    'the data disk is mounted without device files and set-uid',
    "findmnt -n -o OPTIONS /data | grep -q 'nosuid.*nodev' || findmnt -n /data",
  ],
  ['nobody can sign in with a password', "awk -F: '$2 !~ /^[!*]/' /etc/shadow"],
];

/** Nothing answers there. */
const mirror = `https://${hostAddress}:9/kmip-edge.update`;

/** The look for updates has its time, and what comes of it is told; it goes out through the unit's own confinement. */
const looksForUpdates = (trial: Trial, shell: Shell, machine: Machine): void => {
  const timer = shell.run(machine, 'systemctl is-active kmip-edge-look.timer; true');
  trial.require('updates are looked for once a day', timer === 'active', timer);
  const status = shell.run(machine, 'systemctl start kmip-edge-look.service; kmip-edge update status --json');
  const { look } = JSON.parse(status) as UpdateView;
  trial.require(
    'what a look came to is told',
    look?.found === 'failed' && /ECONNREFUSED/.test(look.problem ?? ''),
    status,
  );
};

const run = async (trial: Trial): Promise<void> => {
  const shell = new Shell(trial.directory);
  const machine = trial.machine('edge2', { password, 'ssh-key': shell.publicKey, 'update-address': mirror });
  await machine.start();
  await new Administrator(machine.httpsPort).signInWhenReady(password);
  await shell.ready(machine);
  for (const [what, command] of faults) {
    const found = shell.run(machine, `${command}; true`);
    trial.require(what, found === '', found);
  }
  looksForUpdates(trial, shell, machine);
  const listening = shell.run(machine, "ss -Hltn 'not src 127.0.0.0/8 and not src [::1]' | awk '{print $4}'");
  const ports = [...new Set(listening.split('\n').map((address) => address.replace(/.*:/, '')))];
  trial.require('what listens is SSH, the page and KMIP', ports.toSorted().join() === '22,443,5696', listening);
  trial.fact('memory used in the guest', shell.run(machine, 'free -m | awk \'/^Mem:/ {print $3 " MiB of " $2}\''));
  trial.fact('start of the system', shell.run(machine, 'systemd-analyze time | head -1'));
  const exposure = shell.run(machine, 'systemd-analyze security --no-pager kmip-edge.service | tail -1');
  trial.fact('systemd-analyze security kmip-edge', exposure.replace(/^\W*Overall exposure level for [^:]*: /, ''));
  trial.fact('size of the system', shell.run(machine, 'df -h --output=used / | tail -1').trim());
};

export const inside: Part = {
  name: 'inside',
  holds: 'Secure Boot, a read-only and locked-down system, no failed unit, the look for updates, what listens, memory',
  always: true,
  run,
};
