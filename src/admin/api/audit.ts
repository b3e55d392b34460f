// The audit trail: its records, its verification, and its export.

import { boolean, count, list, moment, nothing, type Of, object, oneOf, type Routes, string } from './schema.ts';

const term = { type: 'string', minLength: 1, maxLength: 256 } as const;
const outcome = oneOf('success', 'refused', 'failed');

const auditRecord = object(
  {
    sequence: count,
    time: moment,
    /** As KMIP for VMware on IBM Cloud calls it in Activity Tracker, or a name of ours. */
    event: string,
    operation: string,
    outcome,
    served: oneOf('memory', 'store', 'upstream'),
    by: oneOf('client', 'box', 'user', 'token', 'nobody', 'server'),
    name: string,
    role: string,
    /** Of a client's certificate. */
    fingerprint: string,
    address: string,
    instance: string,
    instanceId: string,
    key: string,
    reason: string,
    problem: string,
    subject: { type: 'object', additionalProperties: string },
  },
  ['served', 'role', 'fingerprint', 'instance', 'instanceId', 'key', 'reason', 'problem', 'subject'],
);
export type AuditRecordView = Of<typeof auditRecord>;

/** What the server signed: so far the trail went then. */
const checkpoint = object({
  number: count,
  sequence: count,
  time: moment,
  hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  signature: { type: 'string', maxLength: 128 },
});
export type CheckpointView = Of<typeof checkpoint>;

const finding = object({
  kind: oneOf('removed', 'changed', 'moved', 'not-genuine', 'cut-off'),
  from: count,
  to: count,
  text: string,
});

const verification = object(
  {
    running: boolean,
    startedAt: moment,
    endedAt: moment,
    /** The last record seen, and the last one there was at the start. */
    done: count,
    total: count,
    report: object({
      intact: boolean,
      findings: list(finding),
      /** All of them; the list is bounded. */
      found: count,
      records: count,
      segments: count,
      checkpoints: count,
      /** The last record that a checkpoint covers. */
      signedTo: count,
    }),
    problem: string,
  },
  ['endedAt', 'report', 'problem'],
);
export type VerificationView = Of<typeof verification>;

const auditStatus = object(
  {
    /** Sequence numbers of the first record that is kept, and of the last one. */
    first: count,
    last: count,
    /** In bytes, about. */
    size: count,
    publicKey: string,
    /** SHA-256 of the public key. */
    fingerprint: string,
    checkpoint,
    verification,
  },
  ['checkpoint', 'verification'],
);
export type AuditStatusView = Of<typeof auditStatus>;

export const auditRoutes = {
  'audit.list': {
    method: 'GET',
    path: '/v1/audit',
    role: 'read-only',
    summary:
      'Audit records: the newest first, those before a sequence number, or from one on; next says where to go on.',
    input: object(
      {
        since: moment,
        until: moment,
        client: term,
        instance: term,
        key: term,
        event: term,
        outcome,
        before: count,
        after: count,
        limit: { type: 'integer', minimum: 1, maximum: 1000 },
      },
      ['since', 'until', 'client', 'instance', 'key', 'event', 'outcome', 'before', 'after', 'limit'],
    ),
    output: object({ records: list(auditRecord), next: count }, ['next']),
  },
  'audit.status': {
    method: 'GET',
    path: '/v1/audit/status',
    role: 'read-only',
    summary: 'How far the audit trail goes, the public key of its checkpoints, and the last verification.',
    input: nothing,
    output: auditStatus,
  },
  'audit.verify': {
    method: 'POST',
    path: '/v1/audit/verify',
    role: 'read-only',
    summary:
      'Begins to verify the audit trail, unless that is under way; a checkpoint that was kept elsewhere is met too.',
    input: object({ checkpoint }, ['checkpoint']),
    output: verification,
  },
  'audit.checkpoint': {
    method: 'POST',
    path: '/v1/audit/checkpoint',
    role: 'operator',
    summary:
      'Signs how far the audit trail goes now. Kept elsewhere, it proves later that nothing before it was touched.',
    input: nothing,
    output: checkpoint,
  },
  'audit.export': {
    method: 'GET',
    path: '/v1/audit/export',
    role: 'read-only',
    summary:
      'The audit trail as JSON lines that stand for themselves: records, and the hashes and checkpoints over them.',
    input: object({ since: moment, until: moment }, ['since', 'until']),
    output: { type: 'string' },
    media: 'application/jsonl; charset=utf-8',
  },
} as const satisfies Routes;
