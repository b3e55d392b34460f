// `kmip-edge audit` against a server that runs, and on exports without one.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { AuditRecordView, CheckpointView } from '../../src/admin/api/audit.ts';
import type { CliResult } from '../kit/daemon.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { createKey } from '../operations/exchange.ts';
import { runHere } from './here.ts';

const server = sharedServer();
const endings: (() => unknown)[] = [];
test.after.always('clean up', async () => {
  for (const end of endings.reverse()) await end();
});
const folder = temporaryDirectory({ teardown: (end) => void endings.push(end) });
const at = (name: string): string => join(folder, name);

const cli = (line: string): Promise<CliResult> => runHere(line.split(' '), { KMIP_EDGE_DATA: server().dataDirectory });

test.serial('records are listed newest last, by filter, for people and as JSON', async (t) => {
  const uid = await createKey(await server().connect());
  const { stdout, code } = await cli(`audit list --key ${uid}`);
  t.is(code, 0);
  t.regex(stdout, /^TIME +EVENT +OUTCOME +WHO +INSTANCE +KEY +NOTES\n\S+ +kmip-key\.create +success +client default/);
  const records = JSON.parse((await cli('audit list --limit 5 --json')).stdout) as readonly AuditRecordView[];
  t.true(records.length > 1 && records.length <= 5);
  const sequences = records.map(({ sequence }) => sequence);
  t.deepEqual(
    sequences,
    sequences.toSorted((one, other) => one - other),
  );
  t.is((await cli('audit list --since 1h --outcome failed')).stdout, 'no records\n');
  t.regex((await cli('audit list --since yesterday')).stderr, /A time is/);
});

test.serial('the trail of the running server verifies, against a checkpoint that was kept too', async (t) => {
  t.is((await cli(`audit checkpoint --out ${at('checkpoint.json')}`)).code, 0);
  const good = await cli(`audit verify --checkpoint ${at('checkpoint.json')}`);
  t.is(good.code, 0, good.stderr);
  t.regex(good.stdout, /intact: +yes/);
  const checkpoint = JSON.parse(readFileSync(at('checkpoint.json'), 'utf8')) as CheckpointView;
  const foreign = { ...checkpoint, sequence: checkpoint.sequence + 1_000_000 };
  writeFileSync(at('foreign.json'), JSON.stringify(foreign));
  const bad = await cli(`audit verify --checkpoint ${at('foreign.json')}`);
  t.is(bad.code, 8);
  t.regex(bad.stdout, /intact: +NO\n- .*not signed by this server/s);
  writeFileSync(at('other.json'), '{"number":1}');
  t.regex((await cli(`audit verify --checkpoint ${at('other.json')}`)).stderr, /holds no checkpoint/);
});

test.serial('an export verifies without the server, and is not written over a file', async (t) => {
  const uid = await createKey(await server().connect());
  const exported = await cli(`audit export --out ${at('audit.jsonl')}`);
  t.is(exported.code, 0, exported.stderr);
  t.is((await cli(`audit key --out ${at('audit.pem')}`)).code, 0);
  t.true(readFileSync(at('audit.jsonl'), 'utf8').includes(uid));
  const verified = await runHere(['audit', 'verify', '--file', at('audit.jsonl'), '--public-key', at('audit.pem')]);
  t.is(verified.code, 0, verified.stdout + verified.stderr);
  t.regex(verified.stdout, /intact: +yes/);
  const again = await cli(`audit export --out ${at('audit.jsonl')}`);
  t.is(again.code, 5);
  t.true(existsSync(at('audit.jsonl')));
});

const edits: readonly (readonly [string, (lines: readonly string[]) => readonly string[]])[] = [
  ['a record is taken out', (lines) => lines.toSpliced(recordAt(lines), 1)],
  [
    'a record is changed',
    (lines) => lines.with(recordAt(lines), (lines[recordAt(lines)] ?? '').replace('success', 'refused')),
  ],
  ['a record is doubled', (lines) => lines.toSpliced(recordAt(lines), 0, lines[recordAt(lines)] ?? '')],
  [
    'a segment is taken out with its records',
    (lines) => lines.toSpliced(1, lines.indexOf(lines.slice(2).find(isSegment) ?? '') - 1),
  ],
  ['all segments are taken out', (lines) => lines.filter((line) => !isSegment(line))],
  ['a checkpoint is taken out', (lines) => lines.toSpliced(lines.findIndex(isCheckpoint), 1)],
  [
    'another key takes the place of the right one',
    (lines) => lines.with(0, (lines[0] ?? '').replace(/-----BEGIN.*-----END PUBLIC KEY-----/, otherKey)),
  ],
];
const isSegment = (line: string): boolean => line.startsWith('{"segment"');
const isCheckpoint = (line: string): boolean => line.startsWith('{"checkpoint"');
const recordAt = (lines: readonly string[]): number => lines.findIndex((line) => line.startsWith('{"sequence":2,'));
const otherKey = String.raw`-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----`;

for (const [what, edit] of edits) {
  test.serial(`an export in which ${what} does not verify`, async (t) => {
    const lines = readFileSync(at('audit.jsonl'), 'utf8').trimEnd().split('\n');
    const edited = edit(lines);
    t.notDeepEqual(edited, lines);
    const file = at(`${what}.jsonl`);
    writeFileSync(file, edited.map((line) => `${line}\n`).join(''));
    const { code, stdout } = await runHere(['audit', 'verify', '--file', file]);
    t.is(code, 8, stdout);
    t.regex(stdout, /intact: +NO\n- /);
  });
}

test.serial('what is no export is refused as such', async (t) => {
  writeFileSync(at('none.jsonl'), 'hello\n');
  const { code, stderr } = await runHere(['audit', 'verify', '--file', at('none.jsonl')]);
  t.is(code, 2);
  t.regex(stderr, /not an export of an audit trail/);
});
