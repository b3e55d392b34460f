// What every operation is.

import type { PayloadOperation, RequestPayload, ResponsePayload } from '../kmip/payloads/table.ts';
import type { OperationContext } from './context.ts';

/** One operation: from its request payload to its response payload. Failures are thrown. */
export type Handler<O extends PayloadOperation> = (
  context: OperationContext,
  request: RequestPayload<O>,
) => Promise<ResponsePayload<O>> | ResponsePayload<O>;
