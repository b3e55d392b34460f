// The watch over the page itself: whatever a page may not do is noticed, or the other tests would say nothing.

import test from 'ava';
import { hasBrowser } from './browser.ts';
import { openBox } from './kit.ts';
import { look } from './look.ts';

test('requests to others, scripts and styles in the page, errors and barriers are noticed', async (t) => {
  if (!hasBrowser(t)) return;
  const box = await openBox(t);
  await box.signIn();
  t.deepEqual(box.problems(), []);
  t.deepEqual(await look(box.page, 'harness'), []);
  await box.page.evaluate(async () => {
    await fetch('https://127.0.0.2:9/').catch(() => undefined);
    const script = document.createElement('script');
    script.append('globalThis.wasRun = true;');
    document.body.append(script);
    document.body.setAttribute('style', 'color: #eee');
    console.error('an error of the page');
    setTimeout(() => {
      throw new Error('thrown by the page');
    });
    const wide = document.createElement('div');
    wide.style.width = '2000px';
    const image = document.createElement('img');
    image.src = '/nothing.png';
    wide.append(image, document.createElement('input'));
    try {
      wide.innerHTML = '<b>markup</b>';
    } catch {
      // That it is refused is what is looked for.
    }
    document.querySelector('main')?.append(wide);
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  t.false(await box.page.evaluate(() => 'wasRun' in globalThis));
  const problems = box.problems().join('\n');
  for (const wanted of [
    /connect-src/,
    /TrustedScript/,
    /TrustedHTML/,
    /style-src/,
    /an error of the page/,
    /throws .*thrown by the page/,
  ]) {
    t.regex(problems, wanted);
  }
  const barriers = (await look(box.page, 'harness')).join('\n');
  for (const wanted of [/image-alt/, /label/, /pixels wider than the window/]) t.regex(barriers, wanted);
});
