// What the settings of the machine say of updates without anybody asking, as the system has written it down for this program and
// for whoever shows it.

import { readSmallFile } from './files.ts';

const largest = 64 * 1024;

export interface Unattended {
  /** Without what may open something there. */
  readonly address: string;
  /** HH:MM in the zone of the appliance. */
  readonly time: string;
}

export interface FetchWay {
  readonly address?: string;
  readonly proxy?: { readonly url: string; readonly except: readonly string[] };
}

type Unknown<T> = { readonly [P in keyof T]?: unknown };

/** Undefined where the appliance does not look for updates. */
export const readUnattended = (path: string): Unattended | undefined => {
  const { address, time } = parsed(path) as Unknown<Unattended>;
  return typeof address === 'string' && typeof time === 'string' ? { address, time } : undefined;
};

/** Where updates are looked for, and how; empty where the settings say nothing of it. */
export const readFetchWay = (path: string): FetchWay => {
  const { address, proxy } = parsed(path) as Unknown<FetchWay>;
  const { url, except } = (proxy ?? {}) as Unknown<NonNullable<FetchWay['proxy']>>;
  const isProxy = typeof url === 'string' && Array.isArray(except) && except.every((one) => typeof one === 'string');
  return {
    ...(typeof address === 'string' ? { address } : {}),
    ...(isProxy ? { proxy: { url, except } } : {}),
  };
};

const parsed = (path: string): object => {
  try {
    const value: unknown = JSON.parse(readSmallFile(path, largest) ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
};
