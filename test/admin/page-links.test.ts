// Every place of the page that is named somewhere (by an alarm, a button, a link) is a view that there is.

import { globSync, readFileSync } from 'node:fs';
import test from 'ava';

const read = (path: string): string => readFileSync(path, 'utf8');
const named = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, name = '']) => name);

const views = named(read('src/admin/page/views.ts'), /^\s*(?:\{ )?name: '([^']*)',/gm);
const files = globSync('src/admin/**/*.ts').toSorted();

test('there are views, and addresses of them', (t) => {
  t.true(views.length > 3);
  t.is(new Set(views).size, views.length, 'two views have the same name');
});

for (const path of files) {
  const patterns = path.includes('/page/')
    ? [/\b(?:linkTo|goTo)\(\['([^']+)'/g, /\bpath: \['([^']+)'/g]
    : [/\bpage: ['`]([^'`/]+)/g];
  const places = new Set(patterns.flatMap((pattern) => named(read(path), pattern)));
  if (places.size === 0) continue;
  test(`${path} leads to views that there are`, (t) => {
    t.deepEqual(
      [...places].filter((place) => !views.includes(place)),
      [],
    );
  });
}
