// Holds the README's table of conformance against a run: a row names one profile, or several of which each has its figures.

import { profileName } from './report.ts';
import type { Result } from './runner.ts';

interface Row {
  readonly profiles: readonly string[];
  readonly kind: string;
  /** By version. */
  readonly cells: ReadonlyMap<string, string>;
}

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const readTable = (readme: string): readonly Row[] => {
  const lines = readme.split('\n');
  const start = lines.findIndex((line) => /^\| profile +\| cases/.test(line));
  if (start < 0) return [];
  const versions = cellsOf(lines[start] ?? '').slice(2);
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('|'));
  return lines.slice(start + 2, end < 0 ? undefined : end).map((line) => {
    const [names = '', kind = '', ...cells] = cellsOf(line);
    const named = versions.map((version, at) => [version, (cells[at] ?? '').replace(/ each$/, '')] as const);
    return { profiles: names.split(', '), kind, cells: new Map(named) };
  });
};

/** What the README says otherwise than `results`, one line each; it may leave out whole rows and columns. */
export const readmeProblems = (readme: string, results: readonly Result[]): readonly string[] => {
  const rows = readTable(readme);
  if (rows.length === 0) return ['README.md has no table of conformance'];
  return rows.flatMap(({ profiles, kind, cells }) =>
    profiles.flatMap((profile) =>
      [...cells].flatMap(([version, said]) => {
        const found = countOf(results, profile, kind, version);
        return found === said ? [] : [`README.md: ${profile}, ${kind}, ${version}: '${said}', and it is '${found}'`];
      }),
    ),
  );
};

const countOf = (results: readonly Result[], profile: string, kind: string, version: string): string => {
  const own = results.filter(
    ({ case: one }) =>
      profileName(one.profile) === profile && one.mandatory === (kind === 'mandatory') && one.version === version,
  );
  const passed = own.filter(({ problems }) => problems.length === 0).length;
  return own.length === 0 ? '' : `${passed} of ${own.length}`;
};
