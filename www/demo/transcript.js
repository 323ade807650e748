/** How close to its end the transcript must be scrolled to keep following it, in CSS pixels. */
const FOLLOW_WITHIN = 80;

/**
 * Both sides of the conversation as bubbles.
 *
 * A turn is what the user said and what the model answered. The service promises no order between the two transcripts,
 * so words of the user that come late go before the answer of the same turn.
 */
export class Transcript {
  #list;
  #scroller;
  #welcome;
  #turn = emptyTurn();
  /** An answer that the user went past, until the service says how it ended. */
  #passed;

  constructor({ list, scroller, welcome }) {
    this.#list = list;
    this.#scroller = scroller;
    this.#welcome = welcome;
  }

  /** A typed message: complete at once, and it opens a turn. */
  typed(text) {
    this.#nextTurn();
    this.#turn.isTyped = true;
    this.#turn.user = this.#add("user");
    this.#turn.user.append(text);
    this.#turn.user.finish();
    this.#follow();
  }

  /** Words the service understood. */
  heard(text, finished = false) {
    if (this.#turn.user?.finished && text.trim()) this.#nextTurn();
    if (text) this.#user().append(text);
    if (finished) this.#turn.user?.finish();
    this.#follow();
  }

  /** What the service believes it is hearing; each replaces the one before. */
  guessed(text) {
    if (this.#turn.user?.finished) this.#nextTurn();
    this.#user().guess(text);
    this.#follow();
  }

  /** Words of the model. */
  answered(text) {
    if (!text) return;
    // What was typed may still be on its way: until the service stops, it goes on with the answer before.
    const before = this.#turn.isTyped ? this.#passed : undefined;
    const bubble = before ?? (this.#turn.model ??= this.#add("model"));
    bubble.append(text);
    this.#follow();
  }

  /** The model was cut short, perhaps by what has already begun a turn here. */
  interrupted() {
    const cut = this.#turn.model ?? this.#passed;
    cut?.interrupt();
    this.endTurn();
  }

  /** The model has nothing to add. What the user has begun to say meanwhile stays open. */
  endTurn() {
    if (this.#turn.model) this.#nextTurn();
    this.#leave();
  }

  /** Nothing more will be said by either. */
  end() {
    this.#nextTurn();
    this.#leave();
  }

  /** Forgets the conversation. */
  clear() {
    this.end();
    this.#list.replaceChildren();
    this.#welcome.hidden = false;
  }

  #nextTurn() {
    this.#leave();
    const { user, model } = this.#turn;
    user?.finish();
    this.#passed = model;
    this.#turn = emptyTurn();
  }

  #leave() {
    this.#passed?.finish();
    this.#passed = undefined;
  }

  #user() {
    this.#turn.user ??= this.#add("user", this.#turn.model?.element);
    return this.#turn.user;
  }

  #add(side, before = null) {
    const bubble = new Bubble(side);
    this.#list.insertBefore(bubble.element, before);
    this.#welcome.hidden = true;
    return bubble;
  }

  /** Stays at the end, unless the user has scrolled up to read. */
  #follow() {
    const view = this.#scroller;
    const rest = view.scrollHeight - view.scrollTop - view.clientHeight;
    const added = this.#list.lastElementChild?.getBoundingClientRect().height ?? 0;
    if (rest < FOLLOW_WITHIN + added) view.scrollTop = view.scrollHeight;
  }
}

/** One utterance of one side. Busy until it is finished, so that a screen reader speaks it once and whole. */
class Bubble {
  finished = false;
  #words = document.createElement("span");
  #guess = document.createElement("span");

  constructor(side) {
    const who = document.createElement("span");
    who.className = "who";
    who.textContent = side === "user" ? "You" : "Model";
    this.#words.className = "words";
    this.#guess.className = "guess";
    const text = document.createElement("p");
    text.append(this.#words, this.#guess);
    this.element = document.createElement("li");
    this.element.className = `bubble ${side}`;
    this.element.dataset.side = side;
    this.element.setAttribute("aria-busy", "true");
    this.element.setAttribute("aria-atomic", "true");
    this.element.append(who, text);
  }

  append(text) {
    this.#guess.textContent = "";
    this.#words.append(this.#words.textContent ? text : text.trimStart());
  }

  guess(text) {
    this.#guess.textContent = text;
  }

  interrupt() {
    const mark = document.createElement("span");
    mark.className = "mark";
    mark.textContent = "Interrupted";
    this.element.dataset.interrupted = "true";
    this.element.append(mark);
  }

  finish() {
    if (this.finished) return;
    this.finished = true;
    this.#guess.textContent = "";
    this.element.setAttribute("aria-busy", "false");
    if (!this.#words.textContent) this.element.remove();
  }
}

function emptyTurn() {
  return { user: undefined, model: undefined, isTyped: false };
}
