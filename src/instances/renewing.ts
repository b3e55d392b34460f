// Another key and certificate for a service instance that a KMIP endpoint knows by one that was made here, before that one
// ends. The new one waits, sealed, beside the one in use until the endpoint is seen to take it; then one transaction puts it
// in the other's place. A crash at any point leaves the one in use, old or new, and the same steps go on from there.

import { readCertificate } from '../ca/certificate.ts';
import { selfSignedClient } from '../ca/self-signed.ts';
import type { Credential } from '../ca/sign.ts';
import type { Clock } from '../clock.ts';
import { EdgeError } from '../errors.ts';
import type { ServiceInstance, Upstream } from '../keys/instance-ports.ts';
import type { Store } from '../keys/ports.ts';
import type { Sealer } from '../keys/seal-ports.ts';
import type { Log } from '../log.ts';
import { requireStaying } from './life.ts';
import { renewalName } from './open-authority.ts';
import type { InstanceRegistry } from './registry.ts';

export interface RenewingParts {
  readonly registry: InstanceRegistry;
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly log: Log;
}

/** How far a renewal is; the certificates are PEM. */
export type RenewalState =
  | { readonly state: 'none'; readonly inUse: string }
  /** `next` is not in use yet. */
  | { readonly state: 'waiting'; readonly inUse: string; readonly next: string }
  /** The new one is in use, and the endpoint may still know `former`. */
  | { readonly state: 'switched'; readonly inUse: string; readonly former: string };

/** As it rests in the vault. Of what was in use before no private key is kept. */
interface Kept {
  readonly certificatePem: string;
  /** Absent after the switch. */
  readonly privateKeyPem?: string;
}

/** Of a certificate that is uploaded once and then works until it ends. */
export const identityDays = 3650;

/** A key and certificate by which the endpoint of an instance is to know us. */
export const makeIdentity = (instance: string, now: number): Promise<Credential> =>
  selfSignedClient({ commonName: `kmip-edge ${instance}`.slice(0, 64), days: identityDays, now });

interface Renewed {
  readonly instance: ServiceInstance;
  readonly upstream: Upstream;
  readonly inUse: string;
}

export class Renewing {
  readonly #parts: RenewingParts;

  constructor(parts: RenewingParts) {
    this.#parts = parts;
  }

  /** Throws `item-not-found`, and `illegal-operation` for an instance whose upstream knows us by nothing made here. */
  state(name: string): RenewalState {
    return this.#stateOf(this.#renewed(name));
  }

  /**
   * Makes a new key and certificate, and keeps them for the switch; one that waits already is used, and after a switch that is
   * not finished nothing is made. Throws as {@link state}.
   */
  async begin(name: string): Promise<RenewalState> {
    const { store, sealer, clock, log } = this.#parts;
    const renewed = this.#renewed(name);
    const { instance, upstream } = renewed;
    requireStaying(instance);
    const before = this.#stateOf(renewed);
    if (before.state !== 'none') return before;
    const { certificatePem, privateKeyPem } = await makeIdentity(name, clock.now());
    const record = renewalName(upstream.id);
    const sealed = sealing(sealer, record, { certificatePem, privateKeyPem: privateKeyPem.reveal() });
    await store.write(({ vault, upstreams }) => {
      // Somebody else may have been quicker, and the instance may be gone.
      const exists = upstreams.upstreams().some(({ id }) => id === upstream.id);
      if (exists && !vault.sealedSecret(record)) vault.putSealedSecret(record, sealed);
    });
    log.info('a new identity for a KMIP endpoint waits', { instance: name });
    return this.state(name);
  }

  /**
   * Tries the new identity at the endpoint, and puts it in use where it is taken and reaches the same keys. What is under way
   * ends as it began, and nothing shows the identity before when this resolves. Throws what the endpoint's trial throws
   * (`upstream-unreachable` and `upstream-refused` while it is not known there yet), and `illegal-operation` where nothing
   * waits or the keys are not there; the identity in use stays so then.
   */
  async switch(name: string): Promise<RenewalState> {
    const { registry, sealer, log } = this.#parts;
    const renewed = this.#renewed(name);
    const { instance, upstream, inUse } = renewed;
    requireStaying(instance);
    const { certificatePem: certificate, privateKeyPem: privateKey } = this.#kept(upstream) ?? {};
    if (certificate === undefined || privateKey === undefined) {
      if (certificate !== undefined) return this.#stateOf(renewed);
      throw new EdgeError('illegal-operation', `no new identity of '${name}' waits`, {
        hint: `make one: 'kmip-edge instance renew-identity ${name}'`,
      });
    }
    const record = renewalName(upstream.id);
    const former = sealing(sealer, record, { certificatePem: inUse });
    await registry.replaceCredential(instance, upstream, { certificate, privateKey }, ({ vault }) => {
      if (openKept(sealer, record, vault.sealedSecret(record))?.certificatePem !== certificate) throw givenUp(name);
      vault.putSealedSecret(record, former);
    });
    log.info('a KMIP endpoint knows us by a new identity', { instance: name, sha256: fingerprintOf(certificate) });
    return this.state(name);
  }

