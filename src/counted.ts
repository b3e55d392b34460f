/** A number of things in words: `1 key`, `2 keys`. */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
