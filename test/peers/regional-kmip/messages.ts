// Whole messages of the simulator: one request with its items in, one response out.

import { execute, type Service, versionIn, versionNode } from './operations.ts';
import { Refused } from './store.ts';
import { operationName, reasons, tags } from './tags.ts';
import { child, children, dateTime, enumeration, integer, type Node, numberIn, structure, text } from './ttlv.ts';

const refusal = (reason: number, message: string): readonly Node[] => [
  enumeration(tags.resultStatus, 1),
  enumeration(tags.resultReason, reason),
  text(tags.resultMessage, message),
];

const outcome = (service: Service, item: Node): readonly Node[] => {
  const operation = operationName(numberIn(item, tags.operation));
  if (operation === undefined) return refusal(reasons.operationNotSupported, 'not one of the nine operations');
  try {
    const payload = execute(service, operation, child(item, tags.requestPayload) ?? structure(tags.requestPayload));
    return [enumeration(tags.resultStatus, 0), payload];
  } catch (error) {
    if (error instanceof Refused) return refusal(error.reason, error.message);
    throw error;
  }
};

const answerItem = (service: Service, item: Node): Node =>
  structure(
    tags.batchItem,
    child(item, tags.operation),
    child(item, tags.uniqueBatchItemId),
    ...outcome(service, item),
  );

export const responseOf = (version: number, items: readonly Node[]): Node =>
  structure(
    tags.responseMessage,
    structure(
      tags.responseHeader,
      versionNode(version),
      dateTime(tags.timeStamp, Math.floor(Date.now() / 1000)),
      integer(tags.batchCount, items.length),
    ),
    ...items,
  );

/** Executes a request and gives the response. A version that is not spoken is refused in the newest one that is. */
export const respond = (service: Service, request: Node): Node => {
  const version = versionIn(child(child(request, tags.requestHeader), tags.protocolVersion));
  if (service.versions.includes(version)) {
    return responseOf(
      version,
      children(request, tags.batchItem).map((item) => answerItem(service, item)),
    );
  }
  const problem = structure(tags.batchItem, ...refusal(reasons.invalidMessage, `version ${version} is not supported`));
  return responseOf(service.versions[0] ?? 104, [problem]);
};

/** A refusal of the one item of `request`, which is not executed. */
export const refuse = (service: Service, request: Node, reason: number, message: string): Node => {
  const item = child(request, tags.batchItem);
  const parts = [child(item, tags.operation), child(item, tags.uniqueBatchItemId), ...refusal(reason, message)];
  return responseOf(service.versions[0] ?? 104, [structure(tags.batchItem, ...parts)]);
};
