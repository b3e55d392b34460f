// Whether another machine is reached: what TLS shows of it, how a ping is asked for, and what is refused before either.

import { createServer as createTcpServer } from 'node:net';
import { createServer, type Server } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { lookByTls, ping, wrongHost, wrongPort } from '../../src/system/reach.ts';
import { selfSigned } from '../server/certificates.ts';
import { fakeMachine } from './fake-machine.ts';

const portOf = (server: Pick<Server, 'address'>): number => (server.address() as { readonly port: number }).port;

const listen = async (t: ExecutionContext, server: Server | ReturnType<typeof createTcpServer>): Promise<number> => {
  t.teardown(() => void server.close());
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return portOf(server);
};

test('TLS shows who answers, with which certificate, and that nobody vouches for it', async (t) => {
  const { certificate, privateKey } = await selfSigned(t);
  const port = await listen(t, createServer({ cert: certificate, key: privateKey }));
  const found = await lookByTls('127.0.0.1', port);
  t.is(found.address, '127.0.0.1');
  t.is(found.protocol, 'TLSv1.3');
  t.is(found.doubt, 'it is signed by itself');
  t.is(found.certificates.length, 1);
  t.regex(found.certificates[0]?.subject ?? '', /CN=kmipClient/);
  t.regex(found.certificates[0]?.sha256 ?? '', /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  t.true(Date.parse(found.certificates[0]?.notAfter ?? '') > Date.now());
});

test('who hangs up, says nothing, or is not there is said to be so', async (t) => {
  const hangsUp = await listen(
    t,
    createTcpServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 no\r\n\r\n')),
  );
  const silent = await listen(
    t,
    createTcpServer((socket) => void t.teardown(() => void socket.destroy())),
  );
  const closed = await listen(t, createTcpServer());
  const gone = createTcpServer();
  const port = await listen(t, gone);
  await new Promise((resolve) => gone.close(resolve));
  t.not(closed, port);
  const why = async (to: number): Promise<string> => {
    const error = await t.throwsAsync(lookByTls('127.0.0.1', to, 300), { instanceOf: EdgeError });
    t.is((error as EdgeError).kind, 'upstream-unreachable');
    return error.message;
  };
  t.regex(await why(hangsUp), /^no TLS with 127\.0\.0\.1 at port \d+: /);
  t.regex(await why(silent), /more than 0\.3 s/);
  t.regex(await why(port), /ECONNREFUSED/);
});

test('a ping is asked for with nothing that the program could take for an option', async (t) => {
  const machine = fakeMachine(t);
  machine.answers.set('ping', '4 packets transmitted\n\nrtt min 1\n');
  t.deepEqual(await ping(machine, '192.0.2.1'), ['4 packets transmitted', 'rtt min 1']);
  t.deepEqual(machine.commands, ['ping -c 4 -W 2 -- 192.0.2.1']);
  await t.throwsAsync(ping(machine, '-f'), { message: 'a name or an address is needed' });
  t.is(machine.commands.length, 1);
  machine.answers.set('ping', new EdgeError('internal', 'ping: it ended with 1'));
  await t.throwsAsync(ping(machine, 'edge2.example.com'), { message: /edge2\.example\.com does not answer to a ping/ });
});

const hosts: readonly (readonly [text: string, isRight: boolean])[] = [
  ['192.0.2.1', true],
  ['2001:db8::1', true],
  ['fe80::1%ens192', true],
  ['edge', true],
  ['kms_1.example.com.', true],
  ['', false],
  ['-f', false],
  ['a b', false],
  ['a;reboot', false],
  ['https://x', false],
  ['a'.repeat(254), false],
];
for (const [text, isRight] of hosts) {
  test(`'${text.slice(0, 30)}' is ${isRight ? 'a' : 'no'} name or address`, (t) => {
    t.is(wrongHost(text) === undefined, isRight);
  });
}

test('a port is a number of one', (t) => {
  t.deepEqual(
    ['1', '443', '65535', '0', '65536', '99999', '-1', '4e2', ' 443'].filter((text) => wrongPort(text) === undefined),
    ['1', '443', '65535'],
  );
});
