// Whose the files are that root has restored.

import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test from 'ava';
import { giveToOwner, type Ownership } from '../../src/backup/owner.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const [root, server] = [0, 970];

/** The file system, with the directory owned by `owner`, and by root what is called so. */
const owned = (directory: string, owner: number) => {
  const given: string[] = [];
  const system: Ownership = {
    lstat: async (path) => {
      const found = await lstat(path);
      const uid = path === directory || basename(path).startsWith('own') ? owner : root;
      return { uid, gid: uid, nlink: found.nlink, isFile: () => found.isFile() };
    },
    lchown: async (path, uid, gid) => void given.push(`${basename(path)} ${uid}:${gid}`),
  };
  return { given, system };
};

test('what root has put into the directory of the server is given to the server, and nothing through a link', async (t) => {
  const directory = temporaryDirectory(t);
  const outside = join(temporaryDirectory(t), 'outside');
  writeFileSync(outside, '');
  for (const name of ['kmip-edge.sqlite', 'storage-key.credential', 'own-file'])
    writeFileSync(join(directory, name), '');
  symlinkSync(outside, join(directory, 'soft'));
  linkSync(outside, join(directory, 'hard'));
  mkdirSync(join(directory, 'folder'));
  const { given, system } = owned(directory, server);
  await giveToOwner(directory, system);
  t.deepEqual(given.toSorted(), ['kmip-edge.sqlite 970:970', 'storage-key.credential 970:970']);
});

test('where directory and files are of one user nothing is given', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'kmip-edge.sqlite'), '');
  const { given, system } = owned(directory, root);
  await giveToOwner(directory, system);
  t.deepEqual(given, []);
  await t.notThrowsAsync(giveToOwner(directory));
});
