// Tokens and the administrator's password on the page.

import { pageTest } from './kit.ts';

pageTest('a token is made, works, is shown once, and is revoked', async (t, box) => {
  await box.signIn();
  await box.open('access', 'Access');
  await box.see('There are no tokens');
  await box.look('access-empty');
  await box.press('New token');
  await box.see('What uses it');
  await box.look('access-new-token');
  await box.press('Make the token');
  await box.see('This is needed.');
  await box.fill('Name', 'no spaces allowed');
  await box.press('Make the token');
  await box.see('Letters, digits, dots');
  await box.fill('Name', 'monitoring');
  await box.choose('Lifetime', '30 days');
  await box.press('Make the token');
  await box.see('The token monitoring has been made');
  await box.look('access-token');
  const [token] = (await box.text()).match(/kme_\S{20,}/) ?? [];
  const ask = (): Promise<number> =>
    box.page.evaluate(async (bearer) => {
      const answer = await fetch('/v1/status', { headers: { authorization: `Bearer ${bearer}` }, credentials: 'omit' });
      return answer.status;
    }, token);
  t.is(await ask(), 200);
  await box.press('Close this message');
  t.false((await box.text()).includes(String(token)));
  await box.press('Revoke monitoring');
  await box.see('Revoke monitoring?');
  await box.press('Revoke the token');
  await box.see('There are no tokens');
  t.is(await box.refused(ask), 401);
  t.deepEqual(await box.api('token.list', {}), []);
});

pageTest('a new password ends the session, and the old one opens nothing', async (t, box) => {
  await box.signIn();
  await box.open('access', 'Access');
  const wanted = 'correct horse battery staple';
  await box.fill('Current password', 'something else');
  await box.fill('New password', wanted);
  await box.fill('The same again', wanted);
  await box.refused(async () => {
    await box.press('Change the password');
    await box.page.waitForSelector('[role=alert]');
  });
  await box.fill('Current password', box.password);
  await box.refused(async () => {
    await box.press('Change the password');
    await box.see('Sign in again to go on.');
  });
  await box.fill('Administrator password', wanted);
  await box.press('Sign in');
  await box.see('API tokens');
  t.pass();
});
