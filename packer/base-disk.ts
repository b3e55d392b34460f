// The disk that Packer boots: Debian before it is an appliance. It takes a minute to make and seldom changes, so it is kept
// outside the checkout, where a clean one finds it again; a week later it is made anew, because Debian mends things.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readAppliance } from './appliance.ts';

export interface BaseDisk {
  readonly disk: string;
  /** A list of what is on it: name, version, architecture. */
  readonly packages: string;
  /** The SSH key that opens it, until the last step of the build removes it. */
  readonly key: string;
}

export interface BaseDiskOptions {
  /** Of the checkout. */
  readonly root: string;
  /** As snapshot.debian.org names it; '' takes Debian as it is today. */
  readonly snapshot: string;
  /** Make it even where there is one. */
  readonly fresh: boolean;
  say(text: string): void;
}

/** Milliseconds for which a disk of today's Debian is good enough. */
const longestKept = 7 * 24 * 3600_000;

/** KMIP_EDGE_CACHE, else the user's cache directory. */
export const cacheDirectory = (environment: NodeJS.ProcessEnv): string =>
  environment['KMIP_EDGE_CACHE'] ?? join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kmip-edge');

const stampOf = ({ root, snapshot }: BaseDiskOptions): string => {
  const hash = createHash('sha256')
    .update(JSON.stringify(readAppliance(root).system))
    .update(snapshot);
  for (const file of ['packer/base-image.sh', 'packer/grub.cfg']) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex').slice(0, 16);
};

const ageOf = (file: string): number => Date.now() - statSync(file).mtimeMs;

/** Takes the disk from `cache`, or makes it there. Throws where mmdebstrap fails. */
export const baseDisk = (cache: string, options: BaseDiskOptions): BaseDisk => {
  const { root, snapshot, fresh, say } = options;
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const file = (end: string): string => join(cache, `base-${stampOf(options)}.${end}`);
  const [disk, packages, key] = [file('raw'), file('packages.txt'), file('key')];
  const usable = existsSync(disk) && (snapshot !== '' || ageOf(disk) < longestKept);
  if (usable && !fresh) {
    say(`   there already: ${disk}`);
    return { disk, packages, key };
  }
  for (const old of globSync('base-*', { cwd: cache })) {
    if (ageOf(join(cache, old)) > longestKept) rmSync(join(cache, old), { force: true });
  }
  for (const old of [disk, packages, key, `${key}.pub`]) rmSync(old, { force: true });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'build', '-f', key]);
  const { status, error } = spawnSync(join(root, 'packer/base-image.sh'), [`${disk}.new`, packages, snapshot], {
    stdio: 'inherit',
    env: { ...process.env, BUILD_KEY: `${key}.pub` },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`base-image.sh ended with ${status}`);
  renameSync(`${disk}.new`, disk);
  return { disk, packages, key };
};
