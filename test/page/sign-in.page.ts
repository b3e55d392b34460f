// Signing in and out: with the mouse, with the keyboard alone, and where it is refused.

import { eventually, pageTest } from './kit.ts';

pageTest('a password that is wrong is refused with advice, the right one opens the overview', async (t, box) => {
  await box.page.goto(box.url);
  await box.see('Sign in');
  await box.look('sign-in');
  await box.refused(async () => {
    await box.fill('Administrator password', 'not the password at all');
    await box.press('Sign in');
    await box.see(/password/i);
    await box.page.waitForSelector('[role=alert]');
  });
  await box.look('sign-in-refused');
  await box.fill('Administrator password', box.password);
  await eventually('the lock-out to end', async () => {
    await box.refused(async () => {
      await box.press('Sign in');
      await new Promise((resolve) => setTimeout(resolve, 1000));
    });
    return (await box.text()).includes('Overview') || undefined;
  });
  await box.see('Everything is well');
  // Nothing that could sign anybody in is within reach of a script.
  const kept = await box.page.evaluate(() => [document.cookie, ...Object.values(localStorage), sessionStorage.length]);
  t.deepEqual(
    kept.filter((value) => !/^\d{13}$/.test(String(value))),
    ['', 'yes', 0],
  );
});

pageTest('without a mouse: sign in, go to a view, fill in a form, and out again', async (t, box) => {
  const { keyboard } = box.page;
  await box.page.goto(box.url);
  await box.see('Sign in');
  await keyboard.type(box.password);
  await keyboard.press('Enter');
  await box.see('Everything is well');
  const focused = () =>
    box.page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? (element instanceof HTMLElement ? element.innerText : '');
    });
  const tabTo = (name: string) =>
    eventually(`the focus on ${name}`, async () => {
      await keyboard.press('Tab');
      return (await focused()).startsWith(name) || undefined;
    });
  await box.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await keyboard.press('Tab');
  t.is(await focused(), 'Skip to the content');
  await keyboard.press('Enter');
  t.is(await box.page.evaluate(() => document.activeElement?.id), 'main');
  await tabTo('Set-up');
  await keyboard.press('Enter');
  await box.see('Set a recovery passphrase');
  t.is(await focused(), 'Set-up', 'the focus goes to the title of the new view');
  const label = () =>
    box.page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.labels?.[0]?.innerText ?? '');
  for (const wanted of ['Recovery passphrase', 'The same again']) {
    await eventually(`the focus on ${wanted}`, async () => {
      await keyboard.press('Tab');
      return (await label()) === wanted || undefined;
    });
    await keyboard.type('correct horse battery staple');
  }
  await keyboard.press('Enter');
  await eventually('the passphrase to be set', async () => {
    const { seal } = await box.api('status', {});
    return seal.some((slot) => slot.includes('passphrase')) || undefined;
  });
  await tabTo('Sign out');
  await keyboard.press('Enter');
  await box.see('Administrator password');
});

pageTest('a session that the server no longer knows leads back to the sign-in', async (t, box) => {
  await box.signIn();
  const cookies = await box.page.browser().cookies();
  t.true(cookies.every(({ httpOnly, secure, sameSite }) => httpOnly && secure && sameSite === 'Strict'));
  await box.refused(async () => {
    await box.page.browser().deleteCookie(...cookies);
    await box.see('The session has ended');
  });
  await box.look('sign-in-ended');
});

pageTest(
  'where nobody has set a password yet it is said how that is done',
  async (t, box) => {
    await box.page.goto(box.url);
    await box.fill('Administrator password', 'anything that is long enough');
    await box.refused(async () => {
      await box.press('Sign in');
      await box.page.waitForSelector('[role=alert]');
    });
    const alert = await box.page.$eval('[role=alert]', (element) => element.textContent ?? '');
    t.regex(alert, /kmip-edge password set/);
    await box.look('sign-in-no-password');
  },
  { passwordSet: false },
);
