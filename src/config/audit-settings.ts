// The settings of the audit trail, a part of the one table.

const text = { type: 'text', default: '' } as const;

export const auditSettings = {
  'audit.reads': {
    type: 'boolean',
    default: true,
    help: 'Records every key that is served; changes, refusals and failures are recorded in any case.',
  },
  'audit.keep': {
    type: 'duration',
    default: '400 d',
    minimum: '1 d',
    maximum: 'unlimited',
    help: 'How long audit records are kept; older ones are dropped behind a signed checkpoint.',
  },
  'audit.syslogAddress': {
    ...text,
    pattern: '^(?:(?:[A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])(?::[0-9]{1,5})?)?$',
    allowed: 'a host, or a host and a port, or empty',
    help: 'Syslog collector to which the audit trail is forwarded over TLS (RFC 5425); the port is 6514 unless given; empty: it is not forwarded.',
  },
  'audit.syslogCaFile': {
    ...text,
    pattern: '^(?:/[^\\0\\n]*)?$',
    allowed: 'an absolute path, or empty',
    help: "PEM file with the authority of the collector's certificate; empty: the authorities that everybody trusts.",
  },
  'audit.syslogMaximumBehind': {
    type: 'integer',
    unit: 'records',
    default: 1_000_000,
    minimum: 1000,
    maximum: 1_000_000_000,
    help: 'How far the collector may be behind; what is older is not sent any more, and that is said.',
  },
} as const;
