// The manual page: whole, and without a complaint of roff.

import { spawnSync } from 'node:child_process';
import test from 'ava';
import { settingNames } from '../../src/config/settings.ts';
import { runHere } from './here.ts';

const plainOf = (page: string): string => page.replaceAll('\\-', '-').replaceAll('\\&', '').replaceAll('\\e', '\\');

/** The commands below `path` as --help lists them. */
const commandsIn = async (path: readonly string[]): Promise<readonly string[]> => {
  const { stdout } = await runHere([...path, '--help']);
  const [, listed = ''] = stdout.split('\nCommands:\n');
  return [...(listed.split('\n\n')[0] ?? '').matchAll(/^ {2}([a-z][a-z-]*)/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help');
};

const allPaths = async (path: readonly string[] = []): Promise<readonly (readonly string[])[]> => {
  const paths: (readonly string[])[] = [];
  for (const name of await commandsIn(path)) paths.push([...path, name], ...(await allPaths([...path, name])));
  return paths;
};

test('every command with every option, every setting and every exit code is on the manual page', async (t) => {
  const page = plainOf((await runHere(['man'])).stdout);
  const paths = await allPaths();
  t.true(paths.length > 30);
  for (const path of paths) {
    const { stdout: help } = await runHere([...path, '--help']);
    if (/\nCommands:\n/.test(help) && !/\nArguments:\n/.test(help)) continue;
    const start = page.indexOf(`.SS "kmip-edge ${path.join(' ')}"`);
    t.true(start >= 0, path.join(' '));
    const section = page.slice(start, page.indexOf('\n.S', start + 1));
    for (const [, option = ''] of help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)) {
      t.true(section.includes(option), `${path.join(' ')} ${option}`);
    }
  }
  for (const name of settingNames) t.true(page.includes(`.B ${name}\n`), name);
  for (const code of ['0', '1', '2', '3', '4', '5', '6', '7', '8']) t.true(page.includes(`.B ${code}\n`), code);
});

test('roff takes the page without a warning', async (t) => {
  const { stdout } = await runHere(['man']);
  // No line begins as a request that is none of ours.
  const requests = new Set([...stdout.matchAll(/^[.'](\w*)/gm)].map(([, name]) => name));
  t.deepEqual([...requests].toSorted(), ['B', 'I', 'PP', 'RI', 'SH', 'SS', 'TH', 'TP', 'br', 'fi', 'nf']);
  if (spawnSync('groff', ['--version']).status !== 0) return;
  const {
    status,
    stderr,
    stdout: shown,
  } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-K', 'utf8'], { input: stdout });
  t.is(status, 0);
  t.is(stderr.toString(), '');
  t.regex(shown.toString(), /destroy old backups too/);
});
