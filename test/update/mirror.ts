// An address with updates: a server with a certificate of its own making, which counts what it hands out.

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import { makeCertificate, makePair, pemOfKey } from '../peers/certificate.ts';

/** What one request gets: bytes, and more or less than its header says. */
export interface Answer {
  readonly bytes: Buffer;
  /** Content-Length, where it is another one; undefined: none is given. */
  readonly announced?: number | undefined;
  /** After the bytes: filler without end, silence, or the end. */
  readonly after?: 'endless' | 'silence';
}

export interface Mirror {
  readonly address: string;
  /** Bytes of each answer that were handed to the network. */
  readonly sent: readonly number[];
  /** Until whoever asked has ended every connection. */
  left(): Promise<unknown>;
}

const filler = Buffer.alloc(256 * 1024);

/** Gives one answer after another, and the last one again and again. */
export const startMirror = async (t: ExecutionContext, ...answers: readonly Answer[]): Promise<Mirror> => {
  const pair = makePair();
  const subject = 'mirror';
  const cert = makeCertificate({ subject, issuer: subject, publicKey: pair.publicKey, signer: pair.privateKey });
  const sent: number[] = [];
  const closings: Promise<unknown>[] = [];
  const server = createServer({ key: pemOfKey(pair), cert }, (_request, response) => {
    const number = sent.push(0) - 1;
    const answer = answers[Math.min(number, answers.length - 1)];
    response.on('error', () => {});
    closings.push(once(response, 'close'));
    if (!answer) return void response.writeHead(404).end();
    void serve(response, answer, (bytes) => {
      sent[number] = (sent[number] ?? 0) + bytes;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const address = `https://127.0.0.1:${port}/kmip-edge.update`;
  return { address, sent, left: () => Promise.all(closings) };
};

const serve = async (
  response: ServerResponse,
  { bytes, announced, after }: Answer,
  count: (bytes: number) => void,
): Promise<void> => {
  response.writeHead(200, announced === undefined ? {} : { 'content-length': announced });
  const closed = once(response, 'close');
  let { promise: next, resolve: go } = Promise.withResolvers<void>();
  response.on('drain', () => go());
  const write = async (piece: Buffer): Promise<void> => {
    ({ promise: next, resolve: go } = Promise.withResolvers<void>());
    const isTaken = response.write(piece);
    count(piece.length);
    if (!isTaken) await Promise.race([next, closed]);
  };
  for (let place = 0; place < bytes.length && !response.destroyed; place += 64 * 1024) {
    await write(bytes.subarray(place, place + 64 * 1024));
  }
  while (after === 'endless' && !response.destroyed) await write(filler);
  if (after === undefined) response.end();
};
