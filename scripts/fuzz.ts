// A bounded fuzz run over everything that decodes KMIP, in TTLV, XML and JSON, over keys and certificates, and over a live
// server with objects: real ones, damaged from a seed. Fails where an input brings anything but a proper answer, takes long,
// makes memory grow, or ends the process: native code does not throw, so what runs is a process of its own.
// Usage: node scripts/fuzz.ts [--seconds 60 | --cpu-minutes 10] [--seed N]

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const directory = mkdtempSync(join(tmpdir(), 'kmip-fuzz-'));
const mark = join(directory, 'at');
const run = fileURLToPath(new URL('../test/fuzz/run.ts', import.meta.url));
try {
  const child = spawn(process.execPath, ['--expose-gc', run, '--mark', mark, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  const [code, signal]: [number | null, string | null] = (await once(child, 'close')) as never;
  if (signal !== null) console.error(`\nended by ${signal}; it was at ${readFileSync(mark, 'utf8').trim()}`);
  process.exitCode = code ?? 1;
} finally {
  rmSync(directory, { recursive: true });
}
