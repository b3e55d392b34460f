// A test of the web page: a real server process, Key Protect as a simulator over real HTTPS, and Chromium, driven by what a
// person sees: the names of buttons, the labels of fields, the texts. At the end the page must have done nothing wrong.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Page } from 'puppeteer-core';
import { call } from '../../src/admin/api/client.ts';
import type { Input, Output, RouteName } from '../../src/admin/api/table.ts';
import { type Daemon, startDaemon } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { type KeyProtectSimulator, startKeyProtectSimulator } from '../peers/key-protect/simulator.ts';
import { hasBrowser, openBrowser, type Watched } from './browser.ts';
import { look } from './look.ts';

export interface Box extends Omit<Watched, 'browser'> {
  readonly daemon: Daemon;
  /** Of the page. */
  readonly url: string;
  readonly password: string;
  readonly upstream: KeyProtectSimulator;
  /** Asks the management API beside the page, to see what the page has done. */
  api<R extends RouteName>(route: R, input: Input[R]): Promise<Output[R]>;
  /** Opens the page and signs in. */
  signIn(): Promise<void>;
  /** Goes to a view by its address: `keys` or `instances/prod`; waits for its title. */
  open(address: string, title: string): Promise<void>;
  /** Presses a button by its name. */
  press(name: string): Promise<void>;
  /** Follows a link by its name. */
  follow(name: string): Promise<void>;
  /** Types into a field by its label, instead of what it held. */
  fill(label: string, value: string): Promise<void>;
  /** Chooses by the option's text. */
  choose(label: string, option: string): Promise<void>;
  /** Ticks a box, or chooses one of several. */
  tick(label: string): Promise<void>;
  /** Gives a file to a field; the path of a file or what is in it. */
  upload(label: string, name: string, content: string | Uint8Array): Promise<void>;
  /** Waits until this text is there to be seen. */
  see(text: string | RegExp): Promise<void>;
  /** Waits until it no longer is. */
  gone(text: string | RegExp): Promise<void>;
  /** All that can be read now. */
  text(): Promise<string>;
  /** Does what makes the browser save a file; gives its name and bytes. */
  downloaded(act: () => Promise<void>): Promise<{ readonly name: string; readonly bytes: Buffer }>;
  /** Screenshots in light, dark and on a phone; fails for what axe-core or the width of a phone has against the view. */
  look(name: string): Promise<void>;
}

export interface BoxOptions {
  /** Settings of the server, as lines of its configuration file. */
  readonly config?: string;
  /** False: nobody has set a password yet. */
  readonly passwordSet?: boolean;
}

/** Registers a test that is given a fresh appliance and a browser; it passes with a word where there is no browser. */
export const pageTest = (
  title: string,
  act: (t: ExecutionContext, box: Box) => Promise<void>,
  options: BoxOptions = {},
) =>
  test(title, async (t) => {
    if (!hasBrowser(t)) return;
    const box = await openBox(t, options);
    try {
      await act(t, box);
    } catch (error) {
      await box.page.screenshot({
        path: join(artifacts(), `failed-${title.replaceAll(/\W+/g, '-')}.png`),
        fullPage: true,
      });
      t.log(box.problems());
      throw error;
    }
    t.deepEqual(box.problems(), []);
  });

const artifacts = (): string => {
  const folder = join(import.meta.dirname, '../../artifacts/page');
  mkdirSync(folder, { recursive: true });
  return folder;
};

