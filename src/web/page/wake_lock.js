/** Keeps the screen on while the page is seen. The browser takes it back from a page that is hidden, and may refuse it. */
export class WakeLock {
  #isOver = false;
  #lock;
  #take = async () => {
    if (this.#isOver || this.#isHeld || document.visibilityState !== "visible") return;
    // A battery that is low, or a policy: the conversation goes on without.
    const lock = await navigator.wakeLock?.request("screen").catch(() => {});
    // It may have been ended meanwhile, or asked for twice, and nobody else knows of this one.
    if (this.#isOver || this.#isHeld) lock?.release();
    else this.#lock = lock;
  };

  constructor() {
    document.addEventListener("visibilitychange", this.#take);
    this.#take();
  }

  get #isHeld() {
    return this.#lock?.released === false;
  }

  /** Lets the screen go out again. */
  end() {
    this.#isOver = true;
    document.removeEventListener("visibilitychange", this.#take);
    this.#lock?.release();
  }
}
