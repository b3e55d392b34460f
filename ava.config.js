import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Data directories lie in memory, where enough of it may be had: a third of the tests' time was waiting for a disk.
const roomFor = (directory, bytes) => {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize >= bytes;
  } catch {
    return false;
  }
};
const parent = roomFor('/dev/shm', 2 ** 30) ? '/dev/shm' : tmpdir();
const runs = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
};
// A run that was killed could not take its directory away.
for (const name of readdirSync(parent)) {
  const [, owner] = /^kmip-edge-tests-(\d+)$/.exec(name) ?? [];
  if (owner && !runs(Number(owner))) rmSync(join(parent, name), { recursive: true, force: true });
}
const directory = join(parent, `kmip-edge-tests-${process.pid}`);
mkdirSync(directory, { recursive: true, mode: 0o700 });
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

export default {
  files: ['test/**/*.test.ts'],
  extensions: ['ts'],
  // Before all else, so that what comes of AVA itself is compiled once, too.
  nodeArguments: ['--require', join(import.meta.dirname, 'test/kit/compile-cache.js')],
  environmentVariables: { TMPDIR: directory },
  // Twice what a small machine has cores: a test waits about as long as it works.
  concurrency: 4,
  timeout: '60s',
  // The server sets its umask while it opens the management socket, which a worker thread may not.
  workerThreads: false,
};
