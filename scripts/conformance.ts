// Runs the OASIS test cases against a server of its own and prints how many pass, by profile and version. Arguments: words
// that a case's name has to contain one of. --failures shows what was different; --cases FOLDER takes other cases.

import { parseArgs } from 'node:util';
import { casesFolder, readCases } from '../test/conformance/cases.ts';
import { table } from '../test/conformance/report.ts';
import { type Result, runCase } from '../test/conformance/runner.ts';
import { askServer } from '../test/conformance/server.ts';
import { startServer } from '../test/kit/server.ts';

const { values, positionals } = parseArgs({
  options: { failures: { type: 'boolean' }, cases: { type: 'string' } },
  allowPositionals: true,
});

const endings: (() => unknown)[] = [];
const owner = { teardown: (end: () => unknown) => void endings.push(end) };
const results: Result[] = [];
try {
  const ask = askServer(owner, await startServer(owner));
  const cases = readCases(values.cases ?? casesFolder);
  for (const one of cases) {
    if (positionals.length > 0 && !positionals.some((word) => one.name.includes(word))) continue;
    const result = await runCase(one, ask);
    results.push(result);
    if (!values.failures || result.problems.length === 0) continue;
    console.log(`${one.name}\n${result.problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
} finally {
  for (const end of endings.reverse()) await end();
}
console.log(table(results));
process.exitCode = results.length === 0 ? 1 : 0;
