// What the page does when the appliance is away, answers nonsense, or nobody sits before it; and what a lesser role sees.

import type { HTTPRequest } from 'puppeteer-core';
import { type Box, eventually, pageTest } from './kit.ts';

/** Answers the requests that `answer` takes instead of the appliance; gives what ends it. */
const intercept = async ({ page }: Box, answer: (path: string, request: HTTPRequest) => Promise<void> | undefined) => {
  const look = (request: HTTPRequest): void => {
    void (answer(new URL(request.url()).pathname, request) ?? request.continue());
  };
  await page.setRequestInterception(true);
  page.on('request', look);
  return async () => {
    page.off('request', look);
    await page.setRequestInterception(false);
  };
};

const json = (request: HTTPRequest, body: unknown): Promise<void> =>
  request.respond({ contentType: 'application/json', body: JSON.stringify(body) });

pageTest('the last values stay while the appliance is away, and it is said until it is back', async (t, box) => {
  await box.signIn();
  await box.see('Everything is well');
  const end = await intercept(box, (path, request) => (path.startsWith('/v1/') ? request.abort() : undefined));
  await box.see('The appliance does not answer.');
  t.true((await box.text()).includes('What vCenter needs'));
  t.false((await box.text()).includes('Everything is well'));
  await box.look('overview-away');
  await end();
  await box.gone('The appliance does not answer.');
  // The browser itself writes down each request that failed.
  const others = box.problems().filter((problem) => !problem.includes('net::ERR_FAILED'));
  t.deepEqual(others, []);
  box.forget();
});

pageTest('a view that cannot be shown leaves the rest of the page usable', async (_t, box) => {
  await box.signIn();
  const end = await intercept(box, (path, request) =>
    path === '/v1/tokens' ? json(request, { no: 'list' }) : undefined,
  );
  await box.open('set-up', 'Set-up');
  await box.follow('Access');
  await box.see('This view could not be shown');
  await box.look('view-failed');
  await end();
  await box.follow('Set-up');
  await box.see('Set a recovery passphrase');
});

pageTest('an address that leads nowhere says so and leads on', async (_t, box) => {
  await box.signIn();
  await box.page.evaluate(() => {
    location.hash = '#/no/such%view<b>';
  });
  await box.see('There is nothing at this address');
  await box.look('nothing-here');
  await box.follow('Go to the overview');
  await box.see('What vCenter needs');
});

pageTest('who may only read sees no button that would be refused', async (t, box) => {
  await box.signIn();
  const end = await intercept(box, (path, request) =>
    path === '/v1/session' && request.method() === 'GET'
      ? json(request, {
          kind: 'user',
          name: 'reader',
          role: 'read-only',
          csrf: 'none',
          expiresAt: new Date(Date.now() + 900_000).toISOString(),
        })
      : undefined,
  );
  await box.page.goto(`${box.url}#/set-up`);
  await box.page.reload();
  await box.see('reader, read-only');
  await box.see('Make a service instance');
  await box.page.evaluate(() => {
    for (const step of document.querySelectorAll('details')) step.open = true;
  });
  const names = await box.page.$$eval('main button, main .button, nav a', (all) => all.map((one) => one.textContent));
  for (const hidden of ['Set the passphrase', 'Make a service instance', 'Go to Trust', 'Access']) {
    t.false(names.includes(hidden), hidden);
  }
  await box.look('set-up-read-only');
  await end();
});

pageTest('a session that nobody uses ends by itself, in the page and in the server', async (t, box) => {
  await box.signIn();
  const [cookie] = await box.page.browser().cookies();
  await box.page.evaluate(() => {
    const now = Date.now;
    // Somebody does something in another window.
    localStorage.setItem('kmip-edge.last-sign', String(now() + 10 * 60_000));
    Date.now = () => now() + 16 * 60_000;
  });
  await new Promise((resolve) => setTimeout(resolve, 6000));
  t.true((await box.text()).includes('Overview'));
  await box.page.evaluate(() => localStorage.setItem('kmip-edge.last-sign', '0'));
  await box.see('The session has ended');
  if (cookie) await box.page.browser().setCookie(cookie);
  t.is(await box.refused(() => box.page.evaluate(async () => (await fetch('/v1/status')).status)), 401);
});

pageTest('the same page works after a reload and in a second window, and ends in both', async (_t, box) => {
  await box.signIn();
  await box.page.reload();
  await box.see('What vCenter needs');
  const other = await box.page.browser().newPage();
  await other.goto(`${box.url}#/access`);
  await other.locator('h1::-p-text(Access)').wait();
  await box.page.bringToFront();
  await box.press('Sign out');
  await box.see('Administrator password');
  await eventually(
    'the sign-in in the other window',
    async () => (await other.evaluate(() => document.body.innerText)).includes('The session has ended') || undefined,
  );
});
