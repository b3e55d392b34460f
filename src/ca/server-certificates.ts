// The server certificate through its life. vCenter pins what it is shown, so nothing is ever replaced by itself: the next
// certificate is made, signed or brought beside the one in service, its fingerprints are told to whoever has to know them,
// and only then it is put into service. Private keys stay here.

import { X509Certificate } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Damage } from '../damage.ts';
import { EdgeError } from '../errors.ts';
import { Secret } from '../secret.ts';
import { displayFingerprint, fingerprintOf } from './fingerprint.ts';
import {
  type CredentialStorage,
  encode,
  loadAuthority,
  loadRequest,
  loadServer,
  makeAuthority,
  makeServerCertificate,
  type PendingRequest,
  records,
  serverDays,
  serverNames,
} from './identity.ts';
import { serverExtensions } from './issue.ts';
import { type KeyType, makeKeyPair } from './key-pair.ts';
import { readPkcs12 } from './pkcs12.ts';
import {
  checkedCredential,
  type GivenCertificate,
  readPrivateKey,
  type ServerCredential,
} from './server-credential.ts';
import { type Credential, signRequest } from './sign.ts';

export interface ServerCertificatesParts {
  readonly storage: CredentialStorage;
  readonly clock: Clock;
  /** Further DNS names and addresses, unless others are asked for. */
  readonly names: readonly string[];
  readonly keyType: KeyType;
  readonly damage: Damage;
}

export interface Renewal {
  readonly names?: readonly string[] | undefined;
  readonly keyType?: KeyType | undefined;
  readonly days?: number | undefined;
  /** Makes a new authority as well. Certificates that the old one signed stay admitted: they are pinned. */
  readonly newAuthority?: boolean | undefined;
}

export interface NewRequest {
  readonly commonName?: string | undefined;
  /** Before the common name, by node-forge's names. */
  readonly further?: Readonly<Record<string, string>>;
  readonly names?: readonly string[] | undefined;
  readonly keyType?: KeyType | undefined;
}

export type Usher = (credential: ServerCredential) => void;

interface State {
  readonly authority: Credential;
  readonly current: ServerCredential;
  readonly next?: ServerCredential | undefined;
  readonly request?: PendingRequest | undefined;
}

/** In the place of an authority that is damaged: nothing can be signed by it. */
const lost: Credential = { certificatePem: '', privateKeyPem: new Secret('') };

const meanings = {
  [records.authority]:
    "no certificate can be issued or signed; 'kmip-edge certificate renew --new-authority' makes a new authority, and what the old one signed stays admitted",
  [records.next]: 'the next server certificate is lost: make it, or bring it, anew',
  [records.request]: 'the signing request is lost: no certificate that is made of it can be installed',
} as const;

const inRecord = (name: string): string => `record ${name}`;

/** The stored certificates; what is missing is made. Of what is damaged only the one in service is needed. */
export const openServerCertificates = async (parts: ServerCertificatesParts): Promise<ServerCertificates> => {
  const { storage, clock, names, keyType, damage } = parts;
  const readable = <T>(name: keyof typeof meanings, read: () => T, instead: T): T =>
    damage.orElse(inRecord(name), meanings[name], read, instead);
  const stored = {
    authority: readable(records.authority, () => loadAuthority(storage), lost),
    current: loadServer(storage, records.current),
  };
  const authority = stored.authority ?? (await makeAuthority(keyType, clock.now()));
  const made = { names, keyType, days: serverDays, now: clock.now() };
  const current = stored.current ?? (await makeServerCertificate(authority, made));
  if (!stored.authority || !stored.current) {
    await storage.change({ [records.authority]: encode(authority), [records.current]: encode(current) });
  }
  const next = readable(records.next, () => loadServer(storage, records.next), undefined);
  const request = readable(records.request, () => loadRequest(storage), undefined);
  return new ServerCertificates(parts, { authority, current, next, request });
};

export class ServerCertificates {
  readonly #parts: ServerCertificatesParts;
  readonly #ushers: Usher[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #state: State;

  constructor(parts: ServerCertificatesParts, state: State) {
    this.#parts = parts;
    this.#state = state;
  }

  /** Empty where it is damaged: whatever is to be signed by it is refused as `data-damaged`. */
  get authority(): Credential {
    return this.#state.authority;
  }

  /** In service. */
  get current(): ServerCredential {
    return this.#state.current;
  }

  /** Waits to be put into service. */
  get next(): ServerCredential | undefined {
    return this.#state.next;
  }

  /** Waits for the certificate that another authority makes of it. */
  get request(): PendingRequest | undefined {
    return this.#state.request;
  }

  /** Calls `usher` with each certificate that is put into service from now on. */
  onActivate(usher: Usher): void {
    this.#ushers.push(usher);
  }

