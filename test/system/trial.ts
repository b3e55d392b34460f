// One part of the test of the OVA, and what a part is given: a folder of its own, machines whose plug is pulled when the part
// ends, a place for pictures, and words for what was promised and what was measured.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Machine, type MachineOptions } from './machine.ts';

export interface Part {
  readonly name: string;
  /** What it holds, in one line. */
  readonly holds: string;
  /** Runs where nothing is asked for; the others with --all or --only. */
  readonly always: boolean;
  run(trial: Trial): Promise<void>;
}

/** Where the pieces of a run are. */
export interface Run {
  readonly ova: string;
  /** A system disk to start machines from instead of the OVA's own. */
  readonly system: string | undefined;
  /** For pictures and logs. */
  readonly artifacts: string;
  /** Keep the disks of the machines. */
  readonly keep: boolean;
}

const began = performance.now();

/** Says what happens, with the seconds since the start. */
export const say = (text: string): void =>
  console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${text}`);

export class Trial {
  readonly ova: string;
  /** Of this part alone; removed at its end. */
  readonly directory: string;
  readonly facts: (readonly [name: string, value: string])[] = [];
  readonly #run: Run;
  readonly #machines = new Map<string, Machine>();
  readonly #part: string;

  constructor(run: Run, part: string) {
    this.ova = run.ova;
    this.#run = run;
    this.#part = part;
    this.directory = mkdtempSync(join(tmpdir(), `kmip-edge-${part}-`));
  }

  say(text: string): void {
    say(`${this.#part}: ${text}`);
  }

  /** Ends the part where `holds` is false; `found` says what is there instead. */
  require(what: string, holds: boolean, found?: string): void {
    if (!holds) throw new Error(`not so: ${what}${found === undefined ? '' : `\n${found}`}`);
    this.say(`well: ${what}`);
  }

  /** A row of the table at the end. */
  fact(name: string, value: string): void {
    this.facts.push([name, value]);
  }

  /** A machine of this part, deployed from the OVA with `properties` and not yet on. */
  machine(name: string, properties: MachineOptions['properties'], more: Partial<MachineOptions> = {}): Machine {
    const system = this.#run.system === undefined ? {} : { system: this.#run.system };
    const machine = new Machine({
      directory: join(this.directory, name),
      ova: this.ova,
      properties,
      ...system,
      ...more,
    });
    this.#machines.set(name, machine);
    this.say(`'${name}' is deployed`);
    machine.deploy();
    return machine;
  }

  /** The path of a file that stays after the run. */
  artifact(name: string): string {
    mkdirSync(this.#run.artifacts, { recursive: true });
    return join(this.#run.artifacts, `${this.#part}-${name}`);
  }

  /** What is on the screen of `machine`, as PNG. */
  async picture(machine: Machine, name: string): Promise<void> {
    await machine.screenshot(this.artifact(`${name}.png`));
  }

  /** For a part that failed: what its machines wrote on their serial lines stays, and the end of it is shown. */
  tell(): void {
    for (const [name, machine] of this.#machines) {
      const serial = machine.serial();
      writeFileSync(this.artifact(`${name}-serial.log`), serial, 'latin1');
      this.say(`'${name}' wrote last:\n${stripVTControlCharacters(serial.slice(-2000))}`);
    }
  }

  async close(): Promise<void> {
    for (const machine of this.#machines.values()) await machine.cutPower();
    if (!this.#run.keep) rmSync(this.directory, { recursive: true, force: true });
  }
}
