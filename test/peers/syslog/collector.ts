// A syslog collector over TLS (RFC 5425), for tests: it can be absent, slow, cut connections, and start again on its port.

import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { ExecutionContext } from 'ava';
import { createAuthority } from '../../../src/ca/authority.ts';
import { issueServerCertificate } from '../../../src/ca/issue.ts';

export interface SyslogMessage {
  readonly priority: number;
  readonly time: string;
  readonly host: string;
  readonly application: string;
  readonly id: string;
  /** Of the one structured element, unescaped. */
  readonly data: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Collector {
  /** PEM. */
  readonly authority: string;
  readonly port: number;
  readonly messages: readonly SyslogMessage[];
  /** How many connections there were. */
  readonly connections: number;
  /** Reads nothing until it is false again. */
  slow: boolean;
  /** Ends each connection hard after so many messages of it. */
  cutAfter: number | undefined;
  stop(): Promise<void>;
  /** Listens again on the same port. */
  start(): Promise<void>;
}

/** Starts a collector whose certificate is for `name`, an address; it ends with the test. */
export const startCollector = async (t: Pick<ExecutionContext, 'teardown'>, name = '127.0.0.1'): Promise<Collector> => {
  const now = Date.now();
  const authority = await createAuthority({ commonName: 'collector', days: 1, now });
  const names = { commonName: 'collector', dnsNames: ['collector.test'], addresses: [name] };
  const { certificatePem, privateKeyPem } = await issueServerCertificate(authority, { ...names, days: 1, now });
  const sockets = new Set<TLSSocket>();
  /** What TLS runs on, by the port of the other end. */
  const carriers = new Map<number | undefined, Socket>();
  const messages: SyslogMessage[] = [];
  let [port, connections] = [0, 0];
  let server: Server | undefined;
  const collector = {
    authority: authority.certificatePem,
    messages,
    slow: false,
    cutAfter: undefined as number | undefined,
    get port() {
      return port;
    },
    get connections() {
      return connections;
    },
    async start() {
      const made = createServer({ cert: certificatePem, key: privateKeyPem.reveal() }, (socket) => {
        connections += 1;
        receive(socket);
      });
      made.on('tlsClientError', () => {});
      made.on('connection', (carrier) => {
        const { remotePort } = carrier;
        carriers.set(remotePort, carrier);
        carrier.once('close', () => carriers.delete(remotePort));
      });
      await new Promise<void>((resolve) => made.listen(port, '127.0.0.1', resolve));
      port = (made.address() as AddressInfo).port;
      server = made;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    },
  };
  const receive = (socket: TLSSocket): void => {
    const carrier = carriers.get(socket.remotePort);
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    let rest = Buffer.alloc(0);
    let count = 0;
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (let frame = nextFrame(rest); frame; frame = nextFrame(rest)) {
        messages.push(parseMessage(frame.body.toString()));
        rest = rest.subarray(frame.length);
        count += 1;
        if (count === collector.cutAfter) return void carrier?.resetAndDestroy();
      }
      if (!collector.slow) return;
      socket.pause();
      const timer = setInterval(() => {
        if (collector.slow) return;
        clearInterval(timer);
        socket.resume();
      }, 20);
    });
  };
  await collector.start();
  t.teardown(() => collector.stop());
  return collector;
};

const nextFrame = (bytes: Buffer): { readonly body: Buffer; readonly length: number } | undefined => {
  const space = bytes.indexOf(' ');
  if (space < 0) return undefined;
  const digits = bytes.toString('latin1', 0, space);
  if (!/^[1-9]\d{0,4}$/.test(digits)) throw new Error(`no length: '${digits.slice(0, 20)}'`);
  const length = space + 1 + Number(digits);
  return bytes.length < length ? undefined : { body: bytes.subarray(space + 1, length), length };
};

/** Throws for what RFC 5424 does not allow. */
export const parseMessage = (text: string): SyslogMessage => {
  const header = /^<(\d{1,3})>1 (\S+) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) \[([^ =\]"]+@\d+)/.exec(
    text,
  );
  if (!header) throw new Error(`not a message of RFC 5424: ${text.slice(0, 200)}`);
  const [whole, priority, time = '', host = '', application = '', , id = ''] = header;
  const data: Record<string, string> = {};
  let at = whole.length;
  const parameter = / ([!-~]{1,32}?)="((?:[^"\\\]]|\\["\\\]])*)"/y;
  for (;;) {
    parameter.lastIndex = at;
    const found = parameter.exec(text);
    if (!found) break;
    at = parameter.lastIndex;
    data[found[1] ?? ''] = (found[2] ?? '').replace(/\\(["\\\]])/g, '$1');
  }
  if (!text.startsWith('] \ufeff', at)) throw new Error(`the structured data does not end: ${text.slice(at, at + 80)}`);
  return { priority: Number(priority), time, host, application, id, data, text: text.slice(at + 3) };
};
