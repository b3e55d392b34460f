// What is changed of a running machine and counts at once: time servers, time zone, updates, the way in by SSH, the root shell.
// Each change is kept first and applied then, in that order: what was told to be so is so after a power cut.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Machine, placeOf, places } from './machine.ts';
import type { Properties } from './properties.ts';
import { type Changes, changedSettings, currentSettings, keepSettings } from './settings.ts';
import { writeSystemFiles } from './system-files.ts';
import { lookTimer } from './update-files.ts';

const change = (machine: Machine, changes: Changes): Properties => {
  const settings = changedSettings(machine, changes);
  keepSettings(machine, settings);
  writeSystemFiles(machine, settings);
  return settings;
};

/** Servers as a list of names and addresses, and a zone; empty ones are those of the system. Throws `invalid-field`. */
export const setTime = async (machine: Machine, servers: string, zone: string): Promise<void> => {
  const settings = change(machine, { ntp: servers, 'time-zone': zone });
  await machine.run('systemctl', ['restart', 'chrony.service']);
  if (settings['update-address'] !== undefined) await followUpdateTime(machine, settings);
};

/**
 * Has the appliance look for an update at an https address each day, at HH:MM of its own zone; an empty time is the usual
 * one, an empty address ends it. Throws `invalid-field`.
 */
export const setUpdates = async (machine: Machine, address: string, time: string): Promise<void> => {
  await followUpdateTime(machine, change(machine, { 'update-address': address, 'update-time': time }));
};

/** Has systemd take over when the settings, whose files are written, want it to look for an update. */
export const followUpdateTime = async ({ run }: Pick<Machine, 'run'>, settings: Properties): Promise<void> => {
  // Early in a start the timer waits for more of the system than has come up: nobody may wait for it in turn.
  const verb = settings['update-address'] === undefined ? 'stop' : 'restart';
  await run('systemctl', ['daemon-reload']);
  await run('systemctl', ['--no-block', verb, lookTimer]);
};

/** Lets the owner of the public key in as root, or nobody. Throws `invalid-field`. */
export const setSsh = async (machine: Machine, publicKey: string | undefined): Promise<void> => {
  const settings = change(machine, { 'ssh-key': publicKey });
  const isOn = settings['ssh-key'] !== undefined;
  if (isOn) await ensureHostKey(machine);
  await machine.run('systemctl', ['reload', 'nftables.service']);
  await machine.run('systemctl', [isOn ? 'restart' : 'stop', 'ssh.service']);
};

/** The key by which the machine is known, made once. */
export const ensureHostKey = async (machine: Machine): Promise<void> => {
  const path = join(placeOf(machine, places.ssh), 'ssh_host_ed25519_key');
  if (!existsSync(path)) await machine.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
};

export const setRootShell = (machine: Machine, isOn: boolean): void => {
  change(machine, { 'root-shell': isOn ? 'on' : undefined });
};

export const hasRootShell = (machine: Machine): boolean => currentSettings(machine)['root-shell'] === 'on';
