// The table of the console's pages: each can be opened, and what opens the machine or changes what it holds needs a password.

import test from 'ava';
import { pages } from '../../src/console/pages.ts';

for (const { label, load } of pages) {
  test(`'${label}' can be loaded`, async (t) => {
    t.is(typeof (await load()), 'function');
  });
}

test('each label is there once, one page comes first, and one has the key that the status screen names', (t) => {
  const labels = pages.map(({ label }) => label);
  t.is(new Set(labels).size, labels.length);
  t.is(pages.filter(({ isFirst }) => isFirst).length, 1);
  t.deepEqual(
    pages.filter(({ hotKey }) => hotKey === 'f12').map(({ label }) => label),
    ['Restart or shut down'],
  );
});

test('without a password there is only what helps a machine whose server does not answer', (t) => {
  t.deepEqual(
    pages.filter(({ access }) => access === 'without-server').map(({ label }) => label),
    ['Update', 'Diagnostics', 'Restart or shut down'],
  );
});
