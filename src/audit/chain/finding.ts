// What is wrong with a stretch of the audit trail.

export interface Finding {
  readonly kind: 'removed' | 'changed' | 'moved' | 'not-genuine' | 'cut-off';
  /** Sequence numbers of the records that it is about. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}
