// A live server under well-formed and damaged requests: in TTLV over TLS, in XML and JSON over HTTPS, with objects of every
// kind to act on. Whatever is asked, there is an answer, no failure of ours in it, and soon.

import { request as httpsRequest } from 'node:https';
import { isKind } from '../../src/errors.ts';
import { ResultReason } from '../../src/kmip/enums.ts';
import type { Item } from '../../src/kmip/item.ts';
import { decodeResponse } from '../../src/kmip/message.ts';
import { Tag } from '../../src/kmip/tags.ts';
import { writeJson } from '../../src/kmip/text/json.ts';
import { writeXml } from '../../src/kmip/text/xml.ts';
import { decodeItem, encodeItem } from '../../src/kmip/ttlv.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { startServer, type TestServer } from '../kit/server.ts';
import { mutate, type Random } from '../kmip/mutate.ts';
import { createKey } from '../operations/exchange.ts';
import { openPeer, type Peer } from '../server/peer.ts';
import { aimedAt, grow } from './grow.ts';

/** An answer may take so long on a machine that others use too, milliseconds. */
const longest = 20_000;
/** What one input may cost the thread that serves everybody, milliseconds of the processor. */
const mostCost = 1000;
/** Keys that are there at the beginning of each round. */
const keysEach = 8;
/** Objects that requests are aimed at: the newest. */
const mostAims = 64;

type Owner = Parameters<typeof startServer>[0];

/** Connections end here one by one: thousands of them are not kept for the end. */
const nobody = { teardown: () => {} };

export interface LiveTotals {
  asked: number;
  answered: number;
  succeeded: number;
  texts: number;
  /** What the dearest of them cost, milliseconds. */
  dearest: number;
}

export class LiveTarget {
  readonly totals: LiveTotals = { asked: 0, answered: 0, succeeded: 0, texts: 0, dearest: 0 };
  readonly #server: TestServer;
  readonly #log: ReturnType<typeof createMemoryLog>;
  readonly #seeds: readonly Item[];
  readonly #bytes: readonly Buffer[];
  #peer: Peer | undefined;
  #aims: string[] = [];

  private constructor(server: TestServer, log: ReturnType<typeof createMemoryLog>, seeds: readonly Item[]) {
    this.#server = server;
    this.#log = log;
    this.#seeds = seeds;
    this.#bytes = seeds.map(encodeItem);
  }

  /** A server of its own; `seeds` are requests. */
  static async open(owner: Owner, seeds: readonly Item[]): Promise<LiveTarget> {
    const log = createMemoryLog();
    // Debug lines, one for each refusal, would be the memory that grows.
    const quiet = { ...log, debug: () => {}, info: () => {} };
    const settings = { 'cache.maximumKeys': 1000, 'audit.reads': false };
    const server = await startServer(owner, { log: quiet, settings });
    return new LiveTarget(server, log, seeds);
  }

  /** Some keys that are there, Active and not. */
  async plant(): Promise<void> {
    const client = await this.#server.connect();
    for (let index = 0; index < keysEach; index++) {
      const uid = await createKey(client);
      if (index % 2 === 0) await client.request('Activate', { UniqueIdentifier: uid });
      this.#aim(uid);
    }
    client.close();
  }

