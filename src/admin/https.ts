// The management API and the web page over HTTPS. It is the same table of routes as on the Unix socket; what differs is that
// whoever asks has to say who they are, and that the network is hostile. A client certificate means nothing here: none is
// asked for. Where the port cannot be had keys are served all the same, and the port is tried again.

import { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../clock.ts';
import { ConnectionLimits } from '../connection-limits.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { listenOn } from '../passed-sockets.ts';
import { type AdmissionParts, admit, requireOwnHost } from './access/admission.ts';
import type { OnAct } from './acts.ts';
import { createHttpsApp } from './app.ts';
import { addPage } from './page-routes.ts';
import { addRoutes, type Handlers, type OnEnd, type Perform } from './routes.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { cookieName, readSessionId, sessionCookie } from './session-cookie.ts';

export interface HttpsIdentity {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface HttpsOptions extends Omit<AdmissionParts, 'sessionIdOf'> {
  /** Port 0 takes any free port. */
  readonly listen: { readonly host: string; readonly port: number } | 'off';
  readonly identity: HttpsIdentity;
  /** Gives a socket that was passed to the process; used where it is the address of `listen`. */
  readonly passed?: (() => number | undefined) | undefined;
  /** Further names under which browsers may ask. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly onAct?: OnAct | undefined;
  readonly perform?: Perform | undefined;
  readonly onEnd?: OnEnd | undefined;
  /** Other than the usual ones, for tests. */
  readonly timeouts?: Partial<HttpsTimeouts>;
}

/** How long a peer may take, milliseconds. */
export interface HttpsTimeouts {
  readonly handshake: number;
  /** For the head of a request. */
  readonly headers: number;
  /** For a whole request. */
  readonly request: number;
  readonly keepAlive: number;
  /** Without a byte in either direction, whatever is being waited for. */
  readonly silent: number;
  /** Between two looks at the first three. */
  readonly look: number;
}

export interface HttpsState {
  /** `failed`: the port cannot be had; it is tried again. */
  readonly state: 'on' | 'off' | 'failed';
  readonly host: string;
  readonly port: number;
  readonly problem?: string;
}

export interface HttpsServer {
  readonly state: HttpsState;
  /** Begins to serve. */
  open(handlers: Handlers): Promise<void>;
  /** Connections from now on are met with this certificate; those that are open stay. */
  setIdentity(identity: HttpsIdentity): void;
  close(): Promise<void>;
}

const limits = { maximumConnections: 256, maximumConnectionsPerAddress: 64 } as const;
const usualTimeouts: HttpsTimeouts = {
  handshake: 10_000,
  headers: 10_000,
  request: 60_000,
  keepAlive: 60_000,
  silent: 10 * 60_000,
  look: 5000,
};
const retryAfter = 30_000;

export const createHttps = (options: HttpsOptions): HttpsServer => {
  const { listen, clock, log } = options;
  const timeouts = { ...usualTimeouts, ...options.timeouts };
  const tlsOptions = (identity: HttpsIdentity) => tlsOptionsOf(identity, timeouts.handshake);
  let certificate = new X509Certificate(options.identity.certificatePem);
  let identity = options.identity;
  let server: Server | undefined;
  let stop = async (): Promise<void> => {};
  let cancel: Cancel = () => {};
  const wanted = listen === 'off' ? { host: '', port: 0 } : listen;
  let state: HttpsState = { state: 'off', ...wanted };

  const tryToListen = async (on: Server, passed?: number): Promise<void> => {
    try {
      const { address, port } = await listenOn(on, wanted, passed);
      state = { state: 'on', host: address, port };
    } catch (error) {
      const problem = `cannot listen on ${wanted.host} port ${wanted.port}: ${messageOf(error)}`;
      if (state.state !== 'failed') log.error('the web page and the management API are out of reach', { problem });
      state = { state: 'failed', ...wanted, problem };
      cancel = clock.after(retryAfter, () => void tryToListen(on));
    }
  };

  return {
    get state() {
      return state;
    },
    async open(handlers) {
      if (listen === 'off') return;
      const names = options.names.map((name) => name.toLowerCase());
      const isOurs = (name: string): boolean =>
        names.includes(name) || certificate.checkHost(name, { subject: 'never' }) !== undefined;
      const makeServer = (handler: Handler): Server =>
        bounded(
          createServer({ ...tlsOptions(identity), connectionsCheckingInterval: timeouts.look }, handler),
          timeouts,
        );
      const made = await serveOn(makeServer, handlers, options, isOurs);
      server = made.server;
      stop = made.stop;
      await tryToListen(made.server, options.passed?.());
    },
    setIdentity(next) {
      identity = next;
      certificate = new X509Certificate(next.certificatePem);
      server?.setSecureContext(tlsOptions(next));
    },
    async close() {
      cancel();
      await stop();
    },
  };
};

/** The certificate is for the server alone: no client is asked for one, so none can mean anything. */
const tlsOptionsOf = ({ certificatePem, privateKeyPem }: HttpsIdentity, handshakeTimeout: number) =>
  ({
    cert: certificatePem,
    key: privateKeyPem,
    minVersion: 'TLSv1.2',
    honorCipherOrder: true,
    handshakeTimeout,
  }) as const;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The application on a server of its own, not yet listening. */
const serveOn = async (
  makeServer: (handler: Handler) => Server,
  handlers: Handlers,
  options: HttpsOptions,
  isOurs: (name: string) => boolean,
): Promise<{ readonly server: Server; readonly stop: () => Promise<void> }> => {
  const { log, onAct, perform, onEnd } = options;
  const { app, server } = createHttpsApp((handler) =>
    makeServer((request, response) => {
      setSecurityHeaders(response);
      handler(request, response);
    }),
  );
  // Loaded here, because a server without the page has no use for it.
  const { fastifyCookie } = await import('@fastify/cookie');
  await app.register(fastifyCookie);
  app.addHook('onRequest', async ({ headers }) => requireOwnHost(headers.host, isOurs));
  addPage(app);
  addRoutes(app, {
    handlers,
    log,
    onAct,
    perform,
    onEnd,
    actorOf: (request, needed) => admit(request, needed, { ...options, sessionIdOf: readSessionId }),
    visitOf: (request, reply) => ({
      sessionId: readSessionId(request),
      keep: (id) =>
        void (id === undefined
          ? reply.clearCookie(cookieName, sessionCookie)
          : reply.setCookie(cookieName, id, sessionCookie)),
    }),
  });
  await app.ready();
  const connections = new ConnectionLimits(server, limits, log);
  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    connections.destroyAll();
    await app.close();
    await closed;
  };
  return { server, stop };
};

const bounded = (server: Server, timeouts: HttpsTimeouts): Server => {
  server.headersTimeout = timeouts.headers;
  server.requestTimeout = timeouts.request;
  server.keepAliveTimeout = timeouts.keepAlive;
  server.maxHeadersCount = 100;
  server.setTimeout(timeouts.silent, (socket: Socket) => socket.destroy());
  return server;
};
