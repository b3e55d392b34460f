// The views that everybody sees first: the overview and the set-up.

import { newKeyAsVcenter } from '../kit/vcenter.ts';
import { eventually, pageTest } from './kit.ts';

pageTest('the set-up tells by itself what is done', async (t, box) => {
  await box.signIn();
  await box.open('set-up', 'Set-up');
  await box.see('Set a recovery passphrase');
  await box.look('set-up-begun');
  await box.fill('Recovery passphrase', 'correct horse battery staple');
  await box.fill('The same again', 'another');
  await box.press('Set the passphrase');
  await box.see('The two are not the same');
  await box.fill('The same again', 'correct horse battery staple');
  await box.press('Set the passphrase');
  await box.gone('The two are not the same');
  const { certificate, kmip } = await box.api('status', {});
  await box.page.evaluate(() => {
    for (const step of document.querySelectorAll('details')) step.open = true;
  });
  for (const text of [certificate.sha1, certificate.sha256, String(kmip.port)]) await box.see(text);
  const { port, client } = box.daemon;
  await newKeyAsVcenter({ host: '127.0.0.1', port, ...client });
  await box.see('There is 1 key.');
  await eventually('the step to be spoken', async () => {
    const spoken = await box.page.$eval('[aria-live]', (region) => region.textContent ?? '');
    return /^Done: .*See the first key/.test(spoken) || undefined;
  });
  await box.look('set-up');
  t.false((await box.text()).includes('undefined'));
});

pageTest('the overview is usable with nothing in it and with keys', async (t, box) => {
  await box.signIn();
  // That there is no recovery passphrase is worth knowing, and no more, as long as there is no key.
  await box.see('Everything is well');
  await box.look('overview-empty');
  const { port, client } = box.daemon;
  await newKeyAsVcenter({ host: '127.0.0.1', port, ...client });
  await box.see(/Keys\s+1\b/);
  await box.look('overview');
  t.false((await box.text()).includes('undefined'));
});

pageTest('the charts of a full day can be seen, and read as tables', async (t, box) => {
  const step = 900_000;
  const steps = Array.from({ length: 96 }, (_none, at) => at);
  const wave = (top: number, phase: number) => steps.map((at) => Math.round(top * (1 + Math.sin(at / 9 + phase))));
  const history = {
    from: new Date(Date.now() - 96 * step).toISOString(),
    step,
    requests: {
      answered: wave(400, 0),
      refused: wave(20, 2),
      failed: steps.map((at) => (at > 60 && at < 64 ? 90 : 0)),
    },
    served: { memory: wave(300, 0), store: wave(80, 1), upstream: wave(5, 3) },
    latency: {
      p50: steps.map((at) => (at < 20 ? null : 180 + at)),
      p99: steps.map((at) => (at === 5 ? 9000 : at < 20 ? null : 900 + 40 * (at % 7))),
    },
    upstreams: [
      { instance: 'prod', reachable: steps.map((at) => (at > 60 && at < 64 ? 0.2 : 1)) },
      { instance: 'test', reachable: steps.map((at) => (at < 20 ? null : 1)) },
    ],
  };
  await box.signIn();
  await box.page.setRequestInterception(true);
  box.page.on('request', (request) => {
    const isHistory = new URL(request.url()).pathname === '/v1/history';
    void (isHistory
      ? request.respond({ contentType: 'application/json', body: JSON.stringify(history) })
      : request.continue());
  });
  await box.page.reload();
  await box.see('The last 24 hours');
  await box.page.waitForSelector('.chart-line path[d]');
  for (const summary of await box.page.$$('.chart summary')) await summary.click();
  await box.see('9,000 µs');
  await box.look('overview-full-day');
  const text = await box.text();
  t.false(/undefined|NaN/.test(text));
});
