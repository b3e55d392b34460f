// A simulated KMIP endpoint of Key Protect: KMIP 1.4, nine operations, symmetric keys, mutual TLS with pinned client
// certificates; and a control API that lets a test break it in every way and look behind the scenes.

import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { type Credentials, makeClient, makeServerTls, type ServerTls } from './certificates.ts';
import { type Fault, type FaultScope, Faults, playFault } from './faults.ts';
import { refuse, respond } from './messages.ts';
import type { Service } from './operations.ts';
import { KeyStore, type SimulatedKey } from './store.ts';
import { type OperationName, operationName, operationNames, tags } from './tags.ts';
import { child, decode, encode, messageSize, type Node, numberIn } from './ttlv.ts';

export interface RegionalSimulatorOptions {
  readonly port?: number;
  /** Shared with another simulator: two addresses of one service. */
  readonly store?: KeyStore;
  readonly tls?: ServerTls;
  /** A client certificate that is admitted from the start; default: one made for it. */
  readonly client?: Credentials;
  /** Major * 100 + minor, the newest first. */
  readonly versions?: readonly number[];
  readonly locateLimit?: number;
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
}

export type Counts = Record<OperationName, number>;

export interface RegionalSimulator {
  readonly host: string;
  readonly port: number;
  readonly store: KeyStore;
  readonly client: Credentials;
  /** The server's certificate now. */
  readonly tls: ServerTls;
  readonly fingerprint: { readonly sha256: string; readonly sha1: string };
  /** Requests that arrived, and those that were executed. */
  readonly received: Readonly<Counts>;
  readonly executed: Readonly<Counts>;
  /** Connections open now, and accepted so far. */
  readonly open: number;
  readonly accepted: number;
  /** Bytes of KMIP that arrived so far. */
  readonly bytes: number;
  /** Every key there ever was, but those forgotten. */
  keys(): readonly SimulatedKey[];
  /** A key made behind the client's back, active. */
  makeKey(): SimulatedKey;
  revokeKey(uid: string, code?: number): void;
  destroyKey(uid: string): void;
  forgetKey(uid: string): void;
  admit(certificatePem: string): void;
  /** Takes a client certificate back: its connections end. */
  expel(certificatePem: string): void;
  /** Connections that are open now and were opened with this client certificate. */
  openWith(certificatePem: string): number;
  /** Breaks requests to come; gives the way to take it back. */
  fault(fault: Fault, scope?: FaultScope): () => void;
  clearFaults(): void;
  /** Cuts every connection; new ones are taken. */
  cut(): void;
  /** Cuts every connection and takes no new one. */
  stop(): Promise<void>;
  /** Listens again on the same port, with another certificate where one is given. */
  start(tls?: ServerTls): Promise<void>;
  close(): Promise<void>;
}

const noCounts = (): Counts => Object.fromEntries(operationNames.map((name) => [name, 0])) as Counts;

const plain = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();
const pinOf = (pem: string): string => new X509Certificate(pem).fingerprint256;

interface State {
  readonly service: Service;
  readonly faults: Faults;
  readonly admitted: Set<string>;
  readonly sockets: Set<TLSSocket>;
  /** The fingerprint of the certificate that each showed. */
  readonly shown: WeakMap<TLSSocket, string>;
  /** Also those whose handshake has not ended. */
  readonly raw: Set<Socket>;
  readonly received: Counts;
  readonly executed: Counts;
  accepted: number;
  bytes: number;
}

const answer = async (state: State, socket: TLSSocket, request: Node): Promise<void> => {
  const operation = operationName(numberIn(child(request, tags.batchItem), tags.operation));
  if (operation !== undefined) state.received[operation] += 1;
  const execute = (): Node => {
    if (operation !== undefined) state.executed[operation] += 1;
    return respond(state.service, request);
  };
  const fault = state.faults.next(operation);
  if (fault === undefined) {
    socket.write(encode(execute()));
    return;
  }
  await playFault(fault, {
    socket,
    execute,
    refuse: (reason, message) => refuse(state.service, request, reason, message),
  });
};

/** Requests are answered one after the other, in their order; one that was begun ends even if the client is gone. */
const serve = (state: State, socket: TLSSocket): void => {
  let waiting: Buffer = Buffer.alloc(0);
  let work: Promise<void> = Promise.resolve();
  socket.on('data', (chunk: Buffer) => {
    state.bytes += chunk.length;
    waiting = Buffer.concat([waiting, chunk]);
    for (let size = messageSize(waiting); size !== undefined && size <= waiting.length; size = messageSize(waiting)) {
      const request = decode(waiting.subarray(0, size));
      waiting = waiting.subarray(size);
      work = work.then(() => (socket.destroyed ? undefined : answer(state, socket, request)));
    }
  });
};

