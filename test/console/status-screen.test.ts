// What the console draws, for a server that is well, one that is not, and none at all.

import test from 'ava';
import type { StatusView } from '../../src/admin/api/status.ts';
import { line, paint, rowsOf, wrapped } from '../../src/console/screen.ts';
import { absentLines, problemLines, statusLines, tryingLines } from '../../src/console/status-screen.ts';
import { startServer } from '../kit/server.ts';

const size = { columns: 80, rows: 25 };
const host = { name: 'edge1', addresses: ['192.0.2.7', '2001:db8::7'] };
const screen = (status: StatusView): string =>
  statusLines(status, host, size)
    .map(({ text }) => text)
    .join('\n');

const everywhere = (status: StatusView): StatusView => ({ ...status, kmip: { ...status.kmip, host: '0.0.0.0' } });

test('a server that is well is shown with its addresses, its fingerprint and its instances', async (t) => {
  const server = await startServer(t);
  const status = { ...(await server.api('status', {})), alarms: [] };
  const text = screen(everywhere(status));
  t.regex(text, /Name {8}edge1/);
  t.true(text.includes(`192.0.2.7 port ${server.port}`));
  t.true(text.includes(status.certificate.sha1));
  t.true(text.replaceAll(/\n {12}/g, '').includes(status.certificate.sha256));
  t.regex(text, /default .*local reachable .*root key active/);
  t.true(text.endsWith('All is well.'));
});

test('an alarm stands where all is well stood, and an instance that is not served says so', async (t) => {
  const server = await startServer(t);
  const status = await server.api('status', {});
  const [instance] = status.instances;
  if (!instance) return t.fail();
  const alarm = {
    name: 'endpoint',
    severity: 'critical',
    subject: 'default',
    what: 'the endpoint presents another certificate',
    since: new Date(0).toISOString(),
    todo: 'Compare it and trust it',
  } as const;
  const text = screen({ ...status, alarms: [alarm], instances: [{ ...instance, serving: false }] });
  t.regex(text, /NOT SERVED/);
  t.regex(text, /! default: the endpoint presents another certificate\. Compare/);
  t.false(text.includes('All is well'));
  const certificate = { ...alarm, subject: 'C5:FC:D1:80', what: "the certificate of client 'vcenter' ends in 29 days" };
  t.regex(screen({ ...status, alarms: [certificate] }), /! the certificate of client 'vcenter' ends/);
});

test('no server and no network are said in words', (t) => {
  const text = absentLines('ENOENT', { name: 'edge1', addresses: [] }, size)
    .map((one) => one.text)
    .join('\n');
  t.regex(text, /does not answer: ENOENT/);
  t.regex(text, /none: is a network attached\?/);
  t.regex(text, /started anew by itself\. Press Enter: Diagnostics, Log\.$/);
  const starting = absentLines('ENOENT', { name: 'edge1', addresses: [] }, size, true).map((one) => one.text);
  t.true(starting.includes(' The server is starting.'));
  t.notRegex(starting.join(), /ENOENT/);
});

test('while a new system is tried that is said, and not that the server does not answer', (t) => {
  const text = tryingLines('ENOENT', { name: 'edge1', addresses: [] }, size)
    .map((one) => one.text)
    .join(' ');
  t.regex(text, /A new system is being tried[\s\S]*the one before it +starts again by itself/);
  t.notRegex(text, /ENOENT|does not answer/);
});

test('settings that are not right are told, and nothing where all are', (t) => {
  t.deepEqual(problemLines('', size), []);
  const text = problemLines("Gateway: is needed with Address\nHost name: 'a_b' is not right\n", size);
  t.deepEqual(
    text.map((one) => one.text.trim()),
    [
      '',
      'Settings of the deployment that are not right',
      'Gateway: is needed with Address',
      "Host name: 'a_b' is not right",
    ],
  );
});

test('whatever is drawn fits the screen, and is plain ASCII without colour', (t) => {
  const lines = [line('x'.repeat(300)), line('näme \x1b[31m', 'bad'), ...Array.from({ length: 40 }, () => line('row'))];
  const rows = rowsOf(lines, size, false);
  t.is(rows.length, 25);
  t.true(rows.every((text) => text.length === 79 && /^[ -~]*$/.test(text)));
  t.regex(rows[24] ?? '', /more on the page/);
  t.true(rowsOf([line('x', 'bad')], size, true)[0]?.includes('\x1b[1;31mx'));
});

test('only the rows that changed are written', (t) => {
  const before = rowsOf([line('one'), line('two')], { columns: 10, rows: 2 }, false);
  const after = rowsOf([line('one'), line('2')], { columns: 10, rows: 2 }, false);
  t.is(paint(after, before), '\x1b[2;1H2        \x1b[K');
  t.is(paint(after, after), '');
});

test('long lines break at spaces where there are any', (t) => {
  t.deepEqual(wrapped('one two three', 8), ['one two', 'three']);
  t.deepEqual(wrapped('abcdefghij', 4), ['abcd', 'efgh', 'ij']);
});
