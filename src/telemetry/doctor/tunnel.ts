// A tunnel through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6), opened by hand so that what the proxy says is seen.

import { connect, type Socket } from 'node:net';

interface Place {
  readonly host: string;
  readonly port: number;
}

/** A proxy's answer is no longer than this, bytes. */
const longestAnswer = 16_384;

/** Asks `proxy` for the way to `target`; the socket is the tunnel. Throws what the network throws, or what the proxy said. */
export const openTunnel = (proxy: Place, target: Place): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const name = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
    const socket = connect(proxy);
    let answer = '';
    const fail = (problem: string): void => {
      socket.destroy();
      reject(new Error(problem));
    };
    socket.once('error', reject).once('close', () => fail('it closed the connection'));
    socket.once('connect', () => socket.write(`CONNECT ${name} HTTP/1.1\r\nhost: ${name}\r\n\r\n`));
    const read = (chunk: Buffer): void => {
      answer += chunk.toString('latin1');
      if (answer.length > longestAnswer) fail('it answers something else than HTTP');
      if (!answer.includes('\r\n\r\n')) return;
      const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(answer) ?? [];
      if (status !== '200')
        fail(`it answers ${(answer.split('\r\n')[0] ?? '').slice(0, 100).replaceAll(/[^ -~]/g, '?')}`);
      else {
        socket.off('data', read).removeAllListeners('close');
        resolve(socket);
      }
    };
    socket.on('data', read);
  });
