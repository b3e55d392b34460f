// Every failure that a user or a peer may see: one class and one table. A kind says how the failure looks to a KMIP
// client (Result Reason, by its KMIP name), over the management API (HTTP status) and in a shell (exit code), and
// whether its text may be shown to the caller. Only the edges (server, admin, cli) translate.

/** How one kind of failure looks at each edge. */
export interface KindRow {
  /** Name of the KMIP Result Reason (KMIP 1.4 section 9.1.3.2.29). */
  readonly reason: string;
  readonly http: number;
  readonly exit: number;
  /** False: the caller sees "internal error" and an identifier; the text goes to the log alone. */
  readonly shown: boolean;
}

const row = <const R extends string>(reason: R, http: number, exit: number, shown = true) =>
  ({ reason, http, exit, shown }) as const;

export const errorKinds = {
  // what the caller asked for
  'item-not-found': row('ItemNotFound', 404, 4),
  'not-authenticated': row('AuthenticationNotSuccessful', 401, 6),
  'permission-denied': row('PermissionDenied', 403, 6),
  'too-many-attempts': row('PermissionDenied', 429, 6),
  'invalid-message': row('InvalidMessage', 400, 2),
  'invalid-field': row('InvalidField', 400, 2),
  'missing-data': row('MissingData', 400, 2),
  'operation-not-supported': row('OperationNotSupported', 501, 2),
  'feature-not-supported': row('FeatureNotSupported', 501, 2),
  'response-too-large': row('ResponseTooLarge', 413, 2),
  'index-out-of-bounds': row('IndexOutOfBounds', 400, 2),
  'key-format-not-supported': row('KeyFormatTypeNotSupported', 501, 2),
  'key-compression-not-supported': row('KeyCompressionTypeNotSupported', 501, 2),
  'illegal-operation': row('IllegalOperation', 409, 5),
  'cryptographic-failure': row('CryptographicFailure', 400, 2),
  // of these KMIP 1.x has no reason of their own
  'bad-cryptographic-parameters': row('GeneralFailure', 400, 2),
  'missing-iv': row('InvalidMessage', 400, 2),
  'wrong-state': row('PermissionDenied', 409, 5),
  'usage-not-permitted': row('PermissionDenied', 403, 6),
  'usage-limit-exceeded': row('PermissionDenied', 403, 6),
  'attribute-read-only': row('PermissionDenied', 403, 6),
  'attribute-not-found': row('ItemNotFound', 404, 4),
  'object-destroyed': row('IllegalOperation', 409, 5),
  'invalid-data-type': row('InvalidDataType', 400, 2),
  'numeric-range': row('NumericRange', 400, 2),
  'multi-valued-attribute': row('MultiValuedAttribute', 400, 2),
  'object-archived': row('ObjectArchived', 409, 5),
  'namespace-not-supported': row('ApplicationNamespaceNotSupported', 400, 2),
  'encoding-option-error': row('EncodingOptionError', 400, 2),
  sensitive: row('Sensitive', 403, 6),
  'not-extractable': row('NotExtractable', 403, 6),
  'object-exists': row('ObjectAlreadyExists', 409, 5),
  'already-exists': row('IllegalOperation', 409, 5),
  // what the upstream and the offline policy say; never Item Not Found, which a client would take for a lost key
  'upstream-unreachable': row('GeneralFailure', 503, 7),
  'upstream-not-trusted': row('GeneralFailure', 502, 7),
  'upstream-refused': row('GeneralFailure', 502, 7),
  'lease-ended': row('GeneralFailure', 503, 7),
  'root-key-unusable': row('GeneralFailure', 503, 7),
  'wrapped-key-refused': row('GeneralFailure', 502, 7),
  // what an administrator has decided; not Item Not Found either
  suspended: row('PermissionDenied', 409, 5),
  // what only the operator can mend
  'server-not-running': row('GeneralFailure', 503, 3),
  'not-ready': row('GeneralFailure', 503, 3),
  'data-damaged': row('GeneralFailure', 500, 8),
  'storage-locked': row('GeneralFailure', 503, 8),
  'storage-full': row('GeneralFailure', 507, 8),
  internal: row('GeneralFailure', 500, 1, false),
} as const satisfies Record<string, KindRow>;

export type ErrorKind = keyof typeof errorKinds;
/** The KMIP Result Reasons that our kinds map to, by name. */
export type ReasonName = (typeof errorKinds)[ErrorKind]['reason'];

/** What KMIP 2.x calls a failure more exactly than its kind does (KMIP 2.1 section 11.45). */
export type FinerReason =
  | 'AttributeInstanceNotFound'
  | 'AttributeReadOnly'
  | 'AttributeSingleValued'
  | 'InvalidAttribute'
  | 'InvalidObjectType'
  | 'KeyWrapTypeNotSupported'
  | 'NonUniqueNameAttribute'
  | 'ObjectDestroyed'
  | 'ReadOnlyAttribute'
  | 'WrappingObjectArchived'
  | 'WrappingObjectNotFound';

export interface ErrorDetails {
  /** What the reader can do about it: one lower-case sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
  readonly finer?: FinerReason;
}

/**
 * A failure with a kind. The text is lower case, names the thing and the value, ends without a full stop, and never
 * holds key bytes, API keys or passphrases.
 */
export class EdgeError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly finer: FinerReason | undefined;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'EdgeError';
    this.kind = kind;
    this.hint = details.hint;
    this.finer = details.finer;
  }
}

/** True when `error` is an {@link EdgeError} of one of `kinds`. */
export const isKind = (error: unknown, ...kinds: readonly ErrorKind[]): error is EdgeError =>
  error instanceof EdgeError && kinds.includes(error.kind);

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
