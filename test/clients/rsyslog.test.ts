// A collector that others wrote: rsyslog with its GnuTLS driver takes the audit trail of a server as a process of its own.
// Where it is not installed there is one test that says so.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { call } from '../../src/admin/api/client.ts';
import { createAuthority } from '../../src/ca/authority.ts';
import { issueServerCertificate } from '../../src/ca/issue.ts';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import { startDaemon } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { createKey } from '../operations/exchange.ts';

const program = '/usr/sbin/rsyslogd';
const installed = existsSync(program) && globSync('/usr/lib/*/rsyslog/lmnsd_gtls.so').length > 0;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};

interface Rsyslog {
  readonly port: number;
  /** Path of the authority's certificate. */
  readonly authority: string;
  /** What it has written: one JSON line a message, as it understood it. */
  messages(): readonly Readonly<Record<string, string>>[];
  start(): ChildProcess;
}

const prepare = async (t: ExecutionContext, directory: string): Promise<Rsyslog> => {
  const now = Date.now();
  const authority = await createAuthority({ commonName: 'collector', days: 1, now });
  const names = { commonName: 'localhost', dnsNames: ['localhost'], addresses: ['127.0.0.1'] };
  const { certificatePem, privateKeyPem } = await issueServerCertificate(authority, { ...names, days: 1, now });
  const at = (name: string): string => join(directory, name);
  writeFileSync(at('ca.pem'), authority.certificatePem);
  writeFileSync(at('server.pem'), certificatePem);
  writeFileSync(at('server.key'), privateKeyPem.reveal());
  mkdirSync(at('work'));
  const port = await freePort();
  const config = `
    global(workDirectory="${at('work')}" maxMessageSize="16k" defaultNetstreamDriver="gtls"
      defaultNetstreamDriverCAFile="${at('ca.pem')}" defaultNetstreamDriverCertFile="${at('server.pem')}"
      defaultNetstreamDriverKeyFile="${at('server.key')}")
    module(load="mmpstrucdata")
    module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
    template(name="line" type="list") {
      constant(value="{") property(outname="id" name="msgid" format="jsonf")
      constant(value=",") property(outname="host" name="hostname" format="jsonf")
      constant(value=",") property(outname="program" name="app-name" format="jsonf")
      constant(value=",") property(outname="severity" name="syslogseverity-text" format="jsonf")
      constant(value=",") property(outname="facility" name="syslogfacility" format="jsonf")
      constant(value=",") property(outname="data" name="structured-data" format="jsonf")
      constant(value=",") property(outname="text" name="msg" format="jsonf")
      constant(value="}\\n")
    }
    input(type="imtcp" address="127.0.0.1" port="${port}")
    action(type="omfile" file="${at('messages')}" template="line")
  `;
  writeFileSync(at('rsyslog.conf'), config);
  return {
    port,
    authority: at('ca.pem'),
    messages() {
      if (!existsSync(at('messages'))) return [];
      const lines = readFileSync(at('messages'), 'utf8').split('\n').slice(0, -1);
      return lines.map((line) => JSON.parse(line) as Record<string, string>);
    },
    start() {
      const child = spawn(program, ['-n', '-f', at('rsyslog.conf'), '-i', at('pid')], { stdio: 'ignore' });
      t.teardown(() => void child.kill('SIGKILL'));
      return child;
    },
  };
};

const until = async (what: string, isTrue: () => boolean): Promise<void> => {
  const end = performance.now() + 40_000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

if (!installed) test('rsyslog is not installed, so the audit trail was not forwarded to it', (t) => t.pass());
else {
  test('rsyslog takes the audit trail, also what happened while it was away', async (t) => {
    const directory = temporaryDirectory(t);
    const rsyslog = await prepare(t, directory);
    const config = join(directory, 'kmip-edge.yaml');
    writeFileSync(config, `audit:\n  syslogAddress: localhost:${rsyslog.port}\n  syslogCaFile: ${rsyslog.authority}\n`);
    const daemon = await startDaemon(t, join(directory, 'data'), ['--config', config, '--admin-listen', 'off']);
    const client = await connectKmip({ host: '127.0.0.1', port: daemon.port, ...daemon.client });
    t.teardown(() => client.close());
    const before = await createKey(client);
    const first = rsyslog.start();
    const creates = () => rsyslog.messages().filter(({ id }) => id === 'Create');
    await until('the first key', () => creates().length > 0);
    const [message] = creates();
    t.like(message, { program: 'kmip-edge', severity: 'info', facility: '13' });
    t.regex(message?.['data'] ?? '', /^\[kmip-edge@32473 .*event="vmware-solutions\.kmip-key\.create".*\]$/);
    t.true(message?.['text']?.includes(`Create ${before} of default by client default`));

    const ended = once(first, 'exit');
    first.kill('SIGKILL');
    await ended;
    const meanwhile = await createKey(client);
    rsyslog.start();
    await until('the second key', () => creates().some(({ text }) => text?.includes(meanwhile)));
    const checkpoint = await call(daemon.dataDirectory, 'audit.checkpoint', {});
    await createKey(client);
    await until('the checkpoint', () =>
      rsyslog.messages().some(({ id, data }) => id === 'checkpoint' && data?.includes(checkpoint.signature)),
    );
    t.is(await daemon.end('SIGTERM'), 0);
  });
}
