/** A failure, who caused it and what to do about it. */
export class LiveError extends Error {
  /**
   * @param {{ code: string, message: string, retryable: boolean }} details
   * @param {{ cause?: unknown }} [options]
   */
  constructor(details, options) {
    super(details.message, options);
    Object.assign(this, details);
  }
}

LiveError.prototype.name = "LiveError";

/**
 * Lets `free()` and `using` end what an object stands for. The garbage collector, which does not come this way, frees
 * memory only: what is open is owned by its session.
 *
 * @param {object} object
 * @param {string} method what ends it
 */
export function endWith(object, method) {
  const prototype = Object.getPrototypeOf(object);
  prototype.free = prototype[Symbol.dispose ?? Symbol.for("Symbol.dispose")] = function () {
    this[method]();
  };
}
