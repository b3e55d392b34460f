// Sockets that a parent opened and passes on, as systemd does: the server is started anew behind them, and nobody who
// connects meanwhile is refused.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { passedSockets } from '../../src/passed-sockets.ts';
import { command } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

test('a socket belongs to the process that it is passed to, by its name, and once', (t) => {
  const environment = { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'kmip:page' };
  const sockets = passedSockets(environment, 7);
  t.false(sockets.taken);
  t.is(sockets.take('page'), 4);
  t.true(sockets.taken);
  t.is(sockets.take('page'), undefined);
  t.is(sockets.take('kmip'), 3);
  t.is(passedSockets(environment, 8).take('kmip'), undefined);
  t.is(passedSockets({ ...environment, LISTEN_FDS: '1' }, 7).take('page'), undefined);
  t.is(passedSockets({ ...environment, LISTEN_FDS: 'all' }, 7).take('kmip'), undefined);
  t.is(passedSockets({}, 7).take('kmip'), undefined);
});

/** The descriptor of a listening server, which only Node's own parts need otherwise. */
const descriptorOf = (server: Server): number =>
  (server as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;

/** Holds the socket, and starts a server on it whenever the one before has ended; a line of input ends the last. */
const holder = `while :; do sh -c 'export LISTEN_PID=$$; exec "$@"' sh "$@"; [ -e "$STOP" ] && exit; echo ended; done`;

const startBehind = async (t: ExecutionContext, listen: (port: number) => string, host = '127.0.0.1') => {
  const folder = temporaryDirectory(t);
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const child = spawn(
    'sh',
    [
      ...['-c', holder, 'sh', process.execPath, ...command, 'serve', '--data', join(folder, 'data')],
      ...['--listen', listen(port), '--admin-listen', 'off'],
    ],
    {
      stdio: ['ignore', 'pipe', 'ignore', descriptorOf(server)],
      detached: true,
      env: { ...process.env, LISTEN_FDS: '1', LISTEN_FDNAMES: 'kmip', STOP: join(folder, 'stop') },
    },
  );
  t.teardown(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  });
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  // From here the holder alone keeps the socket.
  server.close();
  const readyTimes = async (times: number): Promise<void> => {
    while (printed.split('kmip-edge ready').length <= times) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return { child, port, readyTimes, printed: () => printed };
};

/** Ends the server, not its holder. */
const endServer = async ({ pid }: ChildProcess): Promise<void> => {
  const end = spawn('pkill', ['-TERM', '-P', String(pid)]);
  await once(end, 'exit');
};

test('while the server is started anew on a passed socket no connection is refused', async (t) => {
  const { child, port, readyTimes } = await startBehind(t, (free) => `127.0.0.1:${free}`);
  await readyTimes(1);
  let over = false;
  const refusals: string[] = [];
  let made = 0;
  const asking = (async () => {
    while (!over) {
      const socket = connect(port, '127.0.0.1');
      await new Promise<void>((resolve) => {
        socket.once('connect', () => {
          made += 1;
          resolve();
        });
        socket.once('error', (error: NodeJS.ErrnoException) => {
          if (error.code === 'ECONNREFUSED') refusals.push(error.code);
          resolve();
        });
      });
      socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  await endServer(child);
  await readyTimes(2);
  over = true;
  await asking;
  t.true(made > 5);
  t.deepEqual(refusals, []);
});

test('a passed socket of another address is left alone, and the settings count', async (t) => {
  const { printed, port, readyTimes } = await startBehind(t, () => '127.0.0.2:0');
  await readyTimes(1);
  t.regex(printed(), /kmip-edge ready on 127\.0\.0\.2:\d+/);
  t.notRegex(printed(), new RegExp(`ready on [^ ]*:${port}$`, 'm'));
});

test('a passed socket of IPv4 alone is taken where all addresses are wanted', async (t) => {
  const { printed, port, readyTimes } = await startBehind(t, (free) => `[::]:${free}`, '0.0.0.0');
  await readyTimes(1);
  t.regex(printed(), new RegExp(`^kmip-edge ready on 0\\.0\\.0\\.0:${port}$`, 'm'));
});
