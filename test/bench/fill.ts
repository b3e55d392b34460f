// Fills a stopped server's database with keys as Create would have made them, through the store's own port: 200,000 by
// way of KMIP would take minutes.

import { createSecretKey, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeptAttribute, ManagedObject } from '../../src/keys/object.ts';
import type { Store } from '../../src/keys/ports.ts';
import type { RootKey } from '../../src/keys/root-key-ports.ts';
import { attributeItem } from '../../src/kmip/attributes.ts';
import { CryptographicAlgorithm, ObjectType } from '../../src/kmip/enums.ts';
import { encodeItem } from '../../src/kmip/ttlv.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { openStorageKey } from '../../src/seal/storage-key.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { createLocalRootKey } from '../../src/upstream/local-root/local-root.ts';
import { keyLength } from './messages.ts';

/** Rows in one transaction. */
const chunk = 5000;

type Owner = Pick<ManagedObject, 'instanceId' | 'upstreamId'>;

/** The local root key of the first service instance. */
const openRootKey = async (store: Store, dataDirectory: string): Promise<{ rootKey: RootKey; owner: Owner }> => {
  const { key: storageKey } = await openStorageKey({ store, dataDirectory, environment: {}, now: Date.now() });
  const instance = store.instances.instances()[0];
  const name = `upstream ${instance?.upstreamId}`;
  const sealed = store.vault.sealedSecret(name);
  if (!instance || !sealed) throw new Error(`${dataDirectory} has no service instance: start the server on it once`);
  const key = createSecretKey(createSealer(storageKey).open(name, sealed));
  const { id: instanceId, upstreamId } = instance;
  return { rootKey: createLocalRootKey({ key, name: 'local root key' }), owner: { instanceId, upstreamId } };
};

/** Adds `count` keys, each with a Name of its own identifier; gives the file that their unique identifiers are in. */
export const fill = async (dataDirectory: string, count: number, named = false): Promise<string> => {
  const store = openSqliteStore(join(dataDirectory, 'kmip-edge.sqlite'));
  const { rootKey, owner } = await openRootKey(store, dataDirectory);
  // In their order each index grows at its end, which is several times as fast.
  const uids = Array.from({ length: count }, () => randomUUID()).toSorted();
  for (let at = 0; at < count; at += chunk) {
    const made = await Promise.all(uids.slice(at, at + chunk).map((uid) => makeObject(rootKey, owner, uid)));
    await store.write(({ objects }) => {
      for (const object of made) objects.insert(object, named ? [nameOf(object.uid)] : []);
    });
  }
  await store.close();
  const file = join(dataDirectory, 'bench-uids');
  writeFileSync(file, uids.join('\n'));
  return file;
};

const nameOf = (uid: string): KeptAttribute => ({
  name: 'Name',
  index: 0,
  value: encodeItem(attributeItem('Name', { NameValue: uid, NameType: 1 })),
});

const makeObject = async (rootKey: RootKey, owner: Owner, uid: string) => {
  const { wrapped } = await rootKey.generate(keyLength, uid);
  const now = Math.floor(Date.now() / 1000);
  return {
    uid,
    ...owner,
    objectType: ObjectType.SymmetricKey,
    cryptographicAlgorithm: CryptographicAlgorithm.AES,
    cryptographicLength: keyLength * 8,
    cryptographicUsageMask: 12,
    initialDate: now,
    lastChangeDate: now,
    wrapped,
  };
};
