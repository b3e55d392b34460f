// Which backups stay: a pure function of their times and of the rule in the settings.

export interface Dated {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The part of an ISO 8601 moment that is the same for all of one period; a week is its Monday. All in UTC. */
const periods = {
  hourly: (at: number) => iso(at).slice(0, 13),
  daily: (at: number) => iso(at).slice(0, 10),
  weekly: (at: number) => iso(at - ((new Date(at).getUTCDay() + 6) % 7) * 86_400_000).slice(0, 10),
  monthly: (at: number) => iso(at).slice(0, 7),
  yearly: (at: number) => iso(at).slice(0, 4),
} as const;

const iso = (at: number): string => new Date(at).toISOString();

/**
 * The backups that `rule` does not keep: 'all' keeps all, a number so many of the newest, 'daily 7, weekly 4' the newest of
 * each of the last 7 days and of the last 4 weeks that have one. The newest always stays.
 */
export const notKept = (backups: readonly Dated[], rule: string): readonly Dated[] => {
  if (rule === 'all') return [];
  const newestFirst = backups.toSorted((one, other) => other.at - one.at);
  const kept = new Set(newestFirst.slice(0, /^\d+$/.test(rule) ? Number(rule) : 1));
  for (const part of rule.split(',')) {
    const [period = '', count = ''] = part.trim().split(' ');
    if (isPeriod(period)) for (const one of newestOfEach(newestFirst, period, Number(count))) kept.add(one);
  }
  return newestFirst.filter((one) => !kept.has(one));
};

const isPeriod = (text: string): text is keyof typeof periods => Object.hasOwn(periods, text);

const newestOfEach = (newestFirst: readonly Dated[], period: keyof typeof periods, count: number): readonly Dated[] => {
  const found = new Map<string, Dated>();
  for (const one of newestFirst) {
    const key = periods[period](one.at);
    if (!found.has(key) && found.size < count) found.set(key, one);
  }
  return [...found.values()];
};
