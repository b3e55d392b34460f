// Where the OVF environment comes from: VMware's guest info, or the disc that the ISO transport puts into the drive.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { largestEnvironment, withoutSecrets } from './ovf-environment.ts';

const drives = ['/dev/sr0', '/dev/sr1'];
const options = { timeout: 20_000, maxBuffer: 2 * largestEnvironment, stdio: ['ignore', 'pipe', 'ignore'] as const };
const guestInfo = 'guestinfo.ovfEnv';

const findOvfEnvironment = (scratch: string): string | undefined => fromGuestInfo() ?? fromDisc(scratch);

const fromGuestInfo = (): string | undefined => {
  try {
    const text = execFileSync('vmtoolsd', ['--cmd', `info-get ${guestInfo}`], {
      ...options,
      stdio: [...options.stdio],
    });
    const xml = text.toString().trim();
    return xml === '' ? undefined : xml;
  } catch {
    // Not on VMware, or nothing was given.
    return undefined;
  }
};

const fromDisc = (scratch: string): string | undefined => {
  const place = join(scratch, 'disc');
  mkdirSync(place, { recursive: true });
  try {
    for (const drive of drives) {
      const xml = existsSync(drive) ? readDisc(drive, place) : undefined;
      if (xml !== undefined) return xml;
    }
    return undefined;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
};

const readDisc = (drive: string, place: string): string | undefined => {
  try {
    execFileSync('mount', ['-t', 'iso9660', '-o', 'ro,nosuid,nodev,noexec', drive, place], {
      timeout: options.timeout,
      stdio: 'ignore',
    });
  } catch {
    // No disc, or another kind of disc.
    return undefined;
  }
  try {
    const file = join(place, 'ovf-env.xml');
    return existsSync(file) && statSync(file).size <= largestEnvironment ? readFileSync(file, 'utf8') : undefined;
  } finally {
    execFileSync('umount', [place], { timeout: options.timeout, stdio: 'ignore' });
  }
};

/** Where a deployment's environment lies; a test hands in its own. */
export interface Source {
  /** Its text; undefined where the appliance was deployed without one. */
  find(): string | undefined;
  /** Of it, what the guest may write over: not what is on a disc. */
  kept(): string | undefined;
  /** Writes over what is kept. */
  keep(xml: string): void;
}

/** The machine's own. `scratch` is a folder of our own. */
export const sourceOf = (scratch: string): Source => ({
  find: () => findOvfEnvironment(scratch),
  kept: fromGuestInfo,
  keep: (xml) => {
    execFileSync('vmtoolsd', ['--cmd', `info-set ${guestInfo} ${xml}`], { timeout: options.timeout, stdio: 'ignore' });
  },
});

/**
 * Takes the secrets out of what the guest keeps: any program in the guest can read that. False where they could not be taken
 * out.
 */
export const forgetSecrets = (source: Source, secrets: readonly string[]): boolean => {
  const xml = source.kept();
  if (xml === undefined) return true;
  const wiped = withoutSecrets(xml, secrets);
  if (wiped === xml) return true;
  try {
    source.keep(wiped);
    return true;
  } catch {
    return false;
  }
};
