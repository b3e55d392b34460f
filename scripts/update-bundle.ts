// Makes an update from a finished build: takes the system slot out of the disk that the OVA was made of, compresses and signs
// it. Usage: node scripts/update-bundle.ts [--out DIR] [--disk system.qcow2] [--sign KEY.pem] [--minimum VERSION]

import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readAppliance } from '../packer/appliance.ts';
import { fileInImage, shrink, takeSlot, writeBundle } from '../packer/update-bundle.ts';
import { signingKey } from '../packer/update-key.ts';
import { schemaVersion } from '../src/store/sqlite/migrations.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'build' },
    disk: { type: 'string' },
    /** Private key whose public half is in the appliances that are to take it. */
    sign: { type: 'string' },
    /** The oldest version that may be updated to it. */
    minimum: { type: 'string', default: '0.1.0' },
  },
});

const root = resolve(import.meta.dirname, '..');
const began = performance.now();
const say = (text: string): void =>
  console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}`);

const out = resolve(values.out);
const cache = join(out, 'cache');
const disk = resolve(values.disk ?? join(cache, 'disk/system.qcow2'));
if (!existsSync(disk)) throw new Error(`there is no ${disk}: make it with 'npm run ova'`);
mkdirSync(cache, { recursive: true });
const { name, system } = readAppliance(root);
const key = signingKey(cache, values.sign, say);
const stage = mkdtempSync(join(tmpdir(), 'kmip-edge-slot-'));
try {
  const image = join(stage, 'slot');
  say('the system slot');
  takeSlot(disk, image, { start: 1 + system.espMiB, size: system.slotMiB });
  shrink(image);
  const { version } = JSON.parse(fileInImage(image, '/opt/kmip-edge/package.json')) as { readonly version: string };
  const file = join(out, `${name}-${version}.update`);
  say('compressing and signing');
  const options = { image, out: file, version, minimumVersion: values.minimum, schema: schemaVersion, key };
  await writeBundle({ ...options, now: Date.now() });
  say(`${file}: ${(statSync(file).size / 1e6).toFixed(0)} MB`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}
