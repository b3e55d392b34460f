// From the bytes of a request to the bytes of its answer. Whatever happens, the client gets a KMIP message in the version
// of its request. A message that is refused as a whole leaves the connection open, so that a client may try another version
// or another batch; only one whose version cannot be read ends it after the answer.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { EdgeError, type ErrorKind, errorKinds, messageOf } from '../errors.ts';
import type { Caller } from '../keys/caller.ts';
import type { KeyService } from '../keys/service.ts';
import type { UseRecorder } from '../keys/use-ports.ts';
import { Operation, ResultReason, ResultStatus } from '../kmip/enums.ts';
import {
  decodeRequest,
  encodeResponse,
  type OutgoingResponseItem,
  type Request,
  ResponseWriter,
} from '../kmip/message.ts';
import { enumName } from '../kmip/since.ts';
import { isSupported, supportedVersions, V1_0, type Version, versionText } from '../kmip/version.ts';
import { peekVersion } from '../kmip/version-peek.ts';
import type { Log } from '../log.ts';
import { type ItemOutcome, runBatch } from '../operations/batch.ts';
import { OperationContext } from '../operations/context.ts';
import { createSlowWork } from '../operations/slow-work.ts';
import { createQuietLog, type QuietLog } from '../quiet-log.ts';
import { shorten } from '../shorten.ts';
import type { Answer } from './connection-options.ts';
import { reasonOf } from './later-reasons.ts';

/** Counts what is answered. Called for every request: must be quick, and not throw. */
export interface AnswerMeter {
  /** One operation; absent where the message as a whole was refused. */
  answered(operation: string | undefined, result: 'success' | ErrorKind): void;
  /** One message, by its first operation, from its last byte to its answer. */
  took(operation: string | undefined, milliseconds: number): void;
}

export interface AnswererOptions {
  readonly keys: KeyService;
  readonly uses: Pick<UseRecorder, 'seen'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter?: AnswerMeter | undefined;
}

/** Failures that an operator wants to hear of, whoever asked. */
const alarming: ReadonlySet<ErrorKind> = new Set([
  'upstream-unreachable',
  'upstream-refused',
  'lease-ended',
  'root-key-unusable',
  'wrapped-key-refused',
  'data-damaged',
  'suspended',
  'storage-full',
  'not-ready',
]);
/** Between two log lines about one kind of failure in one service instance, milliseconds. */
const quietTime = 10_000;
const longestText = 1000;

/** Answers messages; never rejects. Once `isAdmitted` turns false the rest of a batch is left undone. */
export const createAnswerer = ({ keys, uses, clock, log, meter }: AnswererOptions) => {
  const failures = new Failures(log);
  const slowWork = createSlowWork();
  return async (caller: Caller, message: Buffer, isAdmitted: () => boolean, largest?: number): Promise<Answer> => {
    const started = performance.now();
    const now = Math.floor(clock.now() / 1000);
    uses.seen(caller);
    const version = peekVersion(message);
    let response: ResponseWriter | undefined;
    let first: string | undefined;
    try {
      const request = readRequest(message, version);
      const context = new OperationContext(caller, keys, request.version, now, isAdmitted, slowWork);
      // It is for the log: answers to clients do not have it (KMIP 1.4 section 6.18).
      const { ClientCorrelationValue: correlation } = request.header;
      if (correlation !== undefined) {
        log.debug('correlated request', { client: caller.clientName, correlation: shorten(correlation) });
      }
      const answer = new ResponseWriter(request.version, { TimeStamp: now });
      response = answer;
      first = operationNames.get(request.items[0]?.Operation ?? 0);
      const add = (outcome: ItemOutcome): number => {
        meter?.answered(operationNames.get(outcome.item.Operation), resultOf(outcome));
        answer.add(failures.toItem(outcome, request.version, caller));
        return answer.length;
      };
      await runBatch(request, context, add, largest);
      return { bytes: fitting(answer.finish(), request, now), close: false };
    } catch (error) {
      response?.finish().fill(0);
      meter?.answered(undefined, kindOf(error));
      const spoken = version !== undefined && isSupported(version) ? version : closest(version);
      const item = failures.toResult(error, spoken, caller, undefined);
      return {
        bytes: encodeResponse({ version: spoken, header: { TimeStamp: now }, items: [item] }),
        close: version === undefined,
      };
    } finally {
      meter?.took(first, performance.now() - started);
    }
  };
};

const operationNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Operation).map(([name, value]) => [value, name]),
);

const kindOf = (error: unknown): ErrorKind => (error instanceof EdgeError ? error.kind : 'internal');

const resultOf = (outcome: ItemOutcome): 'success' | ErrorKind =>
  'error' in outcome ? kindOf(outcome.error) : 'success';

/** The version of an answer to one that is not spoken: the newest that is not newer than the request's major version. */
const closest = (version: Version = V1_0): Version => {
  const major = Math.max(1, Math.floor(version / 100));
  return supportedVersions.find((one) => Math.floor(one / 100) <= major) ?? V1_0;
};

const readRequest = (message: Buffer, version: Version | undefined): Request => {
  if (version !== undefined && !isSupported(version)) {
    const spoken = supportedVersions.map(versionText).join(', ');
    throw new EdgeError('invalid-message', `KMIP ${versionText(version)} is not spoken here: ${spoken}`);
  }
  return decodeRequest(message, version);
};

/** The answer, or Response Too Large where the client set a Maximum Response Size below it (KMIP 1.4 section 6.3). */
const fitting = (bytes: Buffer, { header, version, items }: Request, now: number): Buffer => {
  const { MaximumResponseSize: maximum } = header;
  if (maximum === undefined || bytes.length <= maximum) return bytes;
  bytes.fill(0);
  const [only, ...others] = items;
  const known =
    only && others.length === 0 ? { Operation: only.Operation, UniqueBatchItemID: only.UniqueBatchItemID } : {};
  const item: OutgoingResponseItem = {
    ...known,
    ResultStatus: ResultStatus.OperationFailed,
    ResultReason: ResultReason.ResponseTooLarge,
    ResultMessage: `the answer is longer than the ${maximum} bytes allowed`,
  };
  return encodeResponse({ version, header: { TimeStamp: now }, items: [item] });
};

/** Turns what went wrong into batch items: the only place where an error becomes a KMIP Result Reason. */
class Failures {
  readonly #log: Log;
  readonly #alarm: QuietLog;

  constructor(log: Log) {
    this.#log = log;
    this.#alarm = createQuietLog(log, quietTime);
  }

  toItem(outcome: ItemOutcome, version: Version, caller: Caller): OutgoingResponseItem {
    const { Operation: operation, UniqueBatchItemID: id } = outcome.item;
    const known = { Operation: operation, UniqueBatchItemID: id };
    if ('undone' in outcome) return { ...known, ResultStatus: ResultStatus.OperationUndone };
    if ('payload' in outcome) return { ...known, ResultStatus: ResultStatus.Success, ResponsePayload: outcome.payload };
    return { ...known, ...this.toResult(outcome.error, version, caller, enumName(Operation, operation)) };
  }

  toResult(error: unknown, version: Version, caller: Caller, operation: string | undefined): OutgoingResponseItem {
    const kind = kindOf(error);
    const { shown } = errorKinds[kind];
    return {
      ResultStatus: ResultStatus.OperationFailed,
      ResultReason: reasonOf(error, kind, version, operation),
      ResultMessage: shown ? this.#shown(error, caller, operation) : this.#hidden(error, caller, operation),
    };
  }

  #shown(error: unknown, caller: Caller, operation: string | undefined): string {
    const text = messageOf(error).slice(0, longestText);
    const { instanceId, clientName: client, address } = caller;
    const fields = { operation, client, address, problem: text };
    if (error instanceof EdgeError && alarming.has(error.kind)) {
      this.#alarm(`${error.kind} ${instanceId}`, 'operation failed', { kind: error.kind, ...fields, hint: error.hint });
    } else this.#log.debug('operation refused', fields);
    return text;
  }

  #hidden(error: unknown, caller: Caller, operation: string | undefined): string {
    const id = randomUUID();
    const { clientName: client, address } = caller;
    const stack = error instanceof Error ? error.stack : undefined;
    this.#log.error('internal error', { id, operation, client, address, problem: messageOf(error), stack });
    return `internal error ${id}`;
  }
}
