// The life of a service instance: active, suspended, waiting for its removal, being erased. Only an active one serves keys.

import { EdgeError } from '../errors.ts';
import type { ServiceInstance } from '../keys/instance-ports.ts';
import type { Removal } from '../keys/removal-ports.ts';

export type InstanceLife = 'active' | 'suspended' | 'removal-pending' | 'erasing';

export const lifeOf = ({ suspendedAt, removal }: Pick<ServiceInstance, 'suspendedAt' | 'removal'>): InstanceLife => {
  if (removal) return removal.erasing ? 'erasing' : 'removal-pending';
  return suspendedAt === undefined ? 'active' : 'suspended';
};

/** Milliseconds until an instance may be erased. */
export const remainingOf = ({ wait, waited }: Removal): number => Math.max(0, wait - waited);

/** Throws `suspended` for an instance whose keys are not served, and says why. */
export const requireActive = (instance: ServiceInstance): void => {
  const life = lifeOf(instance);
  if (life === 'active') return;
  throw new EdgeError('suspended', `service instance '${instance.name}' ${reasons[life]}`, { hint: hints[life] });
};

/** Throws `illegal-operation` for an instance whose removal was asked for: nothing about it may change. */
export const requireStaying = (instance: ServiceInstance): void => {
  const life = lifeOf(instance);
  if (life === 'active' || life === 'suspended') return;
  throw new EdgeError('illegal-operation', `service instance '${instance.name}' ${reasons[life]}`, {
    hint: hints[life],
  });
};

type Halted = Exclude<InstanceLife, 'active'>;

const reasons: Readonly<Record<Halted, string>> = {
  suspended: 'is suspended: its keys exist and are not served',
  'removal-pending': 'waits for its removal: its keys exist and are not served',
  erasing: 'is being removed',
};

const hints: Readonly<Record<Halted, string>> = {
  suspended: "an administrator can resume it: 'kmip-edge instance resume NAME'",
  'removal-pending': "an administrator can take that back: 'kmip-edge instance restore NAME'",
  erasing: 'its keys are being erased, which cannot be taken back',
};
