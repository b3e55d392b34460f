// The routes about the audit trail.

import { Readable } from 'node:stream';
import type { Audit } from '../audit/audit.ts';
import { checkpointText, readCheckpoint } from '../audit/chain/checkpoint.ts';
import { exportTrail } from '../audit/export.ts';
import { searchTrail } from '../audit/search.ts';
import type { VerificationState } from '../audit/verification.ts';
import type { Clock } from '../clock.ts';
import { EdgeError } from '../errors.ts';
import type { Store } from '../keys/ports.ts';
import type { AuditStatusView, VerificationView } from './api/audit.ts';
import type { Handlers } from './routes.ts';

export interface AuditTools {
  readonly audit: Audit;
  readonly store: Store;
  readonly clock: Clock;
}

type AuditHandlers = Pick<
  Handlers,
  'audit.list' | 'audit.status' | 'audit.verify' | 'audit.checkpoint' | 'audit.export'
>;

const defaultLimit = 100;

export const auditHandlers = ({ audit, store, clock }: AuditTools): AuditHandlers => ({
  'audit.list': ({ since, until, before, after, limit = defaultLimit, ...filter }) => {
    if (before !== undefined && after !== undefined) {
      throw new EdgeError('invalid-field', 'records are asked for before or after a sequence number, not both');
    }
    const times = { since: timeOf('since', since), until: timeOf('until', until) };
    return searchTrail(store.trail, { ...filter, ...times }, { before, after, limit });
  },
  'audit.status': () => statusView({ audit, store, clock }),
  'audit.verify': ({ checkpoint }) => {
    const expected = checkpoint === undefined ? undefined : readCheckpoint(checkpoint);
    if (checkpoint !== undefined && !expected) throw new EdgeError('invalid-field', 'the checkpoint cannot be read');
    return verificationView(audit.verification.begin(expected ? [expected] : []));
  },
  'audit.checkpoint': async () => {
    const made = await audit.trail.checkpoint();
    if (!made) throw new EdgeError('internal', 'no checkpoint was made');
    return checkpointText(made);
  },
  'audit.export': ({ since, until }) => {
    const range = { since: timeOf('since', since), until: timeOf('until', until) };
    const pieces = exportTrail({ trail: store.trail, keys: audit.keys }, range, clock.now());
    return Readable.from(pieces, { objectMode: false });
  },
});

const timeOf = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new EdgeError('invalid-field', `${name} is not a moment: ${text.slice(0, 60)}`, {
    hint: "write it like '2026-11-25T14:00:00Z'",
  });
};

const statusView = ({ audit, store: { trail } }: AuditTools): AuditStatusView => {
  const checkpoint = trail.lastCheckpoint();
  const { state } = audit.verification;
  return {
    first: Math.min((trail.front()?.sequence ?? 0) + 1, audit.trail.last),
    last: audit.trail.last,
    size: trail.size(),
    publicKey: audit.keys.publicKeyPem,
    fingerprint: audit.keys.fingerprint,
    ...(checkpoint ? { checkpoint: checkpointText(checkpoint) } : {}),
    ...(state ? { verification: verificationView(state) } : {}),
  };
};

const verificationView = ({ startedAt, endedAt, ...state }: VerificationState): VerificationView => ({
  ...state,
  startedAt: new Date(startedAt).toISOString(),
  ...(endedAt === undefined ? {} : { endedAt: new Date(endedAt).toISOString() }),
});
