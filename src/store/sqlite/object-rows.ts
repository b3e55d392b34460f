// Managed objects as rows: one table of columns, and both ways between a row and an object.

import type { ManagedObject } from '../../keys/object.ts';
import type { MaterialRow } from './material.ts';

export interface ObjectRow {
  readonly uid: string;
  readonly instance_id: string;
  readonly upstream_id: string;
  readonly missing_since: number | null;
  readonly object_type: number;
  readonly cryptographic_algorithm: number;
  readonly cryptographic_length: number;
  readonly cryptographic_usage_mask: number;
  readonly initial_date: number;
  readonly activation_date: number | null;
  readonly process_start_date: number | null;
  readonly protect_stop_date: number | null;
  readonly deactivation_date: number | null;
  readonly destroy_date: number | null;
  readonly compromise_occurrence_date: number | null;
  readonly compromise_date: number | null;
  readonly archive_date: number | null;
  readonly fresh: number | null;
  readonly last_change_date: number;
  readonly revocation_code: number | null;
  readonly revocation_message: string | null;
  readonly wrapped_version: string | null;
  readonly material_id: number | null;
}

/** A row with its material; nulls where it has none. */
export type FullRow = ObjectRow & { readonly [K in keyof MaterialRow]: MaterialRow[K] | null };

export const columns = [
  'uid',
  'instance_id',
  'upstream_id',
  'missing_since',
  'object_type',
  'cryptographic_algorithm',
  'cryptographic_length',
  'cryptographic_usage_mask',
  'initial_date',
  'activation_date',
  'process_start_date',
  'protect_stop_date',
  'deactivation_date',
  'destroy_date',
  'compromise_occurrence_date',
  'compromise_date',
  'archive_date',
  'fresh',
  'last_change_date',
  'revocation_code',
  'revocation_message',
  'wrapped_version',
  'material_id',
] as const satisfies readonly (keyof ObjectRow)[];

export const toRow = (object: ManagedObject, material: number | null): ObjectRow => ({
  uid: object.uid,
  instance_id: object.instanceId,
  upstream_id: object.upstreamId,
  missing_since: object.missingSince ?? null,
  object_type: object.objectType,
  cryptographic_algorithm: object.cryptographicAlgorithm,
  cryptographic_length: object.cryptographicLength,
  cryptographic_usage_mask: object.cryptographicUsageMask,
  initial_date: object.initialDate,
  activation_date: object.activationDate ?? null,
  process_start_date: object.processStartDate ?? null,
  protect_stop_date: object.protectStopDate ?? null,
  deactivation_date: object.deactivationDate ?? null,
  destroy_date: object.destroyDate ?? null,
  compromise_occurrence_date: object.compromiseOccurrenceDate ?? null,
  compromise_date: object.compromiseDate ?? null,
  archive_date: object.archiveDate ?? null,
  fresh: object.fresh === undefined ? null : Number(object.fresh),
  last_change_date: object.lastChangeDate,
  revocation_code: object.revocationReason?.code ?? null,
  revocation_message: object.revocationReason?.message ?? null,
  wrapped_version: object.wrapped?.version ?? null,
  material_id: material,
});

const revocationOf = (row: ObjectRow): ManagedObject['revocationReason'] => {
  if (row.revocation_code === null) return undefined;
  return row.revocation_message === null
    ? { code: row.revocation_code }
    : { code: row.revocation_code, message: row.revocation_message };
};

const wrappedOf = (row: FullRow): ManagedObject['wrapped'] => {
  if (!row.wrapped?.length) return undefined;
  const text = row.wrapped.toString();
  return row.wrapped_version === null ? { text } : { text, version: row.wrapped_version };
};

/** The object without the forms of its material. */
export const fromRow = (row: ObjectRow): ManagedObject => ({
  uid: row.uid,
  instanceId: row.instance_id,
  upstreamId: row.upstream_id,
  ...(row.missing_since === null ? {} : { missingSince: row.missing_since }),
  objectType: row.object_type,
  cryptographicAlgorithm: row.cryptographic_algorithm,
  cryptographicLength: row.cryptographic_length,
  cryptographicUsageMask: row.cryptographic_usage_mask,
  initialDate: row.initial_date,
  activationDate: row.activation_date ?? undefined,
  processStartDate: row.process_start_date ?? undefined,
  protectStopDate: row.protect_stop_date ?? undefined,
  deactivationDate: row.deactivation_date ?? undefined,
  destroyDate: row.destroy_date ?? undefined,
  compromiseOccurrenceDate: row.compromise_occurrence_date ?? undefined,
  compromiseDate: row.compromise_date ?? undefined,
  ...(row.archive_date === null ? {} : { archiveDate: row.archive_date }),
  ...(row.fresh === null ? {} : { fresh: row.fresh === 1 }),
  lastChangeDate: row.last_change_date,
  revocationReason: revocationOf(row),
});

export const fromFullRow = (row: FullRow): ManagedObject => ({
  ...fromRow(row),
  wrapped: wrappedOf(row),
  sealed: row.sealed?.length ? row.sealed : undefined,
});
