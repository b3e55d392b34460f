// What rests encrypted: how it is sealed under the storage key, where sealed values are kept by name, and what opens the
// storage key itself. The vault and the slots are a part of the store, as ports.ts has the rest.

/** Sealed values by name: private keys of our certificate authority, upstream credentials, local root keys. */
export interface VaultReader {
  sealedSecret(name: string): Buffer | undefined;
  names(): readonly string[];
  isEmpty(): boolean;
}

export interface VaultWriter extends VaultReader {
  putSealedSecret(name: string, sealed: Buffer): void;
  deleteSealedSecret(name: string): void;
}

/** How the storage key is wrapped, once for each way to open it. */
export interface SealSlot {
  readonly id: string;
  readonly kind: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly wrapped: Buffer;
  readonly createdAt: number;
}

export interface SlotReader {
  slots(): readonly SealSlot[];
}

export interface SlotWriter extends SlotReader {
  putSlot(slot: SealSlot): void;
  deleteSlot(id: string): boolean;
}

/** Encrypts what rests on disk under the storage key. `identity` names the record; what was sealed for one opens for no other. */
export interface Sealer {
  seal(identity: string, plaintext: Buffer): Buffer;
  /** Throws `data-damaged` for anything that was not sealed by us for this identity. The caller wipes the result. */
  open(identity: string, sealed: Buffer): Buffer;
}
