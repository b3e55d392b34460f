// The sources of the product hold no types any more, so that its programs run without the tool that erases them.

import { execFileSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { eraseTypes } from '../../packer/product.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const root = resolve(import.meta.dirname, '../..');

const run = (...args: readonly string[]): string =>
  execFileSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();

const compilesWebAssembly = (program: string, ...args: readonly string[]): boolean =>
  run('--trace-wasm-compilation-times', program, ...args).includes('Compiled function');

test('with types erased the command runs without WebAssembly, and says what it says with them', (t) => {
  const folder = temporaryDirectory(t);
  for (const name of ['src', 'package.json', 'ova.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  // A folder of its own for the cache of compiled code, which is empty.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const program = join(folder, 'src/cli/kmip-edge.js');
  t.true(compilesWebAssembly(join(folder, 'src/main.ts')), 'it is WebAssembly no more that erases types');
  const help = run(program, '--help');
  eraseTypes(join(folder, 'src'));
  t.false(compilesWebAssembly(program, '--help'));
  t.is(run(program, '--help'), help);
});
