// A process of the bench: what it has cost in processor time and memory, as the kernel counts it (Linux).

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The kernel counts processor time for users in hundredths of a second, whatever its own clock. */
const microsecondsPerTick = 10_000;

/** To the nanosecond, of the threads that have not ended; 0 where the kernel does not keep it. */
const threadTime = (pid: number): number => {
  const task = `/proc/${pid}/task`;
  try {
    const times = readdirSync(task).map((thread) => readFileSync(`${task}/${thread}/schedstat`, 'utf8').split(' ')[0]);
    return times.reduce((sum, nanoseconds) => sum + Number(nanoseconds), 0) / 1000;
  } catch {
    return 0;
  }
};

/** To the hundredth of a second, of all threads that ever were. */
const tickTime = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in parentheses and may hold anything; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick;
};

/** Processor time since the process started, microseconds. No thread may end between two readings that are compared. */
export const cpuTime = (pid: number): number => threadTime(pid) || tickTime(pid);

/** Memory of the process that is in RAM now, bytes. */
export const residentMemory = (pid: number): number => {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
};

/** What `work` cost a process: processor time and wall time. */
export interface Cost {
  readonly cpuMicroseconds: number;
  readonly wallMicroseconds: number;
}

/** Runs `work` and tells what it cost the process `pid`, which does nothing else meanwhile. */
export const costOf = async (pid: number, work: () => Promise<unknown>): Promise<Cost> => {
  const cpu = cpuTime(pid);
  const began = performance.now();
  await work();
  return { cpuMicroseconds: cpuTime(pid) - cpu, wallMicroseconds: (performance.now() - began) * 1000 };
};

/** A worker of ours that answers each message with one message. */
export class Worker<Question extends object, Answer> {
  readonly #child: ChildProcess;

  constructor(script: string) {
    this.#child = fork(join(import.meta.dirname, script), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** One question at a time. Throws where the worker fails. */
  async ask(question: Question): Promise<Answer> {
    const settled = new AbortController();
    const ended = once(this.#child, 'exit', settled).then(([code]: unknown[]) => {
      throw new Error(`a worker of the bench ended with ${code}`);
    });
    this.#child.send(question);
    const [answer] = (await Promise.race([once(this.#child, 'message', settled), ended])) as [
      Answer | { problem: string },
    ];
    ended.catch(() => {});
    settled.abort();
    if (isProblem(answer)) throw new Error(answer.problem);
    return answer;
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

const isProblem = (answer: unknown): answer is { readonly problem: string } =>
  typeof answer === 'object' && answer !== null && 'problem' in answer;

/** The other end of {@link Worker}: answers each question with what `work` makes of it. */
export const serveQuestions = <Question, Answer>(work: (question: Question) => Promise<Answer> | Answer): void => {
  const answer = async (question: Question): Promise<void> => {
    try {
      process.send?.(await work(question));
    } catch (error) {
      process.send?.({ problem: error instanceof Error ? String(error.stack) : String(error) });
    }
  };
  process.on('message', (question: Question) => void answer(question));
  process.once('disconnect', () => process.exit());
};
