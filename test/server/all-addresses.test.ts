// A server that listens on [::] serves IPv4 and IPv6, and IPv4 alone on a machine whose kernel has no IPv6.

import { once } from 'node:events';
import { connect, createServer, type ListenOptions, Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { listenOn } from '../../src/passed-sockets.ts';
import { peerAddress } from '../../src/peer-address.ts';

const everywhere = { host: '::', port: 0 };

/** What the server takes somebody for who connects to it at `host`. */
const seenFrom = async (t: ExecutionContext, server: Server, host: string, port: number): Promise<string> => {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect(port, host);
  t.teardown(() => void client.destroy());
  const [socket] = await accepted;
  t.teardown(() => void socket.destroy());
  return peerAddress(socket);
};

test('whoever listens on [::] is reached over both families, and knows an IPv4 address by its own name', async (t) => {
  const server = createServer();
  t.teardown(() => void server.close());
  const { port } = await listenOn(server, everywhere, undefined);
  t.is(await seenFrom(t, server, '127.0.0.1', port), '127.0.0.1');
  if (networkInterfaces()['lo']?.some(({ family }) => family === 'IPv6'))
    t.is(await seenFrom(t, server, '::1', port), '::1');
  else t.log('this machine has no IPv6');
});

/** A server on a machine whose kernel knows no IPv6. */
class OldServer extends Server {
  override listen(...args: readonly unknown[]): this {
    const [options] = args as readonly ListenOptions[];
    if (options?.host !== '::') return super.listen(options);
    const error = Object.assign(new Error('listen EAFNOSUPPORT'), { code: 'EAFNOSUPPORT' });
    process.nextTick(() => this.emit('error', error));
    return this;
  }
}

test('without IPv6 it is reached over IPv4', async (t) => {
  const server = new OldServer();
  t.teardown(() => void server.close());
  const { address, port } = await listenOn(server, everywhere, undefined);
  t.is(address, '0.0.0.0');
  t.is(await seenFrom(t, server, '127.0.0.1', port), '127.0.0.1');
});
