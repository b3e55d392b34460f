// A connection whose work fails, and one whose client goes or loses its access while it works.

import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../src/clock.ts';
import type { Caller } from '../../src/keys/caller.ts';
import { encodeRequest, encodeResponse } from '../../src/kmip/message.ts';
import type { Answer } from '../../src/server/connection-options.ts';
import { type ListenerOptions, listen } from '../../src/server/listener.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { until } from '../kit/until.ts';
import { item } from '../operations/exchange.ts';
import { type KeyPair, selfSigned } from './certificates.ts';
import { endsWithin, openPeer, type Peer, taken } from './peer.ts';

const caller: Caller = { clientId: 'c', clientName: 'client', fingerprint: 'f', instanceId: 'one', address: 'a' };
const discover = encodeRequest({
  version: 101,
  header: {},
  items: [item('DiscoverVersions', { ProtocolVersion: [] })],
});
const answered = encodeResponse({ version: 101, header: { TimeStamp: 0 }, items: [] });

const start = async (
  t: ExecutionContext,
  parts: Pick<ListenerOptions, 'answer' | 'callerOf'>,
  messageTimeout = 5000,
) => {
  const log = createMemoryLog();
  const pair: KeyPair = await selfSigned(t);
  const listener = await listen({
    settings: {
      host: '127.0.0.1',
      port: 0,
      minimumVersion: 'TLSv1.2',
      legacyCiphers: false,
      handshakeTimeout: 5000,
      maximumRequestSize: 1024,
      networks: [],
      maximumConnections: 10,
      maximumConnectionsPerAddress: 10,
      idleTimeout: 60_000,
      messageTimeout,
    },
    identity: { certificatePem: pair.certificate, privateKeyPem: pair.privateKey },
    clock: systemClock,
    log,
    vouch: () => 'it is not pinned',
    ...parts,
  });
  t.teardown(() => listener.close());
  const connect = (): Promise<Peer> => openPeer(t, listener.port, { cert: pair.certificate, key: pair.privateKey });
  return { log, connect };
};

test('work that fails ends its own connection and nothing else', async (t) => {
  let asked = 0;
  const { log, connect } = await start(t, {
    callerOf: () => caller,
    answer: async () => {
      if (++asked === 1) throw new Error('the log is full');
      return { bytes: Buffer.from(answered), close: false };
    },
  });
  t.is(await (await connect()).ask(discover), undefined);
  t.deepEqual(
    log.alarms.map(({ event, fields }) => [event, fields['problem']]),
    [['connection given up', 'the log is full']],
  );
  t.deepEqual(await (await connect()).ask(discover), answered);
});

const losses: readonly (readonly [what: string, after: Caller | undefined])[] = [
  ['was removed', undefined],
  ['now belongs to another service instance', { ...caller, instanceId: 'two' }],
];
for (const [what, after] of losses) {
  test(`an answer is not sent to a client that ${what} while it was made`, async (t) => {
    let now: Caller | undefined = caller;
    let admitted = true;
    const bytes = Buffer.from(answered);
    const { connect } = await start(t, {
      callerOf: () => now,
      answer: async (_caller, _message, isAdmitted): Promise<Answer> => {
        t.true(isAdmitted());
        now = after;
        admitted = isAdmitted();
        return { bytes, close: false };
      },
    });
    const peer = await connect();
    t.is(await peer.ask(discover), undefined);
    t.true(await endsWithin(peer.socket, 1000));
    t.false(admitted);
    t.deepEqual(bytes, Buffer.alloc(answered.length));
  });
}

test('the open connection of a removed client ends, also where it asks nothing', async (t) => {
  let now: Caller | undefined = caller;
  const { connect } = await start(t, { callerOf: () => now, answer: () => new Promise(() => {}) });
  const [idle, waiting] = [await connect(), await connect()];
  waiting.socket.write(discover);
  t.false(await endsWithin(idle.socket, 1500));
  now = undefined;
  t.true(await endsWithin(idle.socket, 3000));
  t.true(await endsWithin(waiting.socket, 3000));
});

/** A request over HTTP. */
const posted = (message: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('POST /kmip HTTP/1.1\r\nHost: kms\r\nContent-Type: application/octet-stream\r\n'),
    Buffer.from(`Content-Length: ${message.length}\r\n\r\n`),
    message,
  ]);
const forms: Readonly<Record<string, Buffer>> = { TTLV: discover, HTTP: posted(discover) };
for (const [form, request] of Object.entries(forms)) {
  test(`work for a client that is gone is told so, over ${form}`, async (t) => {
    const bytes = Buffer.from(answered);
    let began = false;
    const told = new Promise<void>((resolve, reject) => {
      void start(t, {
        callerOf: () => caller,
        answer: async (_caller, _message, isAdmitted) => {
          began = isAdmitted();
          await until(() => !isAdmitted(), 5000).then(() => resolve(), reject);
          return { bytes, close: false };
        },
      }).then(async ({ connect }) => {
        const peer = await connect();
        peer.socket.write(request);
        await until(() => began);
        peer.socket.destroy();
      });
    });
    await t.notThrowsAsync(told);
    await until(() => bytes.every((byte) => byte === 0));
  });
}

/** Bytes. */
const mostTaken = 64 * 1024 * 1024;
const lengths = [16, 1024];
for (const length of lengths) {
  test(`requests of ${length} bytes over HTTP are not taken in while one before them is at work`, async (t) => {
    let begun = 0;
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { connect } = await start(t, {
      callerOf: () => caller,
      answer: async () => {
        begun += 1;
        await held;
        return { bytes: Buffer.from(answered), close: false };
      },
    });
    const { socket } = await connect();
    socket.removeAllListeners('data').resume();
    const block = Buffer.concat(Array.from({ length: 100 }, () => posted(Buffer.alloc(length))));
    // Without a bound this goes on for ever; what fits into the kernel's buffers is a few megabytes.
    while (begun < 2 && socket.bytesWritten < mostTaken && (await taken(socket, block)));
    t.true(socket.bytesWritten < mostTaken, `${socket.bytesWritten} bytes`);
    t.is(begun, 1);
    release();
    await until(() => begun > 200);
  });
}

test('requests over HTTP that do not wait for one another are answered in their order, each in its own time', async (t) => {
  const messageTimeout = 500;
  const parts = {
    callerOf: () => caller,
    answer: async (_caller: Caller, message: Buffer): Promise<Answer> => {
      const bytes = Buffer.from(message);
      if (bytes[0] !== 1) await setTimeout(messageTimeout * 2);
      return { bytes, close: false };
    },
  };
  const { connect } = await start(t, parts, messageTimeout);
  const { socket } = await connect();
  let text = '';
  socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.write(Buffer.concat([1, 2, 3, 1].map((byte) => posted(Buffer.alloc(1, byte)))));
  const bodies = () => [...text.matchAll(/\r\n\r\n([^H])/g)].map(([, body]) => body?.charCodeAt(0));
  await until(() => bodies().length === 4 || socket.destroyed);
  t.deepEqual(bodies(), [1, 2, 3, 1]);
});
