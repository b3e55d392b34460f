// A system disk as a model, with the boot loader in front of it: power can be cut before any step, a slot may be written in
// part, the environment block is written whole or not at all. It knows which systems are whole.

import { parseEnvironment, renderEnvironment } from '../../src/update/grub-environment.ts';
import type { Slot, SystemDisk } from '../../src/update/slots.ts';

export class PowerCut extends Error {}

export class ModelDisk {
  readonly slots: Record<Slot, Buffer>;
  #block: Buffer;
  /** Steps until power goes; undefined: it stays. */
  cutAfter: number | undefined;
  /** Steps until now. */
  steps = 0;
  /** The version of the system that `content` is. */
  versionOf: (content: Buffer) => string | undefined = () => undefined;
  /** Bytes that read back otherwise than they were written. */
  damagedAt: number | undefined;

  constructor(a: Buffer, b: Buffer, environment: Readonly<Record<string, string>> = { slot: 'a' }) {
    this.slots = { a, b };
    this.#block = renderEnvironment(environment);
  }

  get environment(): Readonly<Record<string, string>> {
    return parseEnvironment(this.#block);
  }

  /** One step that power may go before. */
  step(): void {
    if (this.cutAfter !== undefined && this.steps >= this.cutAfter) throw new PowerCut('power cut');
    this.steps += 1;
  }

  /** What packer/grub.cfg does: a trial is forgotten before the kernel is loaded. */
  start(): SystemDisk {
    this.cutAfter = undefined;
    const { trial, ...variables } = this.environment;
    if (trial !== undefined) this.#block = renderEnvironment(variables);
    const chosen = trial ?? variables['slot'] ?? 'a';
    return this.#running(chosen === 'b' ? 'b' : 'a', trial !== undefined);
  }

  /** The second entry of the boot menu: what is permanent stays what it was. */
  startByHand(slot: Slot): SystemDisk {
    return this.#running(slot, false);
  }

  #running(running: Slot, onTrial: boolean): SystemDisk {
    return {
      running,
      onTrial,
      capacity: async (slot) => this.slots[slot].length,
      write: async (slot, pieces) => {
        if (slot === running) throw new Error('the running slot is in use');
        let place = 0;
        for await (const piece of pieces) {
          for (let done = 0; done < piece.length; done += 10_000) {
            this.step();
            piece.subarray(done, done + 10_000).copy(this.slots[slot], place + done);
          }
          place += piece.length;
        }
        this.step();
      },
      read: (slot, bytes) => this.#read(slot, bytes),
      versionIn: async (slot) => this.versionOf(this.slots[slot]),
      environment: async () => this.environment,
      setEnvironment: async (variables) => {
        this.step();
        this.#block = renderEnvironment(variables);
        this.step();
      },
    };
  }

  async *#read(slot: Slot, bytes: number): AsyncGenerator<Buffer> {
    this.step();
    const content = Buffer.from(this.slots[slot].subarray(0, bytes));
    if (this.damagedAt !== undefined) content[this.damagedAt] = (content[this.damagedAt] ?? 0) ^ 1;
    yield content;
  }
}