  /** The identity before is forgotten: nothing is left to do about it. Throws `illegal-operation` before the switch. */
  async finish(name: string): Promise<RenewalState> {
    const renewed = this.#renewed(name);
    if (this.#stateOf(renewed).state === 'waiting') {
      throw new EdgeError('illegal-operation', `the new identity of '${name}' is not in use yet`, {
        hint: `go on with 'kmip-edge instance renew-identity ${name}', or give it up with --abandon`,
      });
    }
    return this.#forget(renewed);
  }

  /** Erases the identity that waits. Throws `illegal-operation` after the switch. */
  async abandon(name: string): Promise<RenewalState> {
    const renewed = this.#renewed(name);
    if (this.#stateOf(renewed).state === 'switched') {
      throw new EdgeError('illegal-operation', `the new identity of '${name}' is in use already`, {
        hint: `end it with 'kmip-edge instance renew-identity ${name}'`,
      });
    }
    return this.#forget(renewed);
  }

  async #forget({ instance, upstream, inUse }: Renewed): Promise<RenewalState> {
    const { store, sealer } = this.#parts;
    const record = renewalName(upstream.id);
    const seen = this.#kept(upstream)?.certificatePem;
    await store.write(
      ({ vault }) => {
        // A switch that went through meanwhile must not lose what is to be taken off.
        const now = openKept(sealer, record, vault.sealedSecret(record))?.certificatePem;
        if (now !== seen) throw givenUp(instance.name);
        vault.deleteSealedSecret(record);
      },
      { erase: true },
    );
    return { state: 'none', inUse };
  }

  #renewed(name: string): Renewed {
    const { registry } = this.#parts;
    const instance = registry.instanceNamed(name);
    // While its keys move away from an endpoint the instance has two upstreams.
    for (const upstream of registry.upstreamsOf(instance.id)) {
      const { certificate } = upstream.settings;
      if (typeof certificate === 'string') return { instance, upstream, inUse: certificate };
    }
    throw new EdgeError('illegal-operation', `service instance '${name}' is not at a KMIP endpoint`, {
      hint: 'only there are we known by a certificate that was made here',
    });
  }

  #stateOf({ upstream, inUse }: Renewed): RenewalState {
    const kept = this.#kept(upstream);
    if (!kept) return { state: 'none', inUse };
    const { certificatePem, privateKeyPem } = kept;
    return privateKeyPem === undefined
      ? { state: 'switched', inUse, former: certificatePem }
      : { state: 'waiting', inUse, next: certificatePem };
  }

  #kept({ id }: Upstream): Kept | undefined {
    const { store, sealer } = this.#parts;
    const record = renewalName(id);
    return openKept(sealer, record, store.vault.sealedSecret(record));
  }
}

const fingerprintOf = (pem: string): string => readCertificate(pem).fingerprintSha256;

const givenUp = (name: string): EdgeError =>
  new EdgeError('illegal-operation', `the renewal of the identity of '${name}' went another way meanwhile`, {
    hint: `see how it stands: 'kmip-edge instance renew-identity ${name} --state'`,
  });

const sealing = (sealer: Sealer, record: string, kept: Kept): Buffer => {
  const bytes = Buffer.from(JSON.stringify(kept));
  try {
    return sealer.seal(record, bytes);
  } finally {
    bytes.fill(0);
  }
};

const openKept = (sealer: Sealer, record: string, sealed: Buffer | undefined): Kept | undefined => {
  if (!sealed) return undefined;
  const bytes = sealer.open(record, sealed);
  try {
    return JSON.parse(bytes.toString()) as Kept;
  } finally {
    bytes.fill(0);
  }
};
