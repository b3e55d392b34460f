// Encrypts and decrypts streams in the age format, so that whoever has the passphrase or the private key can open what we
// write with age itself. The work is done in a thread of its own; memory stays bounded however long the stream is.

import { Worker } from 'node:worker_threads';
import { EdgeError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { AgeHears, AgeProblem, AgeSays, AgeTask } from './age-worker.ts';

/** What closes a file: a passphrase, or public keys of which each private key alone opens it. */
export type AgeLock = { readonly passphrase: Secret } | { readonly recipients: readonly string[] };
/** What opens it: the passphrase, or the text of an identity file as age-keygen writes it. */
export type AgeKey = { readonly passphrase: Secret } | { readonly identities: Secret };

/** As of the recovery passphrase: shorter ones are guessed sooner or later. */
export const minimumPassphraseLength = 12;
const recipientShape = /^age1[02-9ac-hj-np-z]{58}$/;
const maximumRecipients = 16;

/** True for what looks like a public key of age. A mistyped one is found when it is used: it has a checksum. */
export const isRecipient = (text: string): boolean => recipientShape.test(text);

/** Throws `invalid-field` for a passphrase that is too short, and for no or no proper public keys. */
export const checkLock = (lock: AgeLock): void => {
  if ('passphrase' in lock) {
    const length = [...lock.passphrase.reveal()].length;
    if (length >= minimumPassphraseLength) return;
    const problem = `the passphrase has ${length} characters, at least ${minimumPassphraseLength} are needed`;
    throw new EdgeError('invalid-field', problem);
  }
  const { recipients } = lock;
  if (recipients.length === 0 || recipients.length > maximumRecipients) {
    throw new EdgeError('invalid-field', `${recipients.length} public keys, 1 to ${maximumRecipients} may be given`);
  }
  const wrong = recipients.find((recipient) => !isRecipient(recipient));
  if (wrong === undefined) return;
  throw new EdgeError('invalid-field', `'${shown(wrong)}' is not a public key of age`, {
    hint: 'age-keygen prints one: it begins with age1 and has 62 characters',
  });
};

/** Whoever gives the private key by mistake must not read it in a log. */
const shown = (text: string): string => (/secret/i.test(text) ? 'a private key' : text.slice(0, 80));

/**
 * `content`, encrypted. Throws what {@link checkLock} throws, and what `content` throws.
 * A piece of `content` is the callee's: it may be moved to another thread, and is empty then.
 */
export const encrypted = (lock: AgeLock, content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> => {
  checkLock(lock);
  const task: AgeTask =
    'passphrase' in lock
      ? { act: 'encrypt', passphrase: lock.passphrase.reveal() }
      : { act: 'encrypt', recipients: lock.recipients };
  return throughWorker(task, content);
};

/**
 * `content`, decrypted. Each piece is authentic, but that none is missing at the end is known only at the end: use nothing
 * before. Throws `storage-locked` where `key` does not open it, `data-damaged` for what was changed or cut short.
 */
export const decrypted = (key: AgeKey, content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> =>
  throughWorker(
    'passphrase' in key
      ? { act: 'decrypt', passphrase: key.passphrase.reveal() }
      : { act: 'decrypt', identities: identityLines(key.identities) },
    content,
  );

/** The lines of an identity file that are neither empty nor comments. */
const identityLines = (text: Secret): readonly string[] => {
  const lines = text
    .reveal()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length > 0) return lines;
  throw new EdgeError('invalid-field', 'the identity file holds no private key', {
    hint: 'it is the file that age-keygen wrote: one of its lines begins with AGE-SECRET-KEY-1',
  });
};

async function* throughWorker(task: AgeTask, content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const iterator = content[Symbol.asyncIterator]();
  const worker = new Worker(new URL('./age-worker.ts', import.meta.url), { workerData: task });
  const tell = (hears: AgeHears, moved: readonly ArrayBuffer[] = []): void => worker.postMessage(hears, [...moved]);
  try {
    for await (const said of saidBy(worker)) {
      if (said.says === 'end') return;
      if (said.says === 'failed') throw problemOf(said.problem);
      if (said.says === 'write') {
        yield Buffer.from(said.bytes.buffer, said.bytes.byteOffset, said.bytes.byteLength);
        tell({ hears: 'written' });
        continue;
      }
      const next = await iterator.next();
      if (next.done) tell({ hears: 'read' });
      else tell({ hears: 'read', bytes: next.value }, movable(next.value));
    }
  } finally {
    await worker.terminate();
    await iterator.return?.();
  }
}

/** A buffer that is all of its memory goes over without a copy being left here. */
const movable = ({ buffer, byteLength }: Uint8Array): readonly ArrayBuffer[] =>
  buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];

/** What the thread says, in order, until it ends; throws what ended it otherwise. */
async function* saidBy(worker: Worker): AsyncGenerator<AgeSays> {
  const said: AgeSays[] = [];
  let failure: unknown;
  let ended = false;
  let wake = (): void => undefined;
  worker.on('message', (one: AgeSays) => {
    said.push(one);
    wake();
  });
  worker.on('error', (error) => {
    failure = error;
    wake();
  });
  worker.on('exit', () => {
    ended = true;
    wake();
  });
  for (;;) {
    const one = said.shift();
    if (one) yield one;
    else if (failure !== undefined) throw failure;
    else if (ended) throw new EdgeError('internal', 'the encrypting thread ended early');
    else await new Promise<void>((resolve) => (wake = resolve));
  }
}

const problemOf = (problem: AgeProblem): EdgeError => {
  switch (problem) {
    case 'recipient':
      return new EdgeError('invalid-field', 'a public key is mistyped: its checksum is wrong');
    case 'identity':
      return new EdgeError('invalid-field', 'the identity file holds what is not a private key of age');
    case 'locked':
      return new EdgeError('storage-locked', 'what was given does not open the file', {
        hint: 'check the passphrase or the private key; nothing was changed',
      });
    case 'damaged':
      return new EdgeError('data-damaged', 'the file is damaged, cut short, or not in the age format', {
        hint: 'take another one; nothing was changed',
      });
  }
};
