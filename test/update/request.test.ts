// What is asked for, left where a stranger could write too: nothing but a plain, small file in known words counts.

import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { openPlainFile } from '../../src/update/files.ts';
import { partitionsOf, startedFrom } from '../../src/update/linux-disk.ts';
import { bundleName, leaveRequest, requestName, takeRequest } from '../../src/update/request.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

test('what was asked for is taken once', (t) => {
  const directory = temporaryDirectory(t);
  leaveRequest(directory, { action: 'return' });
  t.deepEqual(takeRequest(directory, false), { action: 'return' });
  t.is(takeRequest(directory, false), undefined);
});

test('only root may name a file outside', (t) => {
  const directory = temporaryDirectory(t);
  const request = { action: 'apply', file: '/media/disc/kmip-edge.update' } as const;
  leaveRequest(directory, request);
  t.deepEqual(takeRequest(directory, true), request);
  leaveRequest(directory, request);
  t.deepEqual(takeRequest(directory, false), { action: 'apply', file: join(directory, bundleName) });
});

const strange: readonly (readonly [what: string, make: (path: string, directory: string) => void])[] = [
  [
    'that is a link',
    (path, directory) => {
      writeFileSync(join(directory, 'other'), '{"action":"return"}');
      symlinkSync(join(directory, 'other'), path);
    },
  ],
  ['that is a directory', (path) => mkdirSync(path)],
  ['that is large', (path) => writeFileSync(path, `{"action":"return"${' '.repeat(10_000)}}`)],
  ['that is no JSON', (path) => writeFileSync(path, 'return')],
  ['that is null', (path) => writeFileSync(path, 'null')],
  ['with another word', (path) => writeFileSync(path, '{"action":"erase"}')],
];
for (const [what, make] of strange) {
  test(`a note ${what} is not followed, and taken away so that it is not found again and again`, (t) => {
    const directory = temporaryDirectory(t);
    const path = join(directory, requestName);
    make(path, directory);
    t.is(takeRequest(directory, false), undefined);
    t.false(existsSync(path));
  });
}

test('a bundle that is a link is not opened', (t) => {
  const directory = temporaryDirectory(t);
  symlinkSync('/etc/shadow', join(directory, bundleName));
  t.throws(() => openPlainFile(join(directory, bundleName)), { code: 'ELOOP' });
});

const commandLines: readonly (readonly [line: string, expected: ReturnType<typeof startedFrom>])[] = [
  ['root=PARTLABEL=slot-a ro kmip-edge.slot=a lockdown=integrity', { running: 'a', onTrial: false }],
  ['root=PARTLABEL=slot-b ro kmip-edge.slot=b kmip-edge.trial lockdown=integrity\n', { running: 'b', onTrial: true }],
  ['root=/dev/sda1 quiet', undefined],
  ['kmip-edge.slot=c', undefined],
];
for (const [line, expected] of commandLines) {
  test(`the kernel was started by '${line.trim()}'`, (t) => t.deepEqual(startedFrom(line), expected));
}

test('partitions are known by their labels', (t) => {
  const rows = '/dev/sda \n/dev/sda1 efi\n/dev/sda2 slot-a\n/dev/sda3 slot-b\n';
  t.deepEqual(
    [...partitionsOf(rows)],
    [
      ['efi', '/dev/sda1'],
      ['slot-a', '/dev/sda2'],
      ['slot-b', '/dev/sda3'],
    ],
  );
});
