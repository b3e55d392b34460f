// Where the alarms come from: each function looks at one part of the appliance and says what is wrong there now and what to
// do. Adding a source is a function here, or one that another part hands to telemetry.

import { statfsSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import { type InstanceLife, lifeOf, remainingOf } from '../instances/life.ts';
import { renewalName } from '../instances/open-authority.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import type { ServiceInstance } from '../keys/instance-ports.ts';
import { mayServe } from '../keys/lease.ts';
import type { Store, StoreReader } from '../keys/ports.ts';
import type { AlarmSource, Finding } from '../telemetry/alarms.ts';
import type { DiskFacts } from '../telemetry/doctor/host.ts';

const hour = 3_600_000;
/** Below so much of an offline lease its end is near. */
const shortLease = 6 * hour;

/** What is wrong with the service instances and their upstreams. */
export const instanceAlarms =
  (registry: InstanceRegistry): AlarmSource =>
  () =>
    registry.instances().flatMap((instance) => alarmsOf(instance, registry));

const alarmsOf = (instance: ServiceInstance, registry: InstanceRegistry): readonly Finding[] => {
  const { name: subject, upstreamId } = instance;
  const about = { subject, page: `instances/${subject}` } as const;
  const life = lifeOf(instance);
  if (life !== 'active') return [haltedAlarm(instance, life)];
  const authority = registry.startedAuthority(upstreamId);
  if (!authority) {
    const what = `service instance '${subject}' could not be started: its keys are not served`;
    return [{ ...about, name: 'instance-not-started', severity: 'critical', what, todo: 'See the log of the start.' }];
  }
  const { upstream, rootKey, lease, serving, alarms } = authority.status();
  const found: Finding[] = [];
  const command = 'kmip-edge instance list';
  if (!mayServe(rootKey.state)) {
    const what = `the root key of '${subject}' is ${rootKey.state}: its keys are not served`;
    const todo = 'Enable the root key in Key Protect, if it was not disabled on purpose.';
    found.push({ ...about, name: 'root-key-unusable', severity: 'critical', what, todo, command });
  } else if (!serving) {
    const what = `the offline lease of '${subject}' has ended: its keys are not served until the upstream answers`;
    const todo = upstream.hint ?? 'Make the upstream reachable.';
    found.push({ ...about, name: 'lease-ended', severity: 'critical', what, todo, command: 'kmip-edge doctor' });
  } else if (!upstream.reachable) {
    const what = `the upstream of '${subject}' is unreachable: ${upstream.problem ?? 'no answer'}; ${leftOf(lease.remaining)}`;
    const todo = upstream.hint ?? 'Make the upstream reachable.';
    const isShort = lease.remaining !== 'unlimited' && lease.remaining < Math.min(shortLease, Number(lease.term) / 2);
    const severity = isShort ? 'critical' : 'warning';
    found.push({ ...about, name: 'upstream-unreachable', severity, what, todo, command: 'kmip-edge doctor' });
  }
  if (alarms.length > 0) {
    const what = `'${subject}': ${alarms.join('; ')}`;
    found.push({ ...about, name: 'endpoint', severity: 'warning', what, todo: 'See the service instance.', command });
  }
  return found;
};

/** Somebody wanted it so; it is said because nothing else shows why keys are not served. */
const haltedAlarm = ({ name: subject, removal }: ServiceInstance, life: Exclude<InstanceLife, 'active'>): Finding => {
  const about = { subject, page: `instances/${subject}`, severity: 'info' } as const;
  if (life === 'suspended' || !removal) {
    const what = `service instance '${subject}' is suspended: its keys are not served`;
    const todo = 'Resume it when its keys are to be served again.';
    return { ...about, name: 'instance-suspended', what, todo, command: `kmip-edge instance resume ${subject}` };
  }
  if (life === 'erasing') {
    const what = `service instance '${subject}' is being removed`;
    return { ...about, name: 'instance-erasing', what, todo: 'Nothing: this ends by itself.' };
  }
  const hours = Math.ceil(remainingOf(removal) / hour);
  const what = `service instance '${subject}' and all its keys are erased in ${hours} h`;
  const todo = 'Take the removal back if its keys are still needed.';
  const command = `kmip-edge instance restore ${subject}`;
  return { ...about, name: 'instance-removal', severity: 'warning', what, todo, command };
};

const leftOf = (remaining: number | 'unlimited'): string => {
  if (remaining === 'unlimited') return 'stored keys are served without limit';
  const minutes = Math.floor(remaining / 60_000);
  const left = minutes >= 120 ? `${Math.floor(minutes / 60)} h` : `${minutes} min`;
  return `stored keys are served for ${left} more`;
};

/** A renewal of our identity at a KMIP endpoint that was begun and not ended: whoever began it may have been called away. */
export const renewalAlarms =
  (registry: InstanceRegistry, { vault }: Pick<StoreReader, 'vault'>): AlarmSource =>
  () =>
    registry.instances().flatMap(({ id, name: subject }) => {
      if (!registry.upstreamsOf(id).some((upstream) => vault.sealedSecret(renewalName(upstream.id)))) return [];
      const about = { name: 'renewal-unfinished', subject, severity: 'info', page: `instances/${subject}` } as const;
      const what = `the renewal of our certificate at the KMIP endpoint of '${subject}' is not finished`;
      const todo = 'Go on with it: the command says what is left to do.';
      return [{ ...about, what, todo, command: `kmip-edge instance renew-identity ${subject}` }];
    });

/** One credential file alone opens the data: losing it would lose every key, where there are any. */
export const sealAlarms =
  ({ slots, instances, objects }: StoreReader): AlarmSource =>
  () => {
    if (slots.slots().some(({ kind }) => kind === 'passphrase')) return [];
    const hasKeys = instances.instances().some(({ id: instanceId }) => {
      for (const _ of objects.search({ instanceId, attributes: [] })) return true;
      return false;
    });
    return [
      {
        name: 'no-recovery-passphrase',
        subject: '',
        severity: hasKeys ? 'warning' : 'info',
        what: 'there is no recovery passphrase: without the credential file nothing opens the stored keys',
        todo: 'Set a recovery passphrase, and keep it away from this machine.',
        command: 'kmip-edge seal passphrase --file FILE',
        page: 'set-up',
      },
    ];
  };

/** A change that could not be stored: until one can, no key can be made or changed. */
export const storeAlarms =
  ({ unstored }: Pick<Store, 'unstored'>): AlarmSource =>
  () => {
    const problem = unstored();
    if (problem === undefined) return [];
    const what = `changes cannot be stored: ${problem}; keys that are there are served`;
    const todo = 'Look at the disk that the data lies on.';
    const about = { subject: '', page: 'appliance', command: 'kmip-edge doctor' } as const;
    return [{ ...about, name: 'store-not-writable', severity: 'critical', what, todo }];
  };

const mebibyte = 1024 * 1024;

/** The disk that the data lies on. */
export const diskAlarms =
  (dataDirectory: string, statfs: (path: string) => DiskFacts = statfsSync): AlarmSource =>
  () => {
    const { bavail, blocks, bsize, ffree, files } = statfs(dataDirectory);
    const free = bavail * bsize;
    const share = blocks > 0 ? bavail / blocks : 1;
    const about = { subject: dataDirectory, page: 'appliance', command: 'kmip-edge doctor' } as const;
    const todo = 'Free space on the disk, or enlarge it: with a full disk no key can be made.';
    const isLow = free < 64 * mebibyte;
    if (isLow || free < 512 * mebibyte || share < 0.05) {
      const what = `the data disk has ${Math.floor(free / mebibyte)} MiB left (${Math.floor(share * 100)} %)`;
      return [{ ...about, name: 'disk-space', severity: isLow ? 'critical' : 'warning', what, todo }];
    }
    // Some file systems have no fixed number of files, and say 0.
    if (files > 0 && ffree < 1000) {
      const what = `the data disk has room for ${ffree} more files`;
      return [{ ...about, name: 'disk-files', severity: 'warning', what, todo: 'Remove files that are not needed.' }];
    }
    return [];
  };

/** How far the wall clock may move against the monotonic one before that is said, milliseconds. */
const largestJump = 2 * 60_000;
/** For how long it is said. */
const jumpTime = 24 * hour;

/** A wall clock that was set while the server ran: leases, certificates and the audit trail all read it. */
export const clockAlarms = (clock: Clock): AlarmSource => {
  const offset = () => clock.now() - clock.monotonic();
  let known = offset();
  let jump: { readonly by: number; readonly at: number; readonly until: number } | undefined;
  return () => {
    const by = offset() - known;
    if (Math.abs(by) > largestJump) jump = { by, at: clock.now(), until: clock.monotonic() + jumpTime };
    // A clock that is slewed drifts; only what happens between two looks is a jump.
    known = offset();
    if (!jump || clock.monotonic() > jump.until) return [];
    const what = `the clock was set ${jump.by > 0 ? 'forward' : 'back'} by ${Math.round(Math.abs(jump.by) / 1000)} s`;
    const todo = 'Check the time and what sets it: leases and certificates depend on it.';
    const about = { subject: '', severity: 'warning', page: 'appliance', command: 'kmip-edge doctor' } as const;
    return [{ ...about, name: 'clock-set', what, todo, since: jump.at }];
  };
};
