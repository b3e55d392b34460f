// Builds the OVA from a clean checkout: base disk, Packer, disks and descriptor, one file in the end. The base disk is kept in
// KMIP_EDGE_CACHE (default: the user's cache directory) and made anew after a week; the rest lies in OUT/cache.
// Usage: node scripts/build-ova.ts [--out DIR] [--snapshot 20261101T000000Z] [--sign KEY.pem --certificate CERT.pem] [--update-key KEY.pem] [--fresh]

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dataDiskBytes, readAppliance } from '../packer/appliance.ts';
import { baseDisk, cacheDirectory } from '../packer/base-disk.ts';
import { blankDisk, systemDisk } from '../packer/disk-image.ts';
import { writeOva } from '../packer/ova-file.ts';
import { describeOva } from '../packer/ovf.ts';
import { uncommitted, writeProduct } from '../packer/product.ts';
import { updateKeys } from '../packer/update-key.ts';

const root = resolve(import.meta.dirname, '..');
const started = performance.now();
const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s`;
const say = (text: string): void => console.log(`${seconds()}  ${text}`);

/** Programs that the build calls, and the Debian package of each. */
const programs: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  packer: 'packer',
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.fat': 'dosfstools',
  mcopy: 'mtools',
  sgdisk: 'gdisk',
  python3: 'python3',
  'ssh-keygen': 'openssh-client',
  git: 'git',
  tar: 'tar',
};

const missing = Object.entries(programs).filter(([name]) => spawnSync('which', [name]).status !== 0);
const options = parseArgs({
  options: {
    out: { type: 'string', default: 'build' },
    snapshot: { type: 'string', default: '' },
    sign: { type: 'string' },
    certificate: { type: 'string' },
    /** Keys that may sign updates for this appliance, PEM; default: a development key. */
    'update-key': { type: 'string', multiple: true, default: [] },
    fresh: { type: 'boolean', default: false },
    /** A disk that Packer made elsewhere, such as inside vSphere: only the OVA is made. */
    disk: { type: 'string' },
  },
}).values;

/** Runs a program; what it prints goes to the screen, unless `quiet`. */
const run = (name: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): void => {
  const { status, error } = spawnSync(name, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
};

/** Makes the system disk; gives its path. The list of its packages is put to `packageList`. */
const makeSystem = (cache: string, packageList: string): string => {
  say('base disk');
  const { snapshot, fresh } = options;
  const { disk, packages, key } = baseDisk(cacheDirectory(process.env), { root, snapshot, fresh, say });
  copyFileSync(packages, packageList);
  say('the product and its libraries');
  for (const row of uncommitted(root)) say(`   not committed, so not in it: ${row}`);
  const tar = join(cache, 'product.tar');
  writeProduct(root, tar, updateKeys(cache, options['update-key'], say));
  say('Packer');
  const output = join(cache, 'disk');
  rmSync(output, { recursive: true, force: true });
  const accelerator = hasKvm() ? 'kvm' : 'tcg,thread=multi';
  const variables = { base: disk, product: tar, key, output, accelerator };
  const given = Object.entries(variables).flatMap(([name, value]) => ['-var', `${name}=${value}`]);
  const quiet = { PACKER_CACHE_DIR: join(cache, 'packer'), CHECKPOINT_DISABLE: '1', PACKER_NO_COLOR: '1' };
  run('packer', ['build', '-only=qemu.kmip-edge', ...given, 'packer/kmip-edge.pkr.hcl'], quiet);
  return join(output, 'system.qcow2');
};

const build = async (): Promise<void> => {
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
    console.error(`not installed: ${missing.map(([name]) => name).join(', ')}. Run: apt-get install ${packages}`);
    process.exit(2);
  }
  const out = resolve(options.out);
  const cache = join(out, 'cache');
  mkdirSync(cache, { recursive: true });
  const appliance = readAppliance(root);
  const name = `${appliance.name}-${appliance.version}`;
  const system = options.disk ?? makeSystem(cache, join(out, `${name}.packages.txt`));
  say('disk images');
  const disks = [
    systemDisk(system, join(cache, `${appliance.name}-system.vmdk`)),
    blankDisk(dataDiskBytes(appliance), join(cache, `${appliance.name}-data.vmdk`)),
  ];
  say('OVA');
  const file = join(out, `${name}.ova`);
  const signer =
    options.sign === undefined ? undefined : { key: options.sign, certificate: options.certificate ?? options.sign };
  const paths = disks.map((disk) => join(cache, disk.name));
  await writeOva(file, name, describeOva(appliance, disks), paths, signer);
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
  writeFileSync(join(out, `${name}.ova.sha256`), `${digest}  ${name}.ova\n`);
  say(`${file}: ${(statSync(file).size / 1e6).toFixed(0)} MB`);
};

/** /dev/kvm may be there and not work. */
const hasKvm = (): boolean =>
  spawnSync(
    'timeout',
    [
      '3',
      'qemu-system-x86_64',
      '-accel',
      'kvm',
      '-machine',
      'q35',
      '-cpu',
      'host',
      '-display',
      'none',
      '-m',
      '64',
      '-S',
      '-no-reboot',
    ],
    { stdio: 'ignore' },
  ).status === 124 && process.env['KMIP_EDGE_BUILD_ACCEL'] !== 'tcg';

await build();
