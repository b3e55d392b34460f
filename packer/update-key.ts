// The key that updates are signed with. Its public half goes into the image, and only who has the private half can make an
// update that such an appliance takes. Where none is given a development key is made once and kept in the build's cache.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const developmentKey = 'update-development-key.pem';

/** Reads the private key at `path`, PEM. Default: the development key in `cache`, which is made where there is none. */
export const signingKey = (cache: string, path: string | undefined, say: (text: string) => void): KeyObject => {
  if (path !== undefined) return createPrivateKey(readFileSync(path));
  const place = join(cache, developmentKey);
  if (!existsSync(place)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(place, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  say(`   updates are signed by the development key ${place}: not for a release`);
  return createPrivateKey(readFileSync(place));
};

/** The public halves as one PEM text: of `paths` (public or private keys, or certificates), else of the development key. */
export const updateKeys = (cache: string, paths: readonly string[], say: (text: string) => void): string => {
  const keys =
    paths.length > 0
      ? paths.map((path) => createPublicKey(readFileSync(path)))
      : [createPublicKey(signingKey(cache, undefined, say))];
  return keys.map((key) => key.export({ type: 'spki', format: 'pem' })).join('');
};
