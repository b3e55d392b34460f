// How a client names itself inside a message (KMIP 1.4 sections 2.1.2, 2.1.14 and 6.6). Decoded and not looked at: who a
// client is follows from its certificate. A password is a plain string here, and goes no further.

import { anyItem, bytes, type Codec, enumeration, type Infer, text, undecoded } from './codec.ts';
import { CredentialType } from './enums.ts';
import type { Item } from './item.ts';
import { one, optional, some, struct } from './schema.ts';
import { Tag } from './tags.ts';

/** Section 2.1.2. */
export const UsernameAndPassword = struct({ Username: one(text), Password: optional(text) });
export type UsernameAndPassword = Infer<typeof UsernameAndPassword>;

/** Section 2.1.2: a user name and password, or another credential, kept as an item. */
export type Credential =
  | {
      readonly CredentialType: typeof CredentialType.UsernameAndPassword;
      readonly CredentialValue: UsernameAndPassword;
    }
  | {
      readonly CredentialType: Exclude<CredentialType, typeof CredentialType.UsernameAndPassword>;
      readonly CredentialValue: Item;
    };

const AnyCredential = struct({
  CredentialType: one(enumeration(CredentialType)),
  CredentialValue: one(undecoded),
});

export const Credential: Codec<Credential> = {
  decode(source, at) {
    const { CredentialType: type, CredentialValue: value } = AnyCredential.decode(source, at);
    const inside = { bytes: value, version: source.version, depth: source.depth + 1 };
    return type === CredentialType.UsernameAndPassword
      ? { CredentialType: type, CredentialValue: UsernameAndPassword.decode(inside, 0) }
      : { CredentialType: type, CredentialValue: anyItem.decode(inside, 0) };
  },
  encode(writer, tag, value) {
    const start = writer.open(tag);
    enumeration(CredentialType).encode(writer, Tag.CredentialType, value.CredentialType);
    if (value.CredentialType === CredentialType.UsernameAndPassword) {
      UsernameAndPassword.encode(writer, Tag.CredentialValue, value.CredentialValue);
    } else {
      anyItem.encode(writer, Tag.CredentialValue, value.CredentialValue);
    }
    writer.close(start);
  },
};

/** Section 6.6. One credential before 1.2, several since. */
export const Authentication = struct({ Credential: some(Credential) });
export type Authentication = Infer<typeof Authentication>;

/** Section 2.1.14. */
export const Nonce = struct({ NonceID: one(bytes), NonceValue: one(bytes) });
