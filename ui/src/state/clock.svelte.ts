/** The time, as often as somebody looks at it: each second while something runs, else twice a minute. */

class Clock {
  now = $state(Date.now());
  #watchers = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Ticks each second until the returned function is called. */
  everySecond(): () => void {
    this.#watchers += 1;
    this.#wind();
    return () => {
      this.#watchers -= 1;
      this.#wind();
    };
  }

  /** Begins to tick, slowly. */
  start(): void {
    this.#wind();
  }

  #wind(): void {
    clearInterval(this.#timer);
    this.now = Date.now();
    this.#timer = setInterval(() => (this.now = Date.now()), this.#watchers > 0 ? 1000 : 30_000);
  }
}

export const clock = new Clock();
