/**
 * The grammar of a session's events, as the documentation of `session::Session` has it: the same automaton as
 * `src/session/tests/grammar.rs`; `tests/fixtures/grammar.json` holds them together. It runs in the page: `pages/bench.js` follows the sessions that it opens.
 */

const REST = "*";
const ENDS = { "state closing": "closing", "state closed": "ending" };

/** By place: what may come, and where the session is then; `REST` is what no rule is about. */
const GRAMMAR = {
  begin: { "state connecting": "connecting", "state closed": "ending", warning: "begin" },
  connecting: { "state open": "accepted", "state closed": "ending", [REST]: "connecting" },
  accepted: { setupComplete: "begun" },
  begun: { restarted: "open", "state reconnecting": "lost", ...ENDS, [REST]: "open" },
  open: { "state reconnecting": "lost", ...ENDS, [REST]: "open" },
  lost: { reconnecting: "reconnecting", "state closed": "ending" },
  reconnecting: { reconnecting: "reconnecting", "state open": "back", "state closed": "ending", [REST]: "reconnecting" },
  back: { resumed: "open", restarted: "open" },
  closing: { "state closed": "ending", [REST]: "closing" },
  ending: { closed: "end" },
  end: {},
};
/** What the page notices of its devices, whatever a driver in a Worker is telling at the time: anywhere but behind the end. */
const NOTICED = new Set(["audioStateChange", "deviceChange", "deviceMute", "permissionChange"]);
/** What tells that an answer is paused no more. */
const ENDS_PAUSE = new Set(["playbackResumed", "interrupted", "playbackEnded", "state closing", "state closed"]);
/** What is not told twice before what ends it, which comes then alone. At the end of the session nothing need. */
const PAIRS = [
  { begins: "userSpeechStart", ends: new Set(["userSpeechEnd"]), isBy: "userSpeechEnd", over: new Set(["state closed"]) },
  { begins: "playbackStarted", ends: new Set(["playbackEnded", "interrupted"]), over: new Set(["state closing", "state closed"]) },
];
const RULED = new Set(["stateChange", "setupComplete", "reconnecting", "resumed", "restarted", "closed"]);

/** Where a session is whose first event is this one: whoever comes late has missed some. */
const BEGINNINGS = { "state connecting": "begin", "state open": "connecting", setupComplete: "accepted" };

/** Follows one session: takes its events one by one. What must not have come is handed to `complain`. */
export function follower(complain) {
  let place;
  let attempt = 0;
  // Unknown to whoever has come late.
  let isPaused;
  const isOn = new Map();
  return (event) => {
    const word = event.type === "stateChange" ? `state ${event.state}` : event.type;
    if (NOTICED.has(word) && place !== "end") return;
    // A warning may come before everything else, and anywhere.
    if (!place && word === "warning") return;
    place ??= BEGINNINGS[word] ?? "begun";
    const rules = GRAMMAR[place];
    let next = rules[word] ?? (RULED.has(event.type) ? undefined : rules[REST]);
    if (event.type === "reconnecting") {
      const { attempt: now } = event;
      if (place === "lost" ? now !== 1 : now !== attempt && now !== attempt + 1) next = undefined;
      attempt = now;
    }
    if (place === "begin") {
      isPaused = false;
      for (const { begins } of PAIRS) isOn.set(begins, false);
    }
    for (const { begins, ends, isBy, over } of PAIRS) {
      const before = isOn.get(begins);
      if (word === begins ? before : word === isBy && before === false) next = undefined;
      if (word === begins) isOn.set(begins, true);
      else if (ends.has(word) || over.has(word)) isOn.set(begins, false);
    }
    if (word === "playbackResumed" && isPaused === false) next = undefined;
    if (word === "playbackPaused") {
      // Without a connection nobody could interrupt it.
      if (isPaused || next !== "open") next = undefined;
      isPaused = true;
    }
    if (ENDS_PAUSE.has(word)) isPaused = false;
    if (!next) complain(`${place}: ${word}${event.type === "reconnecting" ? ` ${attempt}` : ""}`);
    place = next ?? place;
  };
}
