// How a view looks: screenshots in light, dark and on a phone, kept in artifacts/page, and what axe-core and the width of a
// phone have against it.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'puppeteer-core';

const folder = join(import.meta.dirname, '../../artifacts/page');
const phone = 360;
const desk = 1280;

/** What is wrong with the page as it is now; screenshots are kept as NAME-light.png and so on. */
export const look = async (page: Page, name: string): Promise<readonly string[]> => {
  mkdirSync(folder, { recursive: true });
  const problems: string[] = [];
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMediaFeatures([
      { name: 'prefers-color-scheme', value: scheme },
      { name: 'prefers-reduced-motion', value: 'reduce' },
    ]);
    for (const width of [desk, phone]) {
      const where = `${name}-${scheme}${width === phone ? '-phone' : ''}`;
      await page.setViewport({ width, height: width === phone ? 740 : 900 });
      await settled(page);
      // A window over the page covers what is seen of it, not all of it.
      const isCovered = (await page.$('dialog[open]')) !== null;
      await page.screenshot({ path: join(folder, `${where}.png`), fullPage: !isCovered });
      problems.push(...(await barriers(page)).map((problem) => `${where}: ${problem}`));
      const wider = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (wider > 0) problems.push(`${where}: ${wider} pixels wider than the window`);
    }
  }
  await page.setViewport({ width: desk, height: 900 });
  return problems;
};

/** At its beginning, and two frames later: what the new width and colours change has been drawn. */
const settled = (page: Page): Promise<void> =>
  page.evaluate(() => {
    scrollTo(0, 0);
    return new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
  });

/** What axe-core finds, each with the elements it is about. */
const barriers = async (page: Page): Promise<readonly string[]> => {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, { preload: false });
    return violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`),
    }));
  });
  return found.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).join(' | ')}`);
};
