// How much a browser loads before it shows the page.

import { buildPage } from '../../../src/admin/page-build.ts';
import { type Figure, number, type Part } from '../bench.ts';

const limit = 150_000;

export const page: Part = async (bench) => {
  bench.progress('page …');
  const { index, files } = buildPage();
  const weight = [index, ...files.values()].reduce((sum, { brotli }) => sum + brotli.length, 0);
  const figure: Figure = {
    name: `First load of the page, compressed (${files.size + 1} files)`,
    measured: `${number(weight / 1000)} KB`,
    target: `≤ ${limit / 1000} KB`,
    ofTarget: weight / limit,
  };
  return [figure];
};
