// Values as a person reads them, everywhere alike.

const minute = 60_000;
const units = [
  ['d', 24 * 60 * minute],
  ['h', 60 * minute],
  ['min', minute],
  ['s', 1000],
] as const;

/** Milliseconds as `3 d 4 h`: at most two units. */
export const duration = (milliseconds: number): string => {
  const parts: string[] = [];
  let rest = Math.max(0, milliseconds);
  for (const [unit, size] of units) {
    if (parts.length === 2) break;
    const whole = Math.floor(rest / size);
    if (whole === 0 && parts.length === 0) continue;
    if (whole > 0) parts.push(`${whole} ${unit}`);
    else break;
    rest -= whole * size;
  }
  return parts.join(' ') || `${Math.max(0, Math.round(milliseconds))} ms`;
};

/** `unlimited` or milliseconds. */
export const term = (value: number | 'unlimited'): string => (value === 'unlimited' ? 'unlimited' : duration(value));

/** An ISO moment in the reader's own zone, to the minute: `2026-11-25 14:03`. */
export const moment = (iso: string): string => {
  const date = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
};

/** How long ago or how far ahead: `3 h 2 min ago`, `in 29 d`. */
export const relative = (iso: string, now = Date.now()): string => {
  const distance = new Date(iso).getTime() - now;
  if (Math.abs(distance) < 1000) return 'now';
  return distance < 0 ? `${duration(-distance)} ago` : `in ${duration(distance)}`;
};

/** `12,345`. */
export const count = (value: number): string => value.toLocaleString('en');

/** `1.5 MiB`. */
export const bytes = (value: number): string => {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(names.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10));
  const scaled = value / 1024 ** power;
  return `${power === 0 ? scaled : scaled.toLocaleString('en', { maximumSignificantDigits: 3 })} ${names[power]}`;
};

/** `1 key`, `2 keys`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
