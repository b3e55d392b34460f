// A process of its own that encrypts or decrypts one stream in the age format (age-encryption.org/v1): from its standard
// input to its standard output, by what it is told on a third pipe. The library works on the processor for long and keeps
// its tables: here neither is felt by the clients of the server, and all of its memory goes when it ends. Its exit code
// says what was wrong.

import { createReadStream } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { Decrypter, Encrypter } from 'age-encryption';
import { type AgeProblem, type AgeTask, exitCodes } from './age-task.ts';

/** scrypt's cost as a power of two, 128 MiB and about half a second: as the recovery passphrase has it. */
const scryptWorkFactor = 17;
const taskPipe = 3;

class Refused extends Error {
  readonly problem: AgeProblem;

  constructor(problem: AgeProblem) {
    super(problem);
    this.problem = problem;
  }
}

const readTask = async (): Promise<AgeTask> => {
  const parts: Buffer[] = [];
  for await (const part of createReadStream('', { fd: taskPipe })) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString()) as AgeTask;
};

const streamOf = (task: AgeTask, source: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> => {
  if (task.act === 'encrypt') {
    const encrypter = new Encrypter();
    if ('passphrase' in task) {
      encrypter.setScryptWorkFactor(task.work ?? scryptWorkFactor);
      encrypter.setPassphrase(task.passphrase);
    } else for (const recipient of task.recipients) refusing('recipient', () => encrypter.addRecipient(recipient));
    return encrypter.encrypt(source);
  }
  const decrypter = new Decrypter();
  if ('passphrase' in task) decrypter.addPassphrase(task.passphrase);
  else for (const identity of task.identities) refusing('identity', () => decrypter.addIdentity(identity));
  return decrypter.decrypt(source);
};

const refusing = (problem: AgeProblem, act: () => void): void => {
  try {
    act();
  } catch {
    throw new Refused(problem);
  }
};

/** The library has texts only; what else it says may repeat what it was given. */
const problemOf = (error: unknown): AgeProblem => {
  if (error instanceof Refused) return error.problem;
  return error instanceof Error && error.message.startsWith('no identity matched') ? 'locked' : 'damaged';
};

try {
  const source = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
  await (await streamOf(await readTask(), source)).pipeTo(Writable.toWeb(process.stdout) as WritableStream<Uint8Array>);
} catch (error) {
  process.exitCode = exitCodes[problemOf(error)];
}
// What is left to read is of no use any more.
process.stdin.destroy();
