// Asks a running server whatever its own description allows, and what it does not, and holds each answer against what
// every answer must be: no internal error, no hang, a problem document for each refusal, and what the table says otherwise.

import { Agent, request } from 'node:https';
import type { Route } from '../../src/admin/api/schema.ts';
import { routes } from '../../src/admin/api/table.ts';
import { answerProblem } from '../kit/answers.ts';
import type { Random } from '../kmip/mutate.ts';
import { damage, type Fields, objectFor, type Places, pick } from './fuzz-values.ts';

export interface FuzzTarget {
  readonly port: number;
  /** Of an administrator; none of the values names it. */
  readonly token: string;
  readonly places: Places;
}

export interface FuzzRequest {
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** No request takes longer than setting up an upstream that does not answer, milliseconds. */
const patience = 30_000;
export const routeNames = Object.keys(routes);

/** A request to a route, `valid` as its description has it. */
export const makeRequest = (
  name: string,
  valid: boolean,
  { token, places }: FuzzTarget,
  random: Random,
): FuzzRequest => {
  const route = (routes as Readonly<Record<string, Route>>)[name];
  if (!route) throw new Error(`there is no route ${name}`);
  const { method, path, input } = route;
  const given = objectFor(input, places, random);
  const fields = valid ? given : damage(given, random);
  const headers = { authorization: `Bearer ${token}` };
  const plain: FuzzRequest =
    method === 'GET'
      ? { route: name, method, path: path + queryOf(fields), headers }
      : {
          route: name,
          method,
          path,
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(fields),
        };
  return valid || random(3) > 0 ? plain : pick(distortions, random)(plain, random);
};

const queryOf = (fields: Fields): string => {
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${encodeURIComponent(wellFormed(name))}=${encodeURIComponent(wellFormed(value))}`,
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&').slice(0, 12_000)}`;
};

/** Half of a surrogate pair cannot be in a URL. */
const wellFormed = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed();

type Distortion = (plain: FuzzRequest, random: Random) => FuzzRequest;

/** What no description speaks of. */
const distortions: readonly Distortion[] = [
  (plain, random) => ({ ...plain, body: (plain.body ?? '{}').slice(0, random(20)) }),
  (plain, random) => ({ ...plain, body: pick(['null', '[]', '"text"', '1', '{"a":1,"a":2}', '\ufeff{}'], random) }),
  (plain) => ({ ...plain, body: `{"a":${'['.repeat(20_000)}` }),
  (plain, random) => {
    const settings = `{"${pick(['url', 'endpoint', 'x'], random)}":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    const name = pick(
      ['"name":"default"', '"name":"deep","upstream":"local"', '"name":"deep","upstream":"kmip"'],
      random,
    );
    return { ...plain, body: `{${name},"settings":${settings}}` };
  },
  (plain) => ({ ...plain, body: `{"name":"${'x'.repeat(300_000)}"}` }),
  (plain, random) => ({
    ...plain,
    headers: {
      ...plain.headers,
      'content-type': pick(['text/plain', 'a', 'application/xml', 'application/json; a'], random),
    },
  }),
  (plain, random) => ({
    ...plain,
    method: pick(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE'], random),
  }),
  (plain, random) => ({
    ...plain,
    path: plain.path + pick(['/', '/..', '?a=1&a=2', '%00', '%', '?%', '#', '?name[]=1'], random),
  }),
  (plain, random) => ({
    ...plain,
    headers: {
      ...plain.headers,
      authorization: pick(['', 'Bearer', 'Basic eDp5', 'Bearer kme_', `Bearer ${'x'.repeat(9000)}`], random),
    },
  }),
  ({ headers: _none, ...plain }, random) => ({
    ...plain,
    headers: { cookie: pick(['__Host-kmip-edge=', '__Host-kmip-edge=%00', ';;=;', `a=${'b'.repeat(9000)}`], random) },
  }),
  (plain, random) => ({
    ...plain,
    headers: { ...plain.headers, host: pick(['', 'a b', 'example.com', '[::', '127.0.0.1:x'], random) },
  }),
  (plain, random) => ({
    ...plain,
    headers: { ...plain.headers, origin: pick(['null', 'x', 'https://a.example'], random) },
  }),
];

/** Sends requests over connections that stay open. */
export class Fuzzer {
  readonly #target: FuzzTarget;
  readonly #agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 4 });

  constructor(target: FuzzTarget) {
    this.#target = target;
  }

  /** Asks, and gives what is wrong with the answer; undefined: nothing. */
  async try(asked: FuzzRequest): Promise<string | undefined> {
    const { status, type, text } = await this.#send(asked);
    if (status >= 200 && status < 300) return this.#checkSuccess(asked, type, text);
    if (asked.method === 'HEAD') return undefined;
    if (!type.startsWith('application/problem+json'))
      return `HTTP ${status} with ${type || 'no media type'}: ${text.slice(0, 200)}`;
    const { kind, message } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (typeof kind !== 'string' || typeof message !== 'string' || message === '')
      return `no problem document: ${text}`;
    return kind === 'internal' ? `an internal error: ${text}` : undefined;
  }

  /** Looks what there is, so that names meet something. */
  async learn(): Promise<void> {
    const found = await Promise.all(
      (['instance.list', 'client.list', 'token.list'] as const).map(async (name) => {
        const headers = { authorization: `Bearer ${this.#target.token}` };
        const { text } = await this.#send({ route: name, method: 'GET', path: routes[name].path, headers });
        return (JSON.parse(text) as readonly { readonly name: string }[]).map((one) => one.name);
      }),
    );
    this.#target.places.names = found.flat().filter((name) => name !== ownToken);
  }

  close(): void {
    this.#agent.destroy();
  }

  #checkSuccess({ route, method, path }: FuzzRequest, type: string, text: string): string | undefined {
    const row = (routes as Readonly<Record<string, Route>>)[route];
    if (row?.method !== method || path.split('?')[0] !== row.path || row.media !== undefined) return undefined;
    if (!type.startsWith('application/json')) return `an answer of ${type}`;
    return answerProblem(route, JSON.parse(text));
  }

  #send({
    method,
    path,
    headers: given,
    body,
  }: FuzzRequest): Promise<{ readonly status: number; readonly type: string; readonly text: string }> {
    const { port } = this.#target;
    // Node leaves it out where a method usually has no body.
    const headers = body === undefined ? given : { ...given, 'content-length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, agent: this.#agent, method, path, headers, timeout: patience };
      const outgoing = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode: status = 0 } = response;
          const type = response.headers['content-type'] ?? '';
          resolve({ status, type, text: Buffer.concat(chunks).toString() });
        });
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${patience} ms`)));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

/** Requests between two looks at what there is. */
const lookEvery = 20;
export const ownToken = 'the-fuzzer';

/** Asks each route so many times, from a seed; gives what was wrong, each with its request. */
export const fuzzAll = async (target: FuzzTarget, times: number, random: Random): Promise<readonly string[]> => {
  const fuzzer = new Fuzzer(target);
  const problems: string[] = [];
  const left = routeNames.flatMap((name) =>
    Array.from({ length: times }, (_, time) => [name, time % 2 === 0] as const),
  );
  const next = async (): Promise<void> => {
    while (left.length > 0) {
      if (left.length % lookEvery === 0) await fuzzer.learn();
      const [[name, valid] = ['status', true]] = left.splice(random(left.length), 1);
      const asked = makeRequest(name, valid, target, random);
      const problem = await fuzzer.try(asked).catch((error: unknown) => String(error));
      if (problem !== undefined) problems.push(`${problem}\n  ${shown(asked)}`);
    }
  };
  try {
    await Promise.all([next(), next(), next(), next()]);
  } finally {
    fuzzer.close();
  }
  return problems;
};

const shown = ({ headers: { authorization: _secret, ...headers }, ...asked }: FuzzRequest): string =>
  JSON.stringify({ ...asked, headers }).slice(0, 2000);
