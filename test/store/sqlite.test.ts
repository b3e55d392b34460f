// The SQLite store does what every store must do.

import { join } from 'node:path';
import test from 'ava';
import type { Store } from '../../src/keys/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { testStore } from './conformance.ts';

testStore('sqlite', test, (t) => {
  const path = join(temporaryDirectory(t), 'store.sqlite');
  let store: Store = openSqliteStore(path);
  t.teardown(() => store.close());
  return {
    store,
    async reopen() {
      await store.close();
      store = openSqliteStore(path);
      return store;
    },
  };
});
