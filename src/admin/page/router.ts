// Where one is in the page: the part of the address after #, such as #/keys/0b5c?instance=prod. It never reaches a server,
// so there is one file to serve, and the browser's own back and forward work.

import { useEffect, useState } from 'preact/hooks';

export interface Place {
  /** `['keys', '0b5c']`; empty at the beginning. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

const here = (): Place => {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decode),
    query: new URLSearchParams(query),
  };
};

/** Whoever types an address by hand may type it wrong. */
const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** The address of a place, for a link. */
export const linkTo = (path: readonly string[], query: Readonly<Record<string, string>> = {}): string => {
  const search = new URLSearchParams(query).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search && `?${search}`}`;
};

/** Goes to a place. */
export const goTo = (path: readonly string[], query: Readonly<Record<string, string>> = {}): void => {
  location.hash = linkTo(path, query);
};

/** The place, as it changes. */
export const usePlace = (): Place => {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const change = (): void => setPlace(here());
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  return place;
};
