// A request's batch items, one after the other in their order (KMIP 1.4 section 7.3): the ID Placeholder goes from item to
// item, and after a failure the Batch Error Continuation Option decides whether the rest is done.

import { setImmediate } from 'node:timers/promises';
import { EdgeError } from '../errors.ts';
import { Journal } from '../keys/journal.ts';
import { BatchErrorContinuationOption, Operation } from '../kmip/enums.ts';
import type { Request, RequestItem } from '../kmip/message.ts';
import { type Payload, payload } from '../kmip/payload.ts';
import {
  decodePayload,
  type PayloadOperation,
  payloads,
  type ResponsePayload,
  responsePayload,
} from '../kmip/payloads/table.ts';
import { enumName, existsIn } from '../kmip/since.ts';
import { Tag } from '../kmip/tags.ts';
import { type Version, versionText } from '../kmip/version.ts';
import { Writer } from '../kmip/writer.ts';
import { shorten } from '../shorten.ts';
import type { OperationContext } from './context.ts';
import { handlers } from './table.ts';

export type ItemOutcome =
  | { readonly item: RequestItem; readonly payload: Payload }
  | { readonly item: RequestItem; readonly undone: true }
  | { readonly item: RequestItem; readonly error: unknown };

/** With its payload encoded. */
type HeldOutcome =
  | Exclude<ItemOutcome, { readonly payload: Payload }>
  | { readonly item: RequestItem; readonly payload: Buffer };

type Answer = (outcome: ItemOutcome) => number;

/** All answers of a batch that may be undone are held until its end. */
const mostUndoable = 64;
/** Nobody batches more; it bounds the work that one message can cause. */
export const maximumItems = 1000;
/** Bytes. No item is done once the answer is longer; one alone, the longest list of attributes, adds some 1.1 MiB. */
const largestAnswer = 16 * 1024 * 1024;
/** Between two items, after so many milliseconds, other clients get their turn. */
const longestTurn = 20;

/**
 * Does what the request asks and hands each outcome to `answer`, which tells how many bytes the answer has by then. Items
 * after a failure are left out unless the client asked to continue, and all that are left once it is not admitted any
 * more or gone. With Undo, either of them takes back what the batch had done. Once the answer has more than `largest`
 * bytes, items are refused. Throws for a batch that cannot be done at all: empty, too long, or to be done later.
 */
export const runBatch = async (
  request: Request,
  context: OperationContext,
  answer: (outcome: ItemOutcome) => number,
  largest = largestAnswer,
): Promise<void> => {
  try {
    await run(request, context, answer, largest);
  } finally {
    context.wipeKeyBytes();
  }
};

const run = async (request: Request, context: OperationContext, answer: Answer, largest: number): Promise<void> => {
  const { items, header } = request;
  if (header.AsynchronousIndicator) {
    throw new EdgeError('feature-not-supported', 'requests are answered at once, none later');
  }
  if (items.length === 0 || items.length > maximumItems) {
    throw new EdgeError('invalid-message', `a message has 1 to ${maximumItems} batch items, this one ${items.length}`);
  }
  const option = header.BatchErrorContinuationOption ?? BatchErrorContinuationOption.Stop;
  if (option === BatchErrorContinuationOption.Undo && items.length > 1) {
    return runOrUndo(items, context, answer, largest);
  }
  const turn = new Turn();
  let length = 0;
  for (const item of items) {
    if (turn.isOver) await turn.next();
    if (length > 0 && !context.isAdmitted()) return;
    const outcome = await runItem(item, context, length, largest);
    context.endItem();
    length = answer(outcome);
    context.wipeKeyBytes();
    if ('error' in outcome && option === BatchErrorContinuationOption.Stop) return;
  }
};

/** Of a batch, at the thread that serves everybody. */
class Turn {
  #began = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#began > longestTurn;
  }

  /** Resolves when others have had theirs. */
  async next(): Promise<void> {
    await setImmediate();
    this.#began = performance.now();
  }
}

