// A thread of its own that encrypts or decrypts one stream in the age format (age-encryption.org/v1). The library works
// on the processor for long and keeps its tables: here neither is felt by the clients of the server, and both end with
// the thread. It pulls what it works on from the thread that started it, and hands each piece back when it is wanted.

import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Decrypter, Encrypter } from 'age-encryption';

/** What the thread is started with. */
export type AgeTask =
  | { readonly act: 'encrypt'; readonly passphrase: string }
  | { readonly act: 'encrypt'; readonly recipients: readonly string[] }
  | { readonly act: 'decrypt'; readonly passphrase: string }
  | { readonly act: 'decrypt'; readonly identities: readonly string[] };

/** What the thread says: it wants more, it has something, it is done, or it cannot. */
export type AgeSays =
  | { readonly says: 'read' }
  | { readonly says: 'write'; readonly bytes: Uint8Array }
  | { readonly says: 'end' }
  | { readonly says: 'failed'; readonly problem: AgeProblem };
export type AgeProblem = 'recipient' | 'identity' | 'locked' | 'damaged';
/** What it is told: the next piece, or undefined at the end of them; or that the last piece was taken. */
export type AgeHears = { readonly hears: 'read'; readonly bytes?: Uint8Array } | { readonly hears: 'written' };

/** scrypt's cost as a power of two, 128 MiB and about half a second: as the recovery passphrase has it. */
const scryptWorkFactor = 17;

const answersTo = (port: MessagePort) => {
  const waiting: Record<AgeHears['hears'], ((heard: AgeHears) => void)[]> = { read: [], written: [] };
  port.on('message', (heard: AgeHears) => waiting[heard.hears].shift()?.(heard));
  return (says: AgeSays, hears: AgeHears['hears']): Promise<AgeHears> =>
    new Promise((resolve) => {
      waiting[hears].push(resolve);
      port.postMessage(says);
    });
};

const work = async (port: MessagePort, task: AgeTask): Promise<void> => {
  const ask = answersTo(port);
  const source = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const heard = await ask({ says: 'read' }, 'read');
        if (heard.hears === 'read' && heard.bytes) controller.enqueue(heard.bytes);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const reader = (await streamOf(task, source)).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (next.value.length > 0) await ask({ says: 'write', bytes: next.value }, 'written');
  }
  port.postMessage({ says: 'end' } satisfies AgeSays);
};

class Refused extends Error {
  readonly problem: AgeProblem;

  constructor(problem: AgeProblem) {
    super(problem);
    this.problem = problem;
  }
}

const streamOf = (task: AgeTask, source: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> => {
  if (task.act === 'encrypt') {
    const encrypter = new Encrypter();
    encrypter.setScryptWorkFactor(scryptWorkFactor);
    if ('passphrase' in task) encrypter.setPassphrase(task.passphrase);
    else for (const recipient of task.recipients) refusing('recipient', () => encrypter.addRecipient(recipient));
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

if (parentPort) {
  const port = parentPort;
  work(port, workerData as AgeTask)
    .catch((error: unknown) => port.postMessage({ says: 'failed', problem: problemOf(error) } satisfies AgeSays))
    // Nothing else is waited for: the thread ends.
    .finally(() => port.close());
}
