// Debian's Chromium without a window. It trusts the appliance's key alone, and everything that goes wrong in it is
// written down: what it asks of any other origin, errors on its console, what the page's policy forbids.

import { createHash, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import type { ExecutionContext } from 'ava';
import puppeteer, { type Browser, type ConsoleMessage, type Page } from 'puppeteer-core';

const executablePath = process.env['KMIP_EDGE_CHROMIUM'] ?? '/usr/bin/chromium';

/** Where there is no browser that is said, and the test passes. */
export const hasBrowser = (t: Pick<ExecutionContext, 'log' | 'pass'>): boolean => {
  if (existsSync(executablePath)) return true;
  t.log(`no browser at ${executablePath}: install chromium, or name one with KMIP_EDGE_CHROMIUM`);
  t.pass();
  return false;
};

/** Base64 of the SHA-256 of the public keys that a server shows, as Chromium takes them. */
export const keysOf = (url: string): Promise<readonly string[]> =>
  new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(url);
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      const keys: string[] = [];
      let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
      for (let depth = 0; certificate?.raw && depth < 5; depth++) {
        const key = new X509Certificate(certificate.raw).publicKey.export({ type: 'spki', format: 'der' });
        keys.push(createHash('sha256').update(key).digest('base64'));
        certificate = certificate.issuerCertificate === certificate ? undefined : certificate.issuerCertificate;
      }
      socket.destroy();
      resolve(keys);
    });
    socket.once('error', reject);
  });

export interface Watched {
  readonly page: Page;
  readonly browser: Browser;
  /** What the page did that it must not do, until now. */
  problems(): readonly string[];
  /** What it did until now was looked at. */
  forget(): void;
  /** Requests so far, by address. */
  requests(): readonly string[];
  /** While `act` runs, refusals of the management API are expected: the browser writes each on its console. */
  refused<T>(act: () => Promise<T>): Promise<T>;
}

/** Opens a browser for this test at `url`; what it saves goes to `downloads`, and it trusts `later` keys too. */
export const openBrowser = async (
  t: Pick<ExecutionContext, 'teardown'>,
  url: string,
  downloads: string,
  later: readonly string[] = [],
): Promise<Watched> => {
  const trusted = [...(await keysOf(url)), ...later].join(',');
  const browser = await puppeteer.launch({
    executablePath,
    downloadBehavior: { policy: 'allow', downloadPath: downloads },
    // The sandbox does not work for root, as which CI runs.
    args: ['--no-sandbox', '--disable-quic', `--ignore-certificate-errors-spki-list=${trusted}`],
  });
  t.teardown(() => browser.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await page.setViewport({ width: 1280, height: 900 });
  const { origin } = new URL(url);
  const problems: string[] = [];
  const requests: string[] = [];
  let expectRefusals = false;
  page.on('request', (request) => {
    requests.push(request.url());
    const from = new URL(request.url());
    // What the page itself made and hands over as a file.
    if (from.protocol !== 'blob:' && from.origin !== origin) problems.push(`asks ${request.url()}`);
  });
  page.on('pageerror', (error) => void problems.push(`throws ${String(error)}`));
  page.on('console', (message) => {
    if (!isTrouble(message) || (expectRefusals && isRefusal(message, origin))) return;
    problems.push(`console ${message.type()}: ${message.text()} ${message.location().url ?? ''}`);
  });
  return {
    page,
    browser,
    problems: () => problems,
    forget: () => void problems.splice(0),
    requests: () => requests,
    async refused(act) {
      expectRefusals = true;
      try {
        return await act();
      } finally {
        // The console is told a little later than the page.
        await new Promise((resolve) => setTimeout(resolve, 100));
        expectRefusals = false;
      }
    },
  };
};

const isTrouble = (message: ConsoleMessage): boolean => ['error', 'warn', 'assert', 'issue'].includes(message.type());

const isRefusal = (message: ConsoleMessage, origin: string): boolean =>
  /Failed to load resource: .*\b(?:4\d\d|5\d\d)\b/.test(message.text()) &&
  ['/v1/', '/health/'].some((path) => message.location().url?.startsWith(`${origin}${path}`));
