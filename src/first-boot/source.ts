// Where the OVF environment comes from: VMware's guest info, or the disc that the ISO transport puts into the drive.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { largestEnvironment } from './ovf-environment.ts';

const drives = ['/dev/sr0', '/dev/sr1'];
const options = { timeout: 20_000, maxBuffer: 2 * largestEnvironment, stdio: ['ignore', 'pipe', 'ignore'] as const };
const guestInfo = 'guestinfo.ovfEnv';

/** The environment's text; undefined where the appliance was deployed without one. `scratch` is a folder of our own. */
export const findOvfEnvironment = (scratch: string): string | undefined => fromGuestInfo() ?? fromDisc(scratch);

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

/** Takes the secrets out of what the guest keeps; on the disc they cannot be changed. False where VMware is not there. */
export const forgetSecrets = (xml: string, secrets: readonly string[]): boolean => {
  const wiped = xml.replaceAll(/<(\w+:)?Property\b[^>]*>/g, (element) =>
    secrets.some((key) => new RegExp(`\\bkey="${key}"`).test(element))
      ? element.replace(/\bvalue="[^"]*"/, 'value=""')
      : element,
  );
  try {
    execFileSync('vmtoolsd', ['--cmd', `info-set ${guestInfo} ${wiped}`], {
      timeout: options.timeout,
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
};
