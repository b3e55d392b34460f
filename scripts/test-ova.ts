// Boots the OVA as a customer would and holds what was promised, in parts (test/system/parts.ts), and ends with one table of
// what was measured. Pictures of the screen lie in artifacts/ova.
// Usage: node scripts/test-ova.ts [--ova FILE] [--only PART,PART] [--all] [--list] [--keep] [--system DISK.qcow2]

import { globSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parts } from '../test/system/parts.ts';
import { type Part, type Run, say, Trial } from '../test/system/trial.ts';

const { values } = parseArgs({
  options: {
    ova: { type: 'string' },
    only: { type: 'string' },
    all: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    system: { type: 'string' },
  },
});
const root = resolve(import.meta.dirname, '..');

const chosen = (): readonly Part[] => {
  if (values.only === undefined) return parts.filter(({ always }) => always || values.all);
  return values.only.split(',').map((wanted) => {
    const part = parts.find(({ name }) => name === wanted);
    if (!part) throw new Error(`there is no part '${wanted}': see --list`);
    return part;
  });
};

const newestOva = (): string => {
  const [found] = globSync('build/*.ova', { cwd: root });
  if (found === undefined) throw new Error("there is no OVA: make one with 'npm run ova'");
  return join(root, found);
};

const list = (): void => {
  for (const { name, holds, always } of parts) console.log(`${name.padEnd(14)}${always ? ' ' : '*'} ${holds}`);
  console.log('\n* only with --all or --only');
};

const test = async (run: Run): Promise<readonly (readonly [name: string, value: string])[]> => {
  const facts: (readonly [name: string, value: string])[] = [];
  for (const { name, run: act } of chosen()) {
    const began = performance.now();
    const trial = new Trial(run, name);
    try {
      await act(trial);
    } catch (error) {
      trial.tell();
      throw new Error(`part '${name}' failed`, { cause: error });
    } finally {
      await trial.close();
    }
    facts.push(...trial.facts, [`part '${name}'`, `${((performance.now() - began) / 1000).toFixed(0)} s`]);
  }
  return facts;
};

if (values.list) list();
else {
  const artifacts = join(root, 'artifacts/ova');
  rmSync(artifacts, { recursive: true, force: true });
  const ova = values.ova ?? newestOva();
  const facts = await test({ ova, system: values.system, artifacts, keep: values.keep });
  console.log(`\n${facts.map(([name, value]) => `| ${name} | ${value} |`).join('\n')}\n`);
  say('done');
}
