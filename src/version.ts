// The product's version: package.json has the only copy.

import { readFileSync } from 'node:fs';

/** As in package.json. */
export const version: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version;
