// Where vCenter finds the KMIP server.

/** The address it listens on; where that is every address, the one by which this page was reached is the likeliest. */
export const kmipHost = (host: string): string =>
  host === '0.0.0.0' || host === '::' ? location.hostname.replace(/^\[|\]$/g, '') : host;
