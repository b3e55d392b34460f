// What can be said of an OVA without starting it: order, manifest and size.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Part, Trial } from './trial.ts';

/** Bytes. */
const largest = 350_000_000;

const membersOf = (file: string): readonly string[] =>
  execFileSync('tar', ['-t', '-f', file]).toString().trim().split('\n');

const run = async (trial: Trial): Promise<void> => {
  const file = trial.ova;
  const members = membersOf(file);
  trial.require(
    'descriptor, manifest and disks come in that order',
    /^[^\n]*\.ovf\n[^\n]*\.mf\n([^\n]*\.cert\n)?[^\n]*-system\.vmdk\n[^\n]*-data\.vmdk$/.test(members.join('\n')),
    members.join(', '),
  );
  const content = (name: string): Buffer => execFileSync('tar', ['-x', '-O', '-f', file, name], { maxBuffer: 2 ** 31 });
  const [, manifest = ''] = members;
  const listed = content(manifest).toString().trim().split('\n');
  const expected = members
    .filter((name) => !/\.(mf|cert)$/.test(name))
    .map((name) => `SHA256(${name})= ${createHash('sha256').update(content(name)).digest('hex')}`);
  trial.require('the manifest is that of the files', listed.join() === expected.join());
  const { size } = statSync(file);
  const megabytes = `${(size / 1e6).toFixed(0)} MB`;
  trial.require(`${megabytes} are at most ${largest / 1e6} MB`, size <= largest);
  trial.fact('size of the OVA', megabytes);
};

export const fileChecks: Part = {
  name: 'file',
  holds: 'order, manifest and size of the file',
  always: true,
  run,
};
