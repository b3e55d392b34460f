// What the endpoint's own clear "no" means to us: one table by Result Reason. A refusal proves that the endpoint works
// and that nothing was done; every other failure is a LinkError.

import { EdgeError, type ErrorKind } from '../../errors.ts';
import { ResultReason } from '../../kmip/enums.ts';
import { enumName } from '../../kmip/since.ts';
import { quote } from './quote.ts';

interface Row {
  readonly kind: ErrorKind;
  readonly hint?: string;
}

const notAdmitted =
  'the endpoint does not accept our client certificate: upload it to the KMIP adapter; that can take five minutes';

/** Reasons that are not here are `upstream-refused`. */
const rows: { readonly [R in keyof typeof ResultReason]?: Row } = {
  ItemNotFound: { kind: 'item-not-found' },
  PermissionDenied: { kind: 'permission-denied' },
  IllegalOperation: { kind: 'illegal-operation' },
  WrongKeyLifecycleState: { kind: 'illegal-operation' },
  ObjectAlreadyExists: { kind: 'already-exists' },
  InvalidField: { kind: 'invalid-field' },
  MissingData: { kind: 'missing-data' },
  IndexOutOfBounds: { kind: 'index-out-of-bounds' },
  OperationNotSupported: { kind: 'operation-not-supported' },
  FeatureNotSupported: { kind: 'feature-not-supported' },
  KeyFormatTypeNotSupported: { kind: 'key-format-not-supported' },
  KeyCompressionTypeNotSupported: { kind: 'key-compression-not-supported' },
  // about us, not about the client in front: a lost certificate says nothing about a key
  AuthenticationNotSuccessful: { kind: 'upstream-unreachable', hint: notAdmitted },
};

/** The endpoint refused an operation: it was not executed. */
export class Refusal extends EdgeError {
  /** The Result Reason, or undefined where the answer has none. */
  readonly reason: number | undefined;

  constructor(operation: string, reason: number | undefined, message: string | undefined) {
    const name = reason === undefined ? 'no reason' : enumName(ResultReason, reason);
    const row = rows[name as keyof typeof ResultReason] ?? { kind: 'upstream-refused' };
    const said = message === undefined ? '' : `: ${quote(message)}`;
    super(row.kind, `the endpoint refused ${operation}: ${name}${said}`, row.hint === undefined ? {} : row);
    this.name = 'Refusal';
    this.reason = reason;
  }
}
