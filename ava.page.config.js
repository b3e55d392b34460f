// The web page in a real browser: `npm run test:page`. One after the other, because each starts a server and Chromium.
export default {
  files: ['test/page/*.page.ts'],
  extensions: ['ts'],
  concurrency: 1,
  serial: true,
  timeout: '3m',
  workerThreads: false,
};
