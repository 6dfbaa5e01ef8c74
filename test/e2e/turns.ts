export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets at most `count` pieces of work run at a time, in the order in which they were asked for. */
export function takeTurns(count: number): Turn {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
