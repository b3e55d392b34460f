// Checkpoints: what the server signs about its audit trail, and how anybody with the public key can tell whether it did.

import { type KeyObject, sign, verify } from 'node:crypto';
import type { Checkpoint } from '../../keys/audit-ports.ts';

/** `tail`: the trail went as far as this. `front`: what is before this was dropped, because it had been kept long enough. */
export type CheckpointKind = 'tail' | 'front';

/** A checkpoint as JSON has it. */
export interface CheckpointText {
  readonly number: number;
  readonly sequence: number;
  readonly time: string;
  readonly hash: string;
  readonly signature: string;
}

/** What is signed: nothing of the server's key signs any other text that begins like this. */
const signedText = (kind: CheckpointKind, { number, sequence, time, hash }: Omit<Checkpoint, 'signature'>): Buffer =>
  Buffer.from(`kmip-edge audit checkpoint 1\n${kind}\n${number} ${sequence} ${time} ${hash.toString('hex')}\n`);

export const signCheckpoint = (
  kind: CheckpointKind,
  unsigned: Omit<Checkpoint, 'signature'>,
  privateKey: KeyObject,
): Checkpoint => ({ ...unsigned, signature: sign(null, signedText(kind, unsigned), privateKey) });

export const isGenuine = (kind: CheckpointKind, checkpoint: Checkpoint, publicKey: KeyObject): boolean =>
  verify(null, signedText(kind, checkpoint), publicKey, checkpoint.signature);

export const checkpointText = ({ number, sequence, time, hash, signature }: Checkpoint): CheckpointText => ({
  number,
  sequence,
  time: new Date(time).toISOString(),
  hash: hash.toString('hex'),
  signature: signature.toString('base64'),
});

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** The checkpoint in `value`, or undefined for anything else. */
export const readCheckpoint = (value: unknown): Checkpoint | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { number, sequence, time, hash, signature } = value as Readonly<Record<string, unknown>>;
  const at = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (!isCount(number) || !isCount(sequence) || Number.isNaN(at)) return undefined;
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash) || typeof signature !== 'string') return undefined;
  return { number, sequence, time: at, hash: Buffer.from(hash, 'hex'), signature: Buffer.from(signature, 'base64') };
};
