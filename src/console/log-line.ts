// A line of the server's log as a person reads it: the time of day, how bad it is, what happened, and what more is known.

const levels: Readonly<Record<string, string>> = { debug: 'debug', info: 'info ', warn: 'WARN ', error: 'ERROR' };

/** The line in short; one that is not of our log as it is. */
export const logLine = (text: string): string => {
  if (!text.startsWith('{')) return text;
  try {
    const { time, level, msg, ...fields } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (typeof time !== 'string' || typeof msg !== 'string') return text;
    const more = Object.entries(fields).map(([name, value]) => `${name}=${valueText(value)}`);
    return [time.slice(0, 19).replace('T', ' '), levels[String(level)] ?? String(level), msg, ...more].join(' ');
  } catch {
    return text;
  }
};

const valueText = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /\s/.test(text) ? JSON.stringify(text) : text;
};
