// A request's batch items, one after the other in their order (KMIP 1.4 section 7.3): the ID Placeholder goes from item to
// item, and after a failure the Batch Error Continuation Option decides whether the rest is done.

import { EdgeError } from '../errors.ts';
import { BatchErrorContinuationOption, Operation } from '../kmip/enums.ts';
import type { Request, RequestItem } from '../kmip/message.ts';
import type { Payload } from '../kmip/payload.ts';
import {
  decodePayload,
  type PayloadOperation,
  payloads,
  type ResponsePayload,
  responsePayload,
} from '../kmip/payloads/table.ts';
import { enumName, existsIn } from '../kmip/since.ts';
import { type Version, versionText } from '../kmip/version.ts';
import type { OperationContext } from './context.ts';
import { handlers } from './table.ts';

export type ItemOutcome =
  | { readonly item: RequestItem; readonly payload: Payload }
  | { readonly item: RequestItem; readonly error: unknown };

/** Nobody batches more; it bounds the work that one message can cause. */
export const maximumItems = 1000;

/**
 * Does what the request asks. Each item's failure is in its outcome; items after a failure are left out unless the client
 * asked to continue. Throws for a batch that cannot be done at all: empty, too long, or with Undo.
 */
export const runBatch = async (request: Request, context: OperationContext): Promise<readonly ItemOutcome[]> => {
  const { items, header } = request;
  if (items.length === 0 || items.length > maximumItems) {
    throw new EdgeError('invalid-message', `a message has 1 to ${maximumItems} batch items, this one ${items.length}`);
  }
  const option = header.BatchErrorContinuationOption ?? BatchErrorContinuationOption.Stop;
  if (option === BatchErrorContinuationOption.Undo && items.length > 1) {
    throw new EdgeError('feature-not-supported', 'batches cannot be undone: use Stop or Continue');
  }
  const outcomes: ItemOutcome[] = [];
  for (const item of items) {
    const outcome = await runItem(item, context);
    outcomes.push(outcome);
    if ('error' in outcome && option === BatchErrorContinuationOption.Stop) break;
  }
  return outcomes;
};

const runItem = async (item: RequestItem, context: OperationContext): Promise<ItemOutcome> => {
  try {
    const name = offeredOperation(item, context.version);
    return { item, payload: responsePayload(name, await perform(name, item.RequestPayload, context)) };
  } catch (error) {
    return { item, error };
  }
};

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
    const vendor = extension.VendorIdentification.slice(0, 100);
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