  /** One input, made of `random`; `sending` hears what it is before it is sent. Throws what must not happen. */
  async run(random: Random, sending: (bytes: Buffer) => void): Promise<void> {
    const seed = this.#seeds[random(this.#seeds.length)];
    const donor = this.#seeds[random(this.#seeds.length)];
    if (!seed || !donor) throw new Error('no messages to begin with');
    const item = grow(aimedAt(seed, this.#aims, random), aimedAt(donor, this.#aims, random), random);
    const way = random(12);
    const began = process.threadCpuUsage();
    if (way < 2) {
      const body = damaged(Buffer.from(way === 0 ? writeXml(item) : writeJson(item)), random);
      sending(body);
      await this.#text(way === 0 ? 'text/xml' : 'application/json', body);
    } else {
      const bytes = way === 2 ? mutate(this.#bytes, random) : encodeItem(item);
      sending(bytes);
      await this.#binary(bytes);
    }
    const { user, system } = process.threadCpuUsage(began);
    const cost = (user + system) / 1000;
    this.totals.dearest = Math.max(this.totals.dearest, cost);
    if (cost > mostCost) throw new Error(`it held the server up for ${cost.toFixed(0)} ms`);
    this.#findFailures();
  }

  /** True while the server still makes and gives out keys, on a new connection. */
  async isWell(): Promise<boolean> {
    const client = await this.#server.connect();
    const { SymmetricKey: key } = await client.request('Get', { UniqueIdentifier: await createKey(client) });
    client.close();
    return key !== undefined;
  }

  async #binary(bytes: Buffer): Promise<void> {
    const { client, port } = this.#server;
    this.#peer ??= await openPeer(nobody, port, { cert: client.certificate, key: client.privateKey });
    const peer = this.#peer;
    this.totals.asked++;
    // What promises more bytes than it has is waited for: that no more come is told by the end.
    const answer = await soon(isWhole(bytes) ? peer.ask(bytes) : ending(peer, bytes));
    if (!answer || !isWhole(bytes)) {
      peer.socket.destroy();
      this.#peer = undefined;
    }
    if (answer) this.#check(answer);
  }

  #check(answer: Buffer): void {
    this.totals.answered++;
    const { items } = decodeResponse(answer);
    for (const { ResultReason: reason, ResultMessage: text = '', ResponsePayload: payload } of items) {
      if (payload) this.totals.succeeded++;
      if (reason === ResultReason.GeneralFailure && text.startsWith('internal error')) throw new Error(text);
    }
    for (const uid of uidsIn(decodeItem(answer))) this.#aim(uid);
  }

  async #text(type: string, body: Buffer): Promise<void> {
    this.totals.texts++;
    const status = await soon(post(this.#server, type, body));
    if (status >= 500) throw new Error(`HTTP ${status}`);
  }

  #findFailures(): void {
    const failure = this.#log.lines.find(({ level }) => level === 'error');
    if (failure) throw new Error(`${failure.event}: ${JSON.stringify(failure.fields)}`);
  }

  #aim(uid: string): void {
    if (this.#aims.includes(uid)) return;
    this.#aims = [...this.#aims, uid].slice(-mostAims);
  }
}

const damaged = (body: Buffer, random: Random): Buffer => {
  for (let left = random(3); left > 0; left--) body[random(body.length)] = random(128);
  return body;
};

/** Sends bytes and says that these were the last. */
const ending = (peer: Peer, bytes: Buffer): Promise<Buffer | undefined> => {
  peer.socket.end(bytes);
  return peer.next();
};

/** True where the frame says as many bytes as there are, padding to whole eights among them. */
const isWhole = (bytes: Buffer): boolean =>
  bytes.length >= 8 && Math.ceil(bytes.readUInt32BE(4) / 8) * 8 + 8 === bytes.length;

const soon = async <T>(answer: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${longest} ms`)), longest);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
};

const uidsIn = (item: Item): readonly string[] => {
  if (typeof item.value === 'string') return item.tag === Tag.UniqueIdentifier ? [item.value] : [];
  return Array.isArray(item.value) ? (item.value as readonly Item[]).flatMap(uidsIn) : [];
};

/** The status. A connection that was ended without an answer counts as refused. */
const post = ({ client, port }: TestServer, type: string, body: Buffer): Promise<number> =>
  new Promise((resolve) => {
    const { certificate: cert, privateKey: key, authority: ca } = client;
    const headers = { 'Content-Type': type, 'Content-Length': body.length };
    const options = { host: '127.0.0.1', port, method: 'POST', path: '/kmip', headers, cert, key, ca };
    const sent = httpsRequest(options, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', () => resolve(400));
    sent.end(body);
  });

/** Requests among `messages`, as items. */
export const requestsAmong = (messages: readonly Buffer[]): readonly Item[] =>
  messages.flatMap((bytes) => {
    try {
      const item = decodeItem(bytes);
      return item.tag === Tag.RequestMessage ? [item] : [];
    } catch (error) {
      if (isKind(error, 'invalid-message', 'invalid-field')) return [];
      throw error;
    }
  });
