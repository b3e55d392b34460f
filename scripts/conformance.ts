// Runs the OASIS test cases against a server of its own, those of 1.3 in the editions of 2.0 and 2.1 too, and prints how
// many pass, by profile and version. Fails where one does not pass that can. Arguments: words that a case's name has to
// contain one of. --failures shows what was different; --cases FOLDER takes other cases as they are; --check holds the
// README's table against the run. Where the cases are not beside the checkout it says so and ends.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { casesFolder, haveCases, readCases } from '../test/conformance/cases.ts';
import { whyImpossible } from '../test/conformance/impossible.ts';
import { laterEditions } from '../test/conformance/later-editions.ts';
import { readmeProblems } from '../test/conformance/readme-table.ts';
import { table } from '../test/conformance/report.ts';
import { type Result, runCase } from '../test/conformance/runner.ts';
import { askServer } from '../test/conformance/server.ts';
import { startServer } from '../test/kit/server.ts';

const { values, positionals } = parseArgs({
  options: { failures: { type: 'boolean' }, cases: { type: 'string' }, check: { type: 'boolean' } },
  allowPositionals: true,
});

if (values.cases === undefined && !haveCases) {
  console.log(`the OASIS cases are not here (${casesFolder}): none is run`);
  process.exit();
}

const endings: (() => unknown)[] = [];
const owner = { teardown: (end: () => unknown) => void endings.push(end) };
const results: Result[] = [];
try {
  const ask = askServer(owner, await startServer(owner));
  const published = readCases(values.cases ?? casesFolder);
  for (const one of values.cases === undefined ? [...published, ...laterEditions(published)] : published) {
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

const missed = results.filter(({ case: { name }, problems }) => problems.length > 0 && !whyImpossible(name));
const readme = new URL('../README.md', import.meta.url);
const problems = [
  ...(results.length === 0 ? ['no case was run'] : []),
  ...missed.map(({ case: { name }, problems: [first = ''] }) => `${name} does not pass: ${first.split('\n')[0]}`),
  ...(values.check ? readmeProblems(readFileSync(readme, 'utf8'), results) : []),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
