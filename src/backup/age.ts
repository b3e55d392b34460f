// Encrypts and decrypts streams in the age format, so that whoever has the passphrase or the private key can open what we
// write with age itself. The work is done in a process of its own; memory stays bounded however long the stream is.

import { type ChildProcess, spawn } from 'node:child_process';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../child-environment.ts';
import { EdgeError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { type AgeProblem, type AgeTask, problemOfExit } from './age-task.ts';

/**
 * What closes a file: a passphrase, or public keys of which each private key alone opens it. `work` is scrypt's cost as a
 * power of two; default: 17.
 */
export type AgeLock =
  | { readonly passphrase: Secret; readonly work?: number | undefined }
  | { readonly recipients: readonly string[] };
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
 */
export const encrypted = (lock: AgeLock, content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> => {
  checkLock(lock);
  const task: AgeTask =
    'passphrase' in lock
      ? { act: 'encrypt', passphrase: lock.passphrase.reveal(), work: lock.work }
      : { act: 'encrypt', recipients: lock.recipients };
  return throughProcess(task, content);
};

/**
 * `content`, decrypted. Each piece is authentic, but that none is missing at the end is known only at the end: use nothing
 * before. Throws `storage-locked` where `key` does not open it, `data-damaged` for what was changed or cut short.
 */
export const decrypted = (key: AgeKey, content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> =>
  throughProcess(
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

async function* throughProcess(task: AgeTask, content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const program = fileURLToPath(new URL('./age-process.ts', import.meta.url));
  const child = spawn(process.execPath, [program], {
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    env: childEnvironment(),
  });
  const ended = endOf(child);
  const { stdin, stdout } = child;
  const taskPipe = child.stdio[3];
  if (!(taskPipe instanceof Writable) || !stdin || !stdout) throw new EdgeError('internal', 'no pipes to a process');
  for (const pipe of [taskPipe, stdin]) pipe.on('error', () => undefined);
  taskPipe.end(JSON.stringify(task));
  // An end of its input is a proper end to the process: whatever breaks the content must end the process instead.
  const fed = feed(stdin, content).then(
    () => undefined,
    (error: unknown) => {
      child.kill('SIGKILL');
      return { error };
    },
  );
  try {
    for await (const bytes of stdout) yield bytes as Buffer;
    const code = await ended;
    const failure = code === 0 || code === null ? await fed : undefined;
    if (failure) throw failure.error;
    if (code !== 0) throw problemOf(problemOfExit(code));
  } finally {
    child.kill('SIGKILL');
    await ended;
    await fed;
  }
}

/** The exit code; null where a signal ended it. */
const endOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    child.once('exit', (code) => resolve(code));
    // It could not be started at all.
    child.once('error', () => resolve(-1));
  });

/** Gives `content` to the process as fast as it takes it; stops where the process has ended. */
const feed = async (stdin: Writable, content: AsyncIterable<Uint8Array>): Promise<void> => {
  for await (const bytes of content) {
    const taken = await new Promise<boolean>((resolve) => stdin.write(bytes, (error) => resolve(!error)));
    if (!taken) return;
  }
  stdin.end();
};

const problemOf = (problem: AgeProblem | undefined): EdgeError => {
  switch (problem) {
    case undefined:
      return new EdgeError('internal', 'the encrypting process ended early');
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
