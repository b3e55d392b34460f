// A running server that signs nothing must not carry node-forge: it is loaded by the first signature.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';

const script = `
  import { createRequire } from 'node:module';
  const { cache } = createRequire(import.meta.url);
  const loaded = () => Object.keys(cache).some((path) => path.includes('node-forge'));
  const { createAuthority } = await import('./src/ca/authority.ts');
  await import('./src/ca/issue.ts');
  const { readCertificate } = await import('./src/ca/certificate.ts');
  const before = loaded();
  const { certificatePem } = await createAuthority({ commonName: 'lazy', days: 1, now: Date.now() });
  readCertificate(certificatePem);
  console.log(JSON.stringify([before, loaded()]));
`;

test('node-forge is loaded by the first signature and not before', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  t.deepEqual(JSON.parse(stdout), [false, true]);
});
