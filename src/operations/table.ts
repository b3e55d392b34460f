// The operations that this server offers. Adding one is a file and a line.

import type { PayloadOperation, RequestPayload, ResponsePayload } from '../kmip/payloads/table.ts';
import { activate } from './activate.ts';
import { addAttribute } from './add-attribute.ts';
import type { OperationContext } from './context.ts';
import { create } from './create.ts';
import { destroy } from './destroy.ts';
import { discoverVersions } from './discover-versions.ts';
import { get } from './get.ts';
import { getAttributeList } from './get-attribute-list.ts';
import { getAttributes } from './get-attributes.ts';
import { locate } from './locate.ts';
import { query } from './query.ts';
import { register } from './register.ts';
import { revoke } from './revoke.ts';

/** One operation: from its request payload to its response payload. Failures are thrown. */
export type Handler<O extends PayloadOperation> = (
  context: OperationContext,
  request: RequestPayload<O>,
) => Promise<ResponsePayload<O>> | ResponsePayload<O>;

/** Each operation's handler; one without a row does not compile. */
export const handlers: { readonly [O in PayloadOperation]: Handler<O> } = {
  Activate: activate,
  AddAttribute: addAttribute,
  Create: create,
  Destroy: destroy,
  DiscoverVersions: discoverVersions,
  Get: get,
  GetAttributeList: getAttributeList,
  GetAttributes: getAttributes,
  Locate: locate,
  Query: query,
  Register: register,
  Revoke: revoke,
};
