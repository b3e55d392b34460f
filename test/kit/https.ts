// Asks the management API over HTTPS as a browser or a program does: real TLS, checked against the appliance's authority.

import type { IncomingHttpHeaders } from 'node:http';
import { type Agent, request } from 'node:https';
import type { ClientFiles } from './server.ts';

/** Settings with which a test server also serves HTTPS, on a port of its own. */
export const withHttps = { 'admin.listen': '127.0.0.1:0' } as const;
/** Nobody's: made for tests. */
export const testPassword = 'correct horse battery';

/** What is needed of a server: where it listens, and whose certificates it has. */
export interface HttpsPeer {
  readonly running: { readonly https: { readonly port: number } };
  readonly client: Pick<ClientFiles, 'authority'>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text as JSON. */
  json(): unknown;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A value is sent as JSON, a text as it is. */
  readonly body?: unknown;
  /** PEM texts with which the client shows itself. */
  readonly client?: { readonly certificate: string; readonly privateKey: string };
  /** Of 127.0.0.0/8: where the request comes from. */
  readonly from?: string;
  /** Whose connections are used, where what is asked is not about connections. */
  readonly agent?: Agent;
}

/** Asks once, on a connection of its own unless an agent is given. */
export const ask = (server: HttpsPeer, path: string, asked: Asked = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { body, client } = asked;
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: server.running.https.port,
        path,
        method: asked.method ?? (body === undefined ? 'GET' : 'POST'),
        ca: server.client.authority,
        servername: 'localhost',
        agent: asked.agent ?? false,
        ...(asked.from === undefined ? {} : { localAddress: asked.from }),
        ...(client ? { cert: client.certificate, key: client.privateKey } : {}),
        headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...asked.headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const received = Buffer.concat(chunks).toString();
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, text: received, json: () => JSON.parse(received) });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(text);
  });

/** The headers with which a signed-in browser asks. */
export interface Browser {
  readonly cookie: string;
  readonly csrf: string;
  /** For what changes something. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Signs in with `password`, which has been set. */
export const signIn = async (server: HttpsPeer, password = testPassword): Promise<Browser> => {
  const answer = await ask(server, '/v1/session', { body: { password } });
  if (answer.status !== 200) throw new Error(`signing in was answered ${answer.status}: ${answer.text}`);
  const [cookie = ''] = answer.headers['set-cookie']?.[0]?.split(';') ?? [];
  const { csrf } = answer.json() as { readonly csrf: string };
  return { cookie, csrf, headers: { cookie, 'x-csrf-token': csrf } };
};

/** The header of a program with a token. */
export const bearer = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` });
