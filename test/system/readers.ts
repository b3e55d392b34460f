// Others read the OVA: VMware's own Go library, which also imports it into a simulated vCenter, virt-v2v of libguestfs, and
// qemu-img. Each is asked where it is installed.

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Appliance, readAppliance } from '../../packer/appliance.ts';
import type { Part, Trial } from './trial.ts';

const root = resolve(import.meta.dirname, '../..');
const source = join(root, 'test/clients/govmomi');
/** Milliseconds. */
const patience = { build: 600_000, read: 120_000 };

interface Device {
  readonly Type: string;
  readonly KiB?: number;
}

/** What test/clients/govmomi prints. */
interface Found {
  readonly Choices: {
    readonly PropertyMapping: readonly { readonly Key: string; readonly Spec: PropertySpec }[];
    readonly NetworkMapping: readonly { readonly Name: string }[];
  };
  readonly Firmware: string;
  readonly Secure: boolean;
  readonly CPUs: number;
  readonly MemoryMB: number;
  readonly Guest: string;
  readonly Version: string;
  readonly Transport: string;
  readonly Properties: readonly { readonly id: string }[];
  readonly Asked: readonly Device[];
  readonly Made: readonly Device[];
  readonly MadeName: string;
}

interface PropertySpec {
  readonly type: string;
  readonly userConfigurable: boolean;
  readonly password?: boolean;
}

const installed = (program: string): boolean => spawnSync('which', [program], { stdio: 'ignore' }).status === 0;

const wantedDevices = [
  'ParaVirtualSCSIController',
  'VirtualCdrom',
  'VirtualDisk',
  'VirtualDisk',
  'VirtualIDEController',
  'VirtualVmxnet3',
];

const typesOf = (devices: readonly Device[]): string =>
  devices
    .map(({ Type }) => Type)
    .filter((type) => wantedDevices.includes(type))
    .toSorted()
    .join();

const checkAsked = (trial: Trial, found: Found, { hardware }: Appliance): void => {
  const asked = [found.Firmware, found.Secure, found.CPUs, found.MemoryMB, found.Guest, found.Version].join();
  const wanted = ['efi', true, hardware.cpus, hardware.memoryMiB, hardware.guest, hardware.version].join();
  trial.require('govmomi reads UEFI, Secure Boot, processors, memory and system', asked === wanted, asked);
  trial.require('govmomi reads the devices', typesOf(found.Asked) === wantedDevices.join(), typesOf(found.Asked));
  trial.require('properties come over VMware Tools or on a disc', found.Transport === 'com.vmware.guestInfo iso');
};

const checkChoices = (trial: Trial, { Choices: choices }: Found, { properties, hardware }: Appliance): void => {
  const offered = choices.PropertyMapping.map(
    ({ Key, Spec }) => `${Key} ${Spec.type} ${Spec.userConfigurable} ${Spec.password ?? false}`,
  );
  const wanted = properties.map(({ key, secret }) => new RegExp(`^${key} [a-z0-9]+ true ${secret ?? false}$`));
  const all = offered.length === wanted.length && wanted.every((row, at) => row.test(offered[at] ?? ''));
  trial.require('govc import.spec offers every property, secrets as passwords', all, offered.join('\n'));
  trial.require(
    'govc import.spec offers the network',
    choices.NetworkMapping.map(({ Name }) => Name).join() === hardware.network,
  );
};

const checkMade = (trial: Trial, { Made: made, MadeName: name }: Found, appliance: Appliance): void => {
  const disks = made.filter(({ Type }) => Type === 'VirtualDisk').length;
  const network = made.some(({ Type }) => Type === 'VirtualVmxnet3');
  trial.require(
    'a simulated vCenter imports it, with both disks and the network',
    disks === 2 && network && name === appliance.name,
    JSON.stringify(made),
  );
};

const govmomi = (trial: Trial, appliance: Appliance): void => {
  if (!installed('go')) {
    trial.say('not asked: govmomi, because Go is not installed');
    return;
  }
  const reader = join(trial.directory, 'govmomi');
  execFileSync('go', ['build', '-o', reader, '.'], { cwd: source, timeout: patience.build, stdio: 'inherit' });
  const options = { timeout: patience.read, maxBuffer: 1 << 26 };
  const found = JSON.parse(execFileSync(reader, [trial.ova], options).toString()) as Found;
  checkAsked(trial, found, appliance);
  checkChoices(trial, found, appliance);
  checkMade(trial, found, appliance);
};

const virtV2v = (trial: Trial): void => {
  if (!installed('virt-v2v')) {
    trial.say('not asked: virt-v2v, because it is not installed');
    return;
  }
  const options = { timeout: patience.read, env: { ...process.env, LC_ALL: 'C' } };
  const read = execFileSync('virt-v2v', ['-i', 'ova', trial.ova, '--print-source'], options).toString();
  trial.require(
    'virt-v2v reads two disks and UEFI',
    (read.match(/\[scsi\]/g) ?? []).length === 2 && /UEFI|uefi/.test(read),
    read,
  );
};

const disks = (trial: Trial, { hardware }: Appliance): void => {
  execFileSync('tar', ['-x', '-f', trial.ova, '-C', trial.directory]);
  const names = execFileSync('tar', ['-t', '-f', trial.ova]).toString().split('\n');
  const images = names.filter((name) => name.endsWith('.vmdk')).map((name) => join(trial.directory, name));
  for (const image of images) execFileSync('qemu-img', ['check', '-q', image]);
  trial.require('qemu-img finds nothing wrong with the disks', images.length === 2);
  const descriptors = images.map((image) => readFileSync(image).subarray(0, 65_536).toString('latin1'));
  const right = descriptors.every(
    (text) => text.includes('createType="streamOptimized"') && text.includes('ddb.adapterType = "lsilogic"'),
  );
  trial.require('the disks say that they are stream-optimised SCSI disks', right);
  const info = execFileSync('qemu-img', ['info', '--output=json', images[1] ?? '']).toString();
  const { 'virtual-size': bytes } = JSON.parse(info) as { readonly 'virtual-size': number };
  trial.require(`the data disk has ${hardware.dataDiskGiB} GiB`, bytes === hardware.dataDiskGiB * 2 ** 30);
};

/** The template also builds inside vSphere, which is not here: Packer is asked whether it would. */
const packer = (trial: Trial): void => {
  if (!installed('packer')) return;
  const key = join(trial.directory, 'packer-key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const given = { product: 'package.json', key, vcenter_server: 'x', vcenter_user: 'x', vcenter_password: 'x' };
  const variables = Object.entries({ ...given, vcenter_host: 'x' }).flatMap(([name, value]) => [
    '-var',
    `${name}=${value}`,
  ]);
  const only = ['validate', '-only=vsphere-clone.kmip-edge'];
  const { status, stdout } = spawnSync('packer', [...only, ...variables, 'packer/kmip-edge.pkr.hcl'], { cwd: root });
  trial.require('Packer takes the template for vSphere', status === 0, stdout.toString());
};

const run = async (trial: Trial): Promise<void> => {
  const appliance = readAppliance(root);
  disks(trial, appliance);
  packer(trial);
  virtV2v(trial);
  govmomi(trial, appliance);
};

export const readers: Part = {
  name: 'readers',
  holds: 'what others make of the file: govmomi and a simulated vCenter, virt-v2v, qemu-img',
  always: true,
  run,
};