  /** Makes the next certificate by our own authority. Throws `illegal-operation` where one waits already. */
  renew(wanted: Renewal): Promise<void> {
    return this.#inTurn(async () => {
      this.#requireNoNext();
      const { clock } = this.#parts;
      const [names, keyType, now] = [this.#namesOf(wanted), wanted.keyType ?? this.#parts.keyType, clock.now()];
      const authority = wanted.newAuthority ? await makeAuthority(keyType, now) : this.authority;
      const days = wanted.days ?? serverDays;
      const next = await makeServerCertificate(authority, { names, keyType, days, now });
      await this.#change({ ...this.#state, authority, next });
    });
  }

  /** Makes a key and a signing request for another authority, in place of a request that waited. Gives the request. */
  ask(wanted: NewRequest): Promise<string> {
    return this.#inTurn(async () => {
      this.#requireNoNext();
      const names = this.#namesOf(wanted);
      const subject = {
        ...serverNames(names),
        ...(wanted.commonName !== undefined && { commonName: wanted.commonName }),
      };
      const { publicKeyPem, privateKeyPem } = await makeKeyPair(wanted.keyType ?? this.#parts.keyType);
      const extensions = serverExtensions(publicKeyPem, subject);
      const { commonName } = subject;
      const draft = { commonName, publicKeyPem, extensions, ...(wanted.further && { further: wanted.further }) };
      const requestPem = await signRequest(draft, privateKeyPem);
      await this.#change({ ...this.#state, request: { requestPem, privateKeyPem, names } });
      return requestPem;
    });
  }

  /** Takes the certificate that was made of the request as the next one. Throws `invalid-field`, `item-not-found`. */
  install(given: GivenCertificate): Promise<void> {
    return this.#inTurn(async () => {
      this.#requireNoNext();
      const { request } = this.#state;
      if (!request) {
        throw new EdgeError('item-not-found', 'no signing request waits for a certificate', {
          hint: "make one with 'kmip-edge certificate request', or bring the key as well: 'kmip-edge certificate import'",
        });
      }
      const checked = checkedCredential(given, request.privateKeyPem, this.#parts.clock.now());
      await this.#change({ ...this.#state, next: { ...checked, names: request.names }, request: undefined });
    });
  }

  /** Takes a key and certificate that were made elsewhere as the next ones. Throws `invalid-field`. */
  importPem(given: GivenCertificate & { readonly privateKey: string }, passphrase?: Secret): Promise<void> {
    return this.#inTurn(async () => {
      this.#requireNoNext();
      await this.#bring(given, readPrivateKey(given.privateKey, passphrase));
    });
  }

  /** The same from a PKCS #12 file. Throws `invalid-field`. */
  importPkcs12(bytes: Buffer, passphrase: Secret): Promise<void> {
    return this.#inTurn(async () => {
      this.#requireNoNext();
      const { certificatePem, privateKeyPem, others } = await readPkcs12(bytes, passphrase);
      await this.#bring({ certificate: certificatePem, chain: others.join('') }, privateKeyPem);
    });
  }

  async #bring(given: GivenCertificate, privateKeyPem: Secret): Promise<void> {
    const next = checkedCredential(given, privateKeyPem, this.#parts.clock.now());
    await this.#change({ ...this.#state, next });
  }

  /**
   * Puts the next certificate into service, at once. `sha256` names it, so that nobody activates what he has not seen.
   * Throws `item-not-found` where none waits, `invalid-field` for the fingerprint of another.
   */
  activate(sha256: string): Promise<void> {
    return this.#inTurn(async () => {
      const { next } = this.#state;
      if (!next) {
        throw new EdgeError('item-not-found', 'no next server certificate waits', {
          hint: "make one with 'kmip-edge certificate renew'",
        });
      }
      const fingerprint = fingerprintOf(new X509Certificate(next.certificatePem).raw);
      if (sha256.replaceAll(/[\s:]/g, '').toLowerCase() !== fingerprint) {
        throw new EdgeError('invalid-field', 'the fingerprint is not that of the next server certificate', {
          hint: `that has the SHA-256 fingerprint ${displayFingerprint(fingerprint)}`,
        });
      }
      await this.#change({ ...this.#state, current: next, next: undefined });
      for (const usher of this.#ushers) usher(next);
    });
  }

  /** Takes the next certificate away, or else the request that waits. Throws `item-not-found` where there is neither. */
  discard(): Promise<void> {
    return this.#inTurn(async () => {
      const { next, request } = this.#state;
      if (!next && !request) throw new EdgeError('item-not-found', 'neither a next certificate nor a request waits');
      await this.#change({ ...this.#state, next: undefined, request: next ? request : undefined });
    });
  }

  /** One act after the other: each begins with what the one before left. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Those that were asked for last stay. */
  #namesOf({ names }: Pick<Renewal, 'names'>): readonly string[] {
    return [...new Set([...this.#parts.names, ...(names ?? this.current.names)])];
  }

  #requireNoNext(): void {
    if (!this.#state.next) return;
    throw new EdgeError('illegal-operation', 'a next server certificate waits already', {
      hint: "put it into service with 'kmip-edge certificate activate', or take it away with 'kmip-edge certificate discard'",
    });
  }

  async #change(state: State): Promise<void> {
    const { storage, damage } = this.#parts;
    // What stays is not written: a record that is damaged may be mended yet.
    const changed = (Object.keys(records) as (keyof State)[]).filter((part) => state[part] !== this.#state[part]);
    const encoded = changed.map((part) => [records[part], state[part] && encode(state[part])] as const);
    await storage.change(Object.fromEntries(encoded));
    for (const [name] of encoded) damage.mended(inRecord(name));
    this.#state = state;
  }
}
