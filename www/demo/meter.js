/** The quietest level that still shows, in decibels below full scale. */
const FLOOR_DB = -60;

/** How often assistive technology may hear of a new level. */
const SPOKEN_INTERVAL_MS = 1000;

/** With reduced motion the bar steps this often instead of with every frame. */
const CALM_INTERVAL_MS = 250;

/** A peak that is cut off, and how long that is shown. */
const CLIPS = 0.999;
const CLIPPED_MS = 1000;

/** A level meter: a bar on a decibel scale, drawn while there is something to measure. */
export class Meter {
  #track;
  #fill;
  #level = () => 0;
  #peak = () => 0;
  #clippedAt = -Infinity;
  #frame = 0;
  #drawnAt = 0;
  #spokenAt = 0;
  #calm = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(track) {
    this.#track = track;
    this.#fill = track.querySelector(".fill");
  }

  /** Starts to show `level()`, the root mean square of the sound right now, 0 to 1, and whether `peak()` reaches the end of the scale. */
  follow(level, peak = () => 0) {
    this.#level = level;
    this.#peak = peak;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame((now) => this.#draw(now));
  }

  /** Stops and falls to nothing. */
  rest() {
    cancelAnimationFrame(this.#frame);
    this.#clippedAt = -Infinity;
    this.#track.removeAttribute("data-clips");
    this.#show(0);
    this.#speak(0);
  }

  #draw(now) {
    this.#frame = requestAnimationFrame((next) => this.#draw(next));
    if (this.#calm.matches && now - this.#drawnAt < CALM_INTERVAL_MS) return;
    this.#drawnAt = now;
    const part = share(this.#level());
    this.#show(part);
    if (this.#peak() >= CLIPS) this.#clippedAt = now;
    this.#track.toggleAttribute("data-clips", now - this.#clippedAt < CLIPPED_MS);
    if (now - this.#spokenAt < SPOKEN_INTERVAL_MS) return;
    this.#spokenAt = now;
    this.#speak(part);
  }

  #show(part) {
    this.#fill.style.transform = `scaleX(${part.toFixed(3)})`;
  }

  #speak(part) {
    this.#track.setAttribute("aria-valuenow", String(Math.round(part * 100)));
  }
}

/** The part of the bar that a root mean square fills. */
function share(rms) {
  if (!(rms > 0)) return 0;
  const decibels = 20 * Math.log10(rms);
  return Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB));
}
