// The doctor of a whole server: what it says where all is well, and that it sees each thing that is broken on purpose.

import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { DoctorView } from '../../src/admin/api/doctor.ts';
import { Doctor, type DoctorParts } from '../../src/admin/doctor.ts';
import { systemClock } from '../../src/clock.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Alarm } from '../../src/telemetry/alarms.ts';
import type { CheckResult } from '../../src/telemetry/doctor/result.ts';
import { startCloud } from '../custody/kit.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const of = ({ results }: Pick<DoctorView, 'results'>, check: string) => results.filter((one) => one.check === check);

test('a server on which all is well has no problem, and its database is sound', async (t) => {
  const { api, dataDirectory } = await startServer(t);
  const before = readdirSync(dataDirectory);
  const found = await api('doctor.run', {});
  t.deepEqual(
    found.results.filter(({ state }) => state === 'problem'),
    [],
  );
  t.like(of(found, 'database')[0], { state: 'well', what: 'the database is sound' });
  t.like(of(found, 'core-dumps')[0], { state: 'well' });
  t.like(of(found, 'recovery-passphrase')[0], { state: 'warning', command: 'kmip-edge seal passphrase --file FILE' });
  t.like(of(found, 'kmip-port')[0], { state: 'warning', command: 'kmip-edge serve --listen [::]:5696' });
  t.deepEqual(readdirSync(dataDirectory), before);
  await api('seal.passphrase', { passphrase: 'correct horse battery' });
  t.like(of(await api('doctor.run', {}), 'recovery-passphrase')[0], { state: 'well' });
});

test('what others may read is found', async (t) => {
  const { api, dataDirectory } = await startServer(t);
  const path = join(dataDirectory, 'kmip-edge.sqlite');
  chmodSync(path, 0o640);
  const [found] = of(await api('doctor.run', {}), 'permissions');
  t.like(found, { state: 'problem', command: `chmod 600 ${path}` });
});

test('the ways to Key Protect and to IAM are looked at, and a cut one is found', async (t) => {
  const cloud = await startCloud(t);
  const paths = of(await cloud.server.api('doctor.run', {}), 'upstream-path');
  t.true(
    paths.every(({ state }) => state === 'well'),
    JSON.stringify(paths),
  );
  t.true(paths.some(({ what }) => what.startsWith("Key Protect of 'cloud'")));
  t.true(paths.some(({ what }) => what.startsWith("IAM of 'cloud'")));
  await cloud.simulator.cutLink();
  await cloud.server.api('key.list', {});
  const after = await cloud.server.api('doctor.run', {});
  const cut = of(after, 'upstream-path').filter(({ state }) => state === 'problem');
  t.true(cut.length > 0);
  t.regex(cut[0]?.command ?? '', /^(ip route|openssl|getent)/);
  t.is(after.state, 'problem');
});

/** The server's doctor on parts that say what a test wants. */
const doctorOf = (
  t: Parameters<typeof temporaryDirectory>[0],
  given: Partial<DoctorParts>,
  alarms: readonly Alarm[] = [],
) => {
  const dataDirectory = temporaryDirectory(t);
  const database = join(dataDirectory, 'db');
  const store = openSqliteStore(database);
  t.teardown(() => store.close());
  const doctor = new Doctor({
    registry: { instances: () => [] } as unknown as DoctorParts['registry'],
    store,
    telemetry: { alarms: () => alarms } as unknown as DoctorParts['telemetry'],
    clock: systemClock,
    dataDirectory,
    database,
    secretFiles: ['db'],
    listener: { host: '0.0.0.0', port: 5696, listening: true },
    https: { state: { state: 'on', host: '0.0.0.0', port: 443 } },
    collector: () => undefined,
    verifyAudit: async () => ({ intact: true, findings: [], records: 7 }),
    targetsOf: () => [],
    ...given,
  });
  return { doctor, dataDirectory };
};

const stateOf = (results: readonly CheckResult[], check: string) => results.find((one) => one.check === check);