/** A fresh appliance and a browser, ended after the test; `pageTest` does this and looks at what the page did. */
export const openBox = async (
  t: ExecutionContext,
  { config = '', passwordSet = true }: BoxOptions = {},
): Promise<Box> => {
  const directory = temporaryDirectory(t);
  const password = randomBytes(12).toString('base64url');
  const [passwordFile, data] = [join(directory, 'password'), join(directory, 'data')];
  writeFileSync(passwordFile, password, { mode: 0o600 });
  // As 'kmip-edge config set' leaves it, so that the page can change it.
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(join(data, 'kmip-edge.yaml'), config);
  const upstream = await startKeyProtectSimulator();
  t.teardown(() => upstream.close());
  const daemon = await startDaemon(t, data, [
    ...['--admin-listen', '127.0.0.1:0'],
    ...(passwordSet ? ['--admin-password-file', passwordFile] : []),
    ...['--log-level', 'warn'],
  ]);
  const url = addressOf(daemon);
  const downloads = join(directory, 'downloads');
  mkdirSync(downloads);
  const { browser: _browser, ...watched } = await openBrowser(t, url, downloads);
  const { page } = watched;
  return {
    ...watched,
    ...acts(page, directory),
    daemon,
    url,
    password,
    upstream,
    api: (route, input) => call(daemon.dataDirectory, route, input),
    async signIn() {
      await page.goto(url);
      const { fill, press, see } = acts(page, directory);
      await fill('Administrator password', password);
      await press('Sign in');
      await see('Overview');
    },
    async downloaded(act) {
      const before = new Set(readdirSync(downloads));
      await act();
      const name = await eventually('a file that was saved', () => {
        const file = readdirSync(downloads).find((one) => !before.has(one) && !one.endsWith('.crdownload'));
        return file;
      });
      const bytes = readFileSync(join(downloads, name));
      // The next one of this name would not be told from it.
      rmSync(join(downloads, name));
      return { name, bytes };
    },
    async look(name) {
      t.deepEqual(await look(page, name), []);
    },
  };
};

/** Where it says that the page is. */
export const addressOf = (daemon: Daemon): string => {
  const [, url] = /(https:\/\/\S+)/.exec(daemon.output()) ?? [];
  if (url === undefined) throw new Error(`serve does not say where its page is:\n${daemon.output()}`);
  return url;
};

/** By the name and the role that a screen reader would tell. */
const named = (page: Page, role: string, name: string) => page.locator(`::-p-aria([name="${name}"][role="${role}"])`);

/** What a person does with a page; files that are given lie in `directory`. */
export const acts = (page: Page, directory: string) => ({
  async open(address: string, title: string): Promise<void> {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/${address}`);
    await page.locator(`h1::-p-text(${title})`).wait();
  },
  press: (name: string): Promise<void> => named(page, 'button', name).click(),
  follow: (name: string): Promise<void> => named(page, 'link', name).click(),
  fill: (label: string, value: string): Promise<void> => fieldNamed(page, label).fill(value),
  async choose(label: string, option: string): Promise<void> {
    const field = await fieldNamed(page, label).waitHandle();
    const value = await field.evaluate(
      (element, wanted) =>
        [...(element as HTMLSelectElement).options].find(({ text }) => text.trim() === wanted)?.value,
      option,
    );
    if (value === undefined) throw new Error(`'${label}' has no choice '${option}'`);
    await field.select(value);
  },
  tick: (label: string): Promise<void> => fieldNamed(page, label).click(),
  async upload(label: string, name: string, content: string | Uint8Array): Promise<void> {
    const path = join(directory, name);
    writeFileSync(path, content);
    const field = await fieldNamed(page, label).waitHandle();
    await (
      field as Awaited<ReturnType<Page['waitForSelector']>> & { uploadFile(path: string): Promise<void> }
    ).uploadFile(path);
  },
  see: (text: string | RegExp): Promise<void> => untilText(page, text, true),
  gone: (text: string | RegExp): Promise<void> => untilText(page, text, false),
  text: (): Promise<string> => page.evaluate(() => document.body.innerText),
});

/** A control by the text with which its label begins, whatever else the label holds. */
const fieldNamed = (page: Page, label: string) => {
  const labels = `//label[starts-with(normalize-space(.), "${label}")]`;
  return page.locator(`::-p-xpath(//*[@id = ${labels}/@for] | ${labels}//input)`);
};

const untilText = async (page: Page, text: string | RegExp, there: boolean): Promise<void> => {
  await eventually(`${there ? '' : 'no '}${text}`, async () => {
    const seen = await page.evaluate(() => document.body.innerText);
    const found = typeof text === 'string' ? seen.includes(text) : text.test(seen);
    return found === there ? true : undefined;
  });
};

/** Asks until there is an answer. */
export const eventually = async <T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  patience = 20_000,
): Promise<T> => {
  const end = performance.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await setTimeout(50);
  }
};