const accept = (state: State, socket: TLSSocket): void => {
  state.accepted += 1;
  state.sockets.add(socket);
  socket.on('close', () => state.sockets.delete(socket));
  socket.on('error', () => {});
  const certificate = socket.getPeerX509Certificate();
  if (certificate !== undefined) state.shown.set(socket, certificate.fingerprint256);
  if (certificate === undefined || !state.admitted.has(certificate.fingerprint256)) socket.destroy();
  else serve(state, socket);
};

const listen = async (state: State, tls: ServerTls, port: number, maxVersion?: 'TLSv1.2' | 'TLSv1.3') => {
  const server = createServer({
    // pipelined answers would wait 40 ms for each other's acknowledgement, which no endpoint worth its name lets happen
    noDelay: true,
    cert: tls.certificatePem,
    key: tls.privateKeyPem,
    requestCert: true,
    rejectUnauthorized: false, // the pin decides, as at Key Protect
    ...(maxVersion && { maxVersion }),
  });
  server.on('secureConnection', (socket) => accept(state, socket));
  server.on('connection', (socket: Socket) => {
    state.raw.add(socket);
    socket.on('close', () => state.raw.delete(socket));
  });
  server.on('tlsClientError', () => {});
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

const shut = async (server: Server | undefined, { sockets, raw }: State): Promise<void> => {
  const closed = server?.listening === true ? once(server.close(), 'close') : undefined;
  for (const socket of [...sockets, ...raw]) socket.destroy();
  await closed;
};

/** What a test does to the keys behind the client's back. */
const keyControls = (store: KeyStore) => {
  const known = (uid: string): SimulatedKey => {
    const key = store.find(uid);
    if (key === undefined) throw new Error(`no key ${uid}`);
    return key;
  };
  return {
    keys: () => store.list(),
    makeKey: () => {
      const key = store.create({ algorithm: 3, length: 256, mask: 12, attributes: [] });
      store.activate(key);
      return key;
    },
    revokeKey: (uid: string, code = 1) => store.revoke(known(uid), code),
    destroyKey: (uid: string) => store.destroy(known(uid)),
    forgetKey: (uid: string) => store.forget(known(uid).uid),
  };
};

/** What a test does to the connections and to the requests on them. */
const linkControls = (state: State) => {
  const cut = (): void => {
    for (const socket of state.sockets) socket.destroy();
  };
  const openedWith = (pem: string): readonly TLSSocket[] => {
    const pin = pinOf(pem);
    return [...state.sockets].filter((socket) => state.shown.get(socket) === pin);
  };
  return {
    received: state.received,
    executed: state.executed,
    cut,
    admit: (pem: string) => void state.admitted.add(pinOf(pem)),
    expel: (pem: string) => {
      state.admitted.delete(pinOf(pem));
      for (const socket of openedWith(pem)) socket.destroy();
    },
    openWith: (pem: string) => openedWith(pem).length,
    fault: (fault: Fault, scope?: FaultScope) => state.faults.add(fault, scope),
    clearFaults: () => state.faults.clear(),
  };
};

const stateOf = (client: Credentials, service: Service): State => ({
  service,
  faults: new Faults(),
  admitted: new Set([pinOf(client.certificatePem)]),
  sockets: new Set(),
  shown: new WeakMap(),
  raw: new Set(),
  received: noCounts(),
  executed: noCounts(),
  accepted: 0,
  bytes: 0,
});

/** Starts a simulator on loopback. */
export const startRegionalSimulator = async (options: RegionalSimulatorOptions = {}): Promise<RegionalSimulator> => {
  const { client = makeClient(), versions = [104], locateLimit = 1000, store = new KeyStore(), maxVersion } = options;
  const state = stateOf(client, { store, versions, locateLimit });
  let tls = options.tls ?? makeServerTls();
  let server: Server | undefined = await listen(state, tls, options.port ?? 0, maxVersion);
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    await shut(server, state);
    server = undefined;
  };
  return {
    host: '127.0.0.1',
    port,
    store,
    client,
    ...keyControls(store),
    ...linkControls(state),
    get tls() {
      return tls;
    },
    get fingerprint() {
      const { fingerprint256, fingerprint } = new X509Certificate(tls.certificatePem);
      return { sha256: plain(fingerprint256), sha1: plain(fingerprint) };
    },
    get open() {
      return state.sockets.size;
    },
    get accepted() {
      return state.accepted;
    },
    get bytes() {
      return state.bytes;
    },
    stop,
    start: async (changed) => {
      await stop();
      tls = changed ?? tls;
      server = await listen(state, tls, port, maxVersion);
    },
    close: stop,
  };
};
