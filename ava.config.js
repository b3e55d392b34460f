export default {
  files: ['test/**/*.test.ts'],
  extensions: ['ts'],
  require: [new URL('test/kit/compile-cache.js', import.meta.url).href],
  concurrency: 2,
  timeout: '60s',
  // The server sets its umask while it opens the management socket, which a worker thread may not.
  workerThreads: false,
};
