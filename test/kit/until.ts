// Waits for what comes by itself: looks again and again, and gives up in the end.

/** Asks until `holds`, at most `patience` milliseconds; gives how long it took, in milliseconds. */
export const until = async (holds: () => Promise<boolean> | boolean, patience = 15_000): Promise<number> => {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > patience) throw new Error(`waited ${patience} ms in vain`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - began;
};
