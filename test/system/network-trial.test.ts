// Another network on trial: whatever happens, in whatever order, what is applied is what is kept, or what is on trial and will
// be taken back.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { EdgeError, isKind } from '../../src/errors.ts';
import type { Machine } from '../../src/system/machine.ts';
import { beginTrial, endTrial, keepTrial, takeBack } from '../../src/system/network-trial.ts';
import { currentSettings, keepSettings } from '../../src/system/settings.ts';
import { writeSystemFiles } from '../../src/system/system-files.ts';
import { fakeMachine } from './fake-machine.ts';

const fixed = { address: '192.0.2.10/24', gateway: '192.0.2.1', dns: '192.0.2.2' };
const network = ({ root }: Machine): string =>
  readFileSync(join(root, 'run/systemd/network/10-settings.network'), 'utf8');
const pending = ({ root }: Machine): boolean => existsSync(join(root, 'run/kmip-edge/network-trial.json'));

test('the way back is ready before anything is changed, and nothing is kept yet', async (t) => {
  const machine = fakeMachine(t);
  await beginTrial(machine, fixed);
  t.deepEqual(machine.commands, [
    'systemctl restart kmip-edge-network-return.timer',
    'hostname kmip-edge',
    'networkctl reload',
    'networkctl reconfigure ens192',
  ]);
  t.true(network(machine).includes('Address=192.0.2.10/24'));
  t.deepEqual(currentSettings(machine), {});
  const error = await t.throwsAsync(beginTrial(machine, { hostname: 'other' }));
  t.true(isKind(error, 'wrong-state'));
});

test('what is confirmed stays, and the timer is stopped', async (t) => {
  const machine = fakeMachine(t);
  keepSettings(machine, { hostname: 'edge1', ntp: 'time.example.com' });
  await beginTrial(machine, fixed);
  await keepTrial(machine);
  t.is(machine.commands.at(-1), 'systemctl stop kmip-edge-network-return.timer');
  t.deepEqual(currentSettings(machine), { hostname: 'edge1', ntp: 'time.example.com', ...fixed });
  t.false(await takeBack(machine));
  t.true(network(machine).includes('Address=192.0.2.10/24'));
});

test('once the time is over nothing can be confirmed', async (t) => {
  const machine = fakeMachine(t);
  await beginTrial(machine, fixed);
  t.true(await takeBack(machine));
  t.true(network(machine).includes('DHCP=yes'));
  const error = await t.throwsAsync(keepTrial(machine));
  t.true(isKind(error, 'wrong-state'));
  t.deepEqual(currentSettings(machine), {});
});

test('what cannot be applied is taken back at once, and what was half taken back is taken back again', async (t) => {
  const machine = fakeMachine(t);
  machine.answers.set('networkctl reload', new EdgeError('internal', 'no bus'));
  await t.throwsAsync(beginTrial(machine, fixed), { message: 'no bus' });
  machine.answers.clear();
  t.false(pending(machine));
  t.true(await takeBack(machine));
  t.true(network(machine).includes('DHCP=yes'));
  t.false(await takeBack(machine));
});

const refused: readonly (readonly [changes: Readonly<Record<string, string>>, problem: RegExp])[] = [
  [{ address: '192.0.2.10/24' }, /Gateway: is needed with Address/],
  [{ ...fixed, gateway: '192.0.2.1\nDNS=203.0.113.9' }, /Gateway/],
  [{ hostname: '-x' }, /Host name/],
];
for (const [changes, problem] of refused) {
  test(`${JSON.stringify(changes)} is refused before anything is run`, async (t) => {
    const machine = fakeMachine(t);
    const error = await t.throwsAsync(beginTrial(machine, changes), { message: problem });
    t.true(isKind(error, 'invalid-field'));
    t.deepEqual(machine.commands, []);
    t.false(pending(machine));
  });
}

/** What is kept and what is on trial, by host names alone. */
class Model {
  readonly machine: Machine;
  kept = 'kmip-edge';
  tried: string | undefined;
  #count = 0;

  constructor(machine: Machine) {
    this.machine = machine;
    keepSettings(machine, { hostname: this.kept });
    writeSystemFiles(machine, currentSettings(machine));
  }

  async begin(): Promise<boolean> {
    if (this.tried !== undefined) return true;
    this.#count += 1;
    this.tried = `edge${this.#count}`;
    await beginTrial(this.machine, { hostname: this.tried });
    return true;
  }

  async keep(): Promise<boolean> {
    const outcome = await keepTrial(this.machine).catch(() => undefined);
    const { tried } = this;
    this.kept = tried ?? this.kept;
    this.tried = undefined;
    return outcome?.['hostname'] === tried;
  }

  async timeIsOver(): Promise<boolean> {
    const had = this.tried !== undefined;
    this.tried = undefined;
    return (await takeBack(this.machine)) === had;
  }

  async changeOfMind(): Promise<boolean> {
    this.tried = undefined;
    await endTrial(this.machine);
    return true;
  }

  /** What the next start does of the network. */
  async powerCut(): Promise<boolean> {
    rmSync(join(this.machine.root, 'run'), { recursive: true });
    this.tried = undefined;
    const settings = currentSettings(this.machine);
    writeSystemFiles(this.machine, settings);
    await this.machine.run('hostname', [settings['hostname'] ?? '']);
    return true;
  }
}

test('in any order of acts and power cuts: applied is what is kept, or what is on trial', async (t) => {
  const act = fc.constantFrom('begin', 'keep', 'timeIsOver', 'changeOfMind', 'powerCut');
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
      const machine = fakeMachine(t);
      const model = new Model(machine);
      for (const one of acts) {
        t.true(await model[one](), one);
        t.is(currentSettings(machine)['hostname'], model.kept);
        const applied = machine.commands.filter((line) => line.startsWith('hostname ')).at(-1);
        t.is(applied ?? 'hostname kmip-edge', `hostname ${model.tried ?? model.kept}`);
        t.is(pending(machine), model.tried !== undefined);
      }
    }),
    { numRuns: 100 },
  );
});
