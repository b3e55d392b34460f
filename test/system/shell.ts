// A command line inside a machine that was deployed with an SSH key: for what only the machine itself can tell.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Machine } from './machine.ts';

/** Milliseconds; a backup that a passphrase closes, and a start of the server, take long under emulation. */
const patience = { connect: 120_000, command: 300_000 };
const largestFile = 256 * 1024 * 1024;

export class Shell {
  readonly #directory: string;
  /** The value of the property `ssh-key`. */
  readonly publicKey: string;

  /** Makes a key in `directory`. */
  constructor(directory: string) {
    this.#directory = directory;
    const key = join(directory, 'id');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', key]);
    this.publicKey = readFileSync(`${key}.pub`, 'utf8').trim();
  }

  /** What `command` prints in `machine`, as root. Throws with its error output where it fails. */
  run(machine: Machine, command: string): string {
    return this.#run(machine, command).toString().trim();
  }

  /** What is in a file of `machine`. */
  copyOut(machine: Machine, path: string): Buffer {
    return this.#run(machine, `cat ${path}`);
  }

  /** Writes a file of `machine`, for root alone. */
  copyIn(machine: Machine, content: Buffer | string, path: string): void {
    this.#run(machine, `umask 077; cat >${path}`, content);
  }

  #run(machine: Machine, command: string, input: Buffer | string = ''): Buffer {
    const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'ConnectTimeout=10'];
    return execFileSync(
      'ssh',
      [
        ...options.flatMap((option) => ['-o', option]),
        ...['-i', join(this.#directory, 'id'), '-p', String(machine.sshPort), 'root@127.0.0.1', command],
      ],
      { timeout: patience.command, maxBuffer: largestFile, input, stdio: ['pipe', 'pipe', 'pipe'] },
    );
  }

  /** Waits until a command can be run. */
  async ready(machine: Machine): Promise<void> {
    const until = performance.now() + patience.connect;
    for (;;) {
      try {
        this.run(machine, 'true');
        return;
      } catch (error) {
        if (performance.now() > until) throw error;
        await setTimeout(2000);
      }
    }
  }
}
