export interface FakeClock {
  now(): Date;
  /** Moves the clock forward; negative values move it back. */
  advance(milliseconds: number): void;
}

/** A clock that stands still until it is told to move. */
export function fakeClock(startIso: string): FakeClock {
  let time = Date.parse(startIso);
  return {
    now: () => new Date(time),
    advance: (milliseconds) => {
      time += milliseconds;
    },
  };
}
