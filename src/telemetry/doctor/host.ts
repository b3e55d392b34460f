// The checks of the machine that the data lies on. They need no server, and change nothing.

import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, type Stats, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Answer, type Check, notChecked, problem, warning, well } from './result.ts';

export interface Host {
  readonly dataDirectory: string;
  /** Files in the data directory that nobody else may read. */
  readonly secretFiles: readonly string[];
  /** Where the kernel tells about itself: /proc. */
  readonly proc: string;
  /** Blocks and files of the data's file system. */
  readonly statfs: (path: string) => DiskFacts;
  /** The program that knows whether something sets the clock. */
  readonly timedatectl: string;
  /** The user that the server runs as; undefined where there are no numbers for users. */
  readonly uid: number | undefined;
  /** Whether this is the server's own process. */
  readonly isServer: boolean;
}

export interface DiskFacts {
  readonly bavail: number;
  readonly blocks: number;
  readonly bsize: number;
  readonly ffree: number;
  readonly files: number;
}

/** This machine. */
export const thisHost = (
  dataDirectory: string,
  secretFiles: readonly string[],
  isServer: boolean,
  uid = process.getuid?.(),
): Host => ({
  dataDirectory,
  secretFiles,
  proc: '/proc',
  statfs: statfsSync,
  timedatectl: 'timedatectl',
  uid,
  isServer,
});

/** The table of checks. */
export const hostChecks = (host: Host): readonly Check[] => [
  { name: 'disk-space', run: () => [diskSpace(host)] },
  { name: 'disk-files', run: () => [diskFiles(host)] },
  { name: 'permissions', run: () => permissions(host) },
  { name: 'swap', run: () => [swap(host)] },
  { name: 'core-dumps', run: () => [coreDumps(host)] },
  { name: 'time-service', run: async () => [await timeService(host)] },
];

const mebibyte = 1024 * 1024;

const diskSpace = ({ dataDirectory, statfs }: Host): Answer => {
  const { bavail, blocks, bsize } = statfs(dataDirectory);
  const free = Math.floor((bavail * bsize) / mebibyte);
  const share = blocks > 0 ? Math.floor((bavail / blocks) * 100) : 100;
  const size = free < 10_240 ? `${free} MiB` : `${Math.floor(free / 1024)} GiB`;
  const what = `${size} (${share} %) free in ${dataDirectory}`;
  const remedy = { todo: 'Free space, or enlarge the disk.', command: `du -xh ${dataDirectory} | sort -h | tail` };
  if (free < 64) return problem(what, remedy);
  return free < 512 || share < 5 ? warning(what, remedy) : well(what);
};

const diskFiles = ({ dataDirectory, statfs }: Host): Answer => {
  const { ffree, files } = statfs(dataDirectory);
  // Some file systems have no fixed number of files, and say 0.
  if (files === 0) return well('this file system has no fixed number of files');
  const what = `room for ${ffree} more files in ${dataDirectory}`;
  return ffree < 1000
    ? warning(what, { todo: 'Remove files that are not needed.', command: `du -x --inodes ${dataDirectory} | tail` })
    : well(what);
};

/** Symbolic links are looked at themselves: what they lead to may be anybody's. */
const permissions = ({ dataDirectory, secretFiles, uid }: Host): readonly Answer[] => {
  const stat = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });
  const paths = [dataDirectory, ...secretFiles.map((name) => join(dataDirectory, name))];
  const found = paths.flatMap((path, index): readonly Answer[] => {
    const stats = stat(path);
    if (!stats) return [];
    const mode = (stats.mode & 0o777).toString(8);
    const wanted = index === 0 ? '700' : '600';
    if ((stats.mode & 0o077) !== 0) {
      const todo = 'Take the rights of others away.';
      return [problem(`others may use ${path} (mode ${mode})`, { todo, command: `chmod ${wanted} ${path}` })];
    }
    if (uid !== undefined && stats.uid !== uid) {
      const todo = 'Give it to the user that the server runs as.';
      const what = `${path} belongs to user ${stats.uid}, the server runs as ${uid}`;
      return [problem(what, { todo, command: `chown -R ${uid} ${dataDirectory}` })];
    }
    return [];
  });
  return found.length > 0 ? found : [well(`nobody else may use ${dataDirectory}`)];
};

/** Memory of this process holds keys: swap would write them to a disk in the clear. zram is memory. */
const swap = ({ proc }: Host): Answer => {
  const path = join(proc, 'swaps');
  if (!existsSync(path)) return notChecked(`${path} is not there`);
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const devices = lines.map((line) => line.split(/\s+/)[0] ?? '').filter((name) => !/^\/dev\/zram\d+$/.test(name));
  if (devices.length === 0) return well('no swap on a disk');
  const todo = 'Switch swap off, and take it out of /etc/fstab: keys in memory could be written to it.';
  return warning(`swap is on: ${devices.join(', ')}`, { todo, command: 'swapoff -a' });
};

const coreDumps = ({ proc, isServer }: Host): Answer => {
  if (!isServer) return notChecked('the server is not running');
  const filter = readFileSync(join(proc, 'self/coredump_filter'), 'utf8').trim();
  if (Number.parseInt(filter, 16) === 0) return well('core dumps of the server hold none of its memory');
  const todo = 'Let nothing change the filter of the server, and start it again.';
  return problem(`core dumps of the server may hold keys (filter ${filter})`, {
    todo,
    command: 'systemctl restart kmip-edge',
  });
};

/** Certificates, leases and the audit trail all depend on the time. */
const timeService = async ({ timedatectl }: Host): Promise<Answer> => {
  try {
    const arguments_ = ['show', '--property=NTPSynchronized', '--value'];
    const { stdout } = await promisify(execFile)(timedatectl, arguments_, { timeout: 5000 });
    if (stdout.trim() === 'yes') return well('a time service sets the clock');
    if (stdout.trim() !== 'no') return notChecked('the time service does not say whether it sets the clock');
    const todo = 'Name a time server, and switch time synchronisation on.';
    return warning('no time service sets the clock', { todo, command: 'timedatectl set-ntp true' });
  } catch {
    return notChecked('there is no systemd that would know whether a time service sets the clock');
  }
};