test('a port that is closed, and a page out of reach, are problems', async (t) => {
  const listener = { host: '0.0.0.0', port: 5696, listening: false };
  const https = { state: { state: 'failed', host: '0.0.0.0', port: 443, problem: 'EADDRINUSE' } } as const;
  const results = await doctorOf(t, { listener, https }).doctor.run();
  t.like(stateOf(results, 'kmip-port'), { state: 'problem', what: 'the KMIP port is closed' });
  t.like(stateOf(results, 'management-port'), { state: 'problem', command: "ss -ltnp 'sport = :443'" });
});

test('an audit trail that was tampered with is a problem', async (t) => {
  const findings = [{ kind: 'removed', from: 3, to: 4, text: 'records 3 to 4 are missing' }] as const;
  const verifyAudit = async () => ({ intact: false, findings, records: 7 });
  const results = await doctorOf(t, { verifyAudit }).doctor.run();
  t.like(stateOf(results, 'audit-trail'), { state: 'problem', command: 'kmip-edge audit verify' });
  t.regex(stateOf(results, 'audit-trail')?.what ?? '', /records 3 to 4 are missing/);
});

test('the way to the syslog collector is looked at, and so is the file with its authority', async (t) => {
  const nobody = { host: '127.0.0.1', port: 1 };
  const [cut] = (await doctorOf(t, { collector: () => nobody }).doctor.run()).filter(
    ({ check }) => check === 'syslog-path',
  );
  t.like(cut, { state: 'problem' });
  t.regex(cut?.what ?? '', /^the syslog collector \(127\.0\.0\.1 port 1\): no connection/);
  const collector = () => {
    throw new Error('ENOENT: /etc/ca.pem');
  };
  const results = await doctorOf(t, { collector }).doctor.run();
  t.like(stateOf(results, 'syslog-path'), {
    state: 'problem',
    command: 'kmip-edge config set audit.syslogCaFile FILE',
  });
});

const alarm = (name: string, severity: Alarm['severity']): Alarm => ({
  name,
  subject: 'x',
  severity,
  what: `${name} is wrong`,
  todo: 'Mend it.',
  command: 'mend',
  since: 0,
});

const alarmCases = [
  ['root-key-unusable', 'critical', 'service-instances', 'problem'],
  ['lease-ended', 'critical', 'service-instances', 'problem'],
  ['upstream-unreachable', 'warning', 'service-instances', 'warning'],
  ['instance-suspended', 'info', 'service-instances', 'warning'],
  ['no-recovery-passphrase', 'warning', 'recovery-passphrase', 'warning'],
  ['certificate-ending', 'critical', 'certificates', 'problem'],
  ['backup-missing', 'warning', 'backup', 'warning'],
  ['audit-tampered', 'critical', 'audit', 'problem'],
  ['audit-not-forwarded', 'warning', 'syslog', 'warning'],
  ['audit-not-stored', 'critical', 'audit', 'problem'],
  ['store-not-writable', 'critical', 'store', 'problem'],
  ['clock-set', 'warning', 'clock', 'warning'],
  ['something-new', 'warning', 'everything-else', 'warning'],
] as const;
for (const [name, severity, check, state] of alarmCases) {
  test(`the alarm ${name} is a ${state} of the check ${check}, with its command`, async (t) => {
    const results = await doctorOf(t, {}, [alarm(name, severity)]).doctor.run();
    t.like(stateOf(results, check), { state, what: `${name} is wrong`, todo: 'Mend it.', command: 'mend' });
    t.is(results.filter(({ what }) => what.includes('is wrong')).length, 1);
  });
}

test('who asks while it looks gets the same results; a copy that a crash left is gone', async (t) => {
  const { doctor, dataDirectory } = doctorOf(t, {});
  const [one, other] = [doctor.run(), doctor.run()];
  t.is(await one, await other);
  await doctor.close();
  t.false(existsSync(join(dataDirectory, 'doctor.snapshot')));
});