/** All items or none (KMIP 1.4 section 6.13): the answers wait for the last one. */
const runOrUndo = async (
  items: readonly RequestItem[],
  context: OperationContext,
  answer: Answer,
  largest: number,
): Promise<void> => {
  if (items.length > mostUndoable) {
    throw new EdgeError('feature-not-supported', `at most ${mostUndoable} items are done as one, not ${items.length}`);
  }
  const journal = new Journal();
  const journaled = context.withJournal(journal);
  const outcomes: HeldOutcome[] = [];
  const turn = new Turn();
  let length = 0;
  for (const item of items) {
    if (turn.isOver) await turn.next();
    const outcome = encoded(await runItem(item, journaled, length, largest), journaled);
    journaled.endItem();
    outcomes.push(outcome);
    if ('payload' in outcome) length += outcome.payload.length;
    if ('error' in outcome) break;
    if (!context.isAdmitted()) return context.keys.objects.undo(context.caller, journal);
  }
  const failed = outcomes.at(-1);
  if (failed && 'error' in failed) {
    journaled.wipeKeyBytes();
    await context.keys.objects.undo(context.caller, journal);
    for (const { item } of outcomes.slice(0, -1)) answer({ item, undone: true });
    answer(failed);
    return;
  }
  await context.keys.objects.settle(context.caller, journal);
  for (const outcome of outcomes) answer(outcome);
};

const runItem = async (
  item: RequestItem,
  context: OperationContext,
  length: number,
  largest: number,
): Promise<ItemOutcome> => {
  try {
    requireRoom(length, largest);
    const name = offeredOperation(item, context.version);
    return { item, payload: responsePayload(name, await perform(name, item.RequestPayload, context)) };
  } catch (error) {
    // What follows must not act on the object of an item before this one.
    if (identifying.has(item.Operation)) context.place(undefined);
    return { item, error };
  }
};

/** What would have been done is not done: a change that is answered as refused has not happened. */
const requireRoom = (length: number, largest: number): void => {
  if (length <= largest) return;
  throw new EdgeError('response-too-large', `the answer is longer than ${largest} bytes: ask for less at once`);
};

/** How many bytes an answer will have that is held until the end of the batch has to be known before. */
const encoded = (outcome: ItemOutcome, context: OperationContext): HeldOutcome => {
  if (!('payload' in outcome)) return outcome;
  const { item } = outcome;
  try {
    const writer = new Writer(context.version);
    payload.encode(writer, Tag.ResponsePayload, outcome.payload);
    const bytes = writer.finish();
    context.keyBytes.push(bytes);
    return { item, payload: bytes };
  } catch (error) {
    return { item, error };
  }
};

/** The operations whose success sets the ID Placeholder (KMIP 1.4 section 4), offered or not. */
const identifying: ReadonlySet<number> = new Set([
  Operation.Create,
  Operation.CreateKeyPair,
  Operation.Register,
  Operation.DeriveKey,
  Operation.ReKey,
  Operation.ReKeyKeyPair,
  Operation.Certify,
  Operation.ReCertify,
  Operation.Locate,
  Operation.Recover,
]);

const offeredOperations: ReadonlyMap<number, PayloadOperation> = new Map(
  (Object.keys(payloads) as PayloadOperation[]).map((name) => [Operation[name], name]),
);

/** The operation's name, where this server, this version and the item's extension allow to do it. */
const offeredOperation = ({ Operation: operation, MessageExtension: extension }: RequestItem, version: Version) => {
  const name = offeredOperations.get(operation);
  if (name === undefined || !existsIn('Operation', operation, version)) {
    const shown = enumName(Operation, operation);
    throw new EdgeError('operation-not-supported', `operation ${shown} is not offered in KMIP ${versionText(version)}`);
  }
  if (extension?.CriticalityIndicator) {
    const vendor = shorten(extension.VendorIdentification);
    throw new EdgeError('feature-not-supported', `the critical extension of '${vendor}' is not understood`);
  }
  return name;
};

const perform = <O extends PayloadOperation>(
  name: O,
  slice: Buffer,
  context: OperationContext,
): Promise<ResponsePayload<O>> | ResponsePayload<O> =>
  handlers[name](context, decodePayload(name, slice, context.version));
