/** A failure, who caused it and what to do about it. */
export class LiveError extends Error {
  /** @param {{ code: string, message: string, retryable: boolean }} details */
  constructor(details) {
    super(details.message);
    Object.assign(this, details);
  }
}

LiveError.prototype.name = "LiveError";
