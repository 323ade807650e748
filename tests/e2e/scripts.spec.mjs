/**
 * Every script of the simulator, several at once on one page: it settles in both hosts, says how, and leaves nothing on. Where a
 * script ends a connection the session ends with it here, as the application may wish; what becomes of one that goes on is in
 * rotation.spec.mjs.
 *
 * Chromium goes through all of them. The other browsers do through those that do something of their own to a socket, and through
 * some that do nothing to it: what the session makes of its words is decided in the same wasm everywhere.
 */
import { CONFIG, RAW, WRITTEN, expect, expectNoComplaints, optionsWith, test as base } from "./support/bench.mjs";
import { Crowd } from "./support/crowd.mjs";
import { IN_CHROMIUM } from "./support/forms.mjs";
import { SILENCE, putBefore } from "./support/scenes.mjs";

const TOOL = { functionDeclarations: [{ name: "current_time", description: "Tells the time." }] };

/** A whole turn, after which the application ends the session. */
const ANSWERED = { heard: ["turnComplete"], end: "closed" };

const refused = (code, retryable) => ({ refused: "setup-refused", close: code, retryable });

/** A session of one connection. */
const ONE = { resumption: false };
const ended = (code, close, ...heard) => ({ heard: [...heard, "closed"], end: code, close, options: ONE });
const GONE_AWAY = ended("closed-by-server", 1008, "goAway");
const CUT = ended("network", 1006);
const WITH_TOOL = { config: { ...CONFIG, tools: [TOOL] } };

const UNCOMPRESSED = { config: { ...CONFIG, contextWindowCompression: null } };

/** The service says nothing of its own: the application looks on for a while, and ends the session. */
const ENDURED = { heard: ["setupComplete"], end: "closed", endureMs: 1500 };

/**
 * What becomes of a session, by script: the events it is known by, all of which are waited for,
 * and its end; or the error of `connect`. `options` are those that the script needs.
 */
const OUTCOMES = {
  parrot: ANSWERED,
  "odd-audio": ANSWERED,
  "odd-transcripts": ANSWERED,
  "vertex-forms": ANSWERED,
  "locked-handle-honoured": ANSWERED,
  "locked-handle-ignored": ANSWERED,
  "stream-end-leaves-open": ANSWERED,
  text: { heard: ["text", "turnComplete"], end: "closed", options: WRITTEN },
  tool: { heard: ["toolCall", "turnComplete"], end: "closed", options: WITH_TOOL },
  "two-calls": { heard: ["toolCall", "turnComplete"], end: "closed", options: WITH_TOOL },
  "call-cancelled": { heard: ["toolCall", "toolCallCancellation", "turnComplete"], end: "closed", options: WITH_TOOL },
  "call-wedges": { heard: ["toolCall", "turnComplete"], end: "closed", options: WITH_TOOL },
  bundled: ANSWERED,
  "real-time": ANSWERED,
  bursts: ANSWERED,
  jitter: ANSWERED,
  "bad-json": { heard: ["warning malformed-frame", "turnComplete"], end: "closed" },
  "bad-json-first": { heard: ["warning malformed-frame", "turnComplete"], end: "closed" },
  flood: { heard: ["outputTranscription", "turnComplete"], end: "closed", endureMs: 1500 },
  future: { heard: ["unknown", "turnComplete"], end: "closed" },
  error: { heard: ["serverError", "turnComplete"], end: "closed" },
  handles: { heard: ["sessionResumptionUpdate", "turnComplete"], end: "closed" },
  "handle-forms": { heard: ["sessionResumptionUpdate", "turnComplete"], end: "closed" },
  silent: { heard: ["setupComplete"], end: "closed" },
  "slow-setup": ANSWERED,
  deaf: { refused: "timeout", retryable: true, options: { connectTimeoutMs: 1500 } },
  "half-open": ENDURED,
  "half-open-resumed": GONE_AWAY,
  "refuse-1007": refused(1007, false),
  "not-found": refused(1008, false),
  quota: refused(1011, false),
  unavailable: refused(1011, true),
  "unavailable-twice-then-up": { refused: "network", close: 1006, retryable: true, isPrinted: true },
  "go-away": GONE_AWAY,
  deadline: ended("closed-by-server", 1011, "goAway"),
  "go-away-then-live": GONE_AWAY,
  "go-away-mid-answer": GONE_AWAY,
  "go-away-short": GONE_AWAY,
  "go-away-mid-speech": ANSWERED,
  "go-away-at-call": { ...GONE_AWAY, options: { ...ONE, ...WITH_TOOL } },
  "go-away-without-time-left": GONE_AWAY,
  "go-away-never-closes": { heard: ["goAway", "turnComplete"], end: "closed", options: ONE },
  "end-before-time-left": GONE_AWAY,
  "close-1011": ended("closed-by-server", 1011),
  drop: CUT,
  "two-rotations": GONE_AWAY,
  soak: GONE_AWAY,
  "cut-then-unavailable-twice": CUT,
  "cut-mid-answer": CUT,
  "reset-mid-answer": CUT,
  "cut-at-call": { ...CUT, options: { ...ONE, ...WITH_TOOL } },
  "stale-handle": GONE_AWAY,
  "stale-handle-session": GONE_AWAY,
  "stale-handle-entity": GONE_AWAY,
  "short-lived": { ...ended("closed-by-server", 1011, "goAway"), options: { ...ONE, ...UNCOMPRESSED } },
  "token-expired-at-resume": GONE_AWAY,
  "token-expires": ended("token-refused", 1011),
};

/**
 * Not here: a browser waits for the end of a socket that nobody reads for longer than anything may be left on. The
 * simulator cuts it after fifteen seconds.
 */
const UNREAD = ["stops-reading"];

/** What every browser goes through. */
const OF_SOCKETS = [
  "parrot",
  "text",
  "bursts",
  "bad-json",
  "flood",
  "deaf",
  "half-open",
  "refuse-1007",
  "unavailable-twice-then-up",
  "go-away",
  "go-away-never-closes",
  "end-before-time-left",
  "close-1011",
  "drop",
  "cut-mid-answer",
  "reset-mid-answer",
];

/** Whether anything is left on is asked of each script's frame; no test here has a page of its own. */
const test = base.extend({ nothingLeft: [({ isForThisBrowser: _ }, use) => use(), { auto: true }] });

test.use({ microphone: SILENCE });

/** Runs in the page: a session with both devices, from its beginning to its end. */
async function live({ given, wanted, endureMs = 0, raw }) {
  const plain = ({ code, retryable, close }) => ({ isLiveError: true, code, retryable, close: close?.code });
  let session;
  try {
    session = await bench.LiveSession.connect({ ...given, speaker: true, microphone: raw });
  } catch (error) {
    return { refused: error instanceof bench.LiveError ? plain(error) : String(error) };
  }
  const heard = new Set();
  const settled = new Promise((resolve) => {
    session.on("*", (event) => {
      heard.add(event.type).add(`${event.type} ${event.code}`);
      if (event.type === "toolCall") {
        const functionResponses = event.functionCalls.map(({ id, name }) => ({ id, name, response: { output: "noon" } }));
        session.sendToolResponse({ functionResponses });
      }
      if (event.type === "closed" || wanted.every((one) => heard.has(one))) resolve();
    });
  });
  const loop = (async () => {
    for await (const _ of session);
  })();
  if (session.state === "open") session.sendRealtimeInput({ text: "hi, call current_time" });
  const over = loop.then(() => ({ code: "closed" }), (error) => (error instanceof bench.LiveError ? plain(error) : String(error)));
  const deadline = new Promise((resolve) => setTimeout(resolve, 15_000));
  await Promise.race([settled, deadline]);
  await new Promise((resolve) => setTimeout(resolve, endureMs));
  // After its end that is no more than a wish.
  await session.close();
  return { heard: wanted.filter((one) => heard.has(one)), end: await over, state: session.state };
}

/** Runs a script in both hosts, in a frame that belongs to it. */
async function inBothHosts(frame, name, server, about) {
  const { heard, endureMs, options } = OUTCOMES[name];
  const { endpoint } = await optionsWith(server);
  const inHost = async (runIn) => {
    // A run of its own, behind an @: some scripts count how often they were tried.
    const given = await optionsWith(server, { endpoint: `${endpoint}/s/${name}%40${runIn}-${about}`, ...options, runIn });
    return frame.evaluate(live, { given, wanted: heard ?? [], endureMs, raw: RAW });
  };
  const [worker, page] = await Promise.all(["worker", "page"].map(inHost));
  return { worker, page };
}

/** Whether a line of the console is about the connections of a script. */
const isAbout = (line, name) => line.includes(`/s/${name}%40`) || line.includes(`/s/${name}@`);

/** On how many pages the scripts run. */
const PAGES = 2;

const names = Object.keys(OUTCOMES);

for (let page = 0; page < PAGES; page++) {
  const members = names.filter((_, index) => index % PAGES === page);
  test.describe(() => {
    // The first of them waits for all.
    test.describe.configure({ mode: "default", timeout: 180_000 });
    let crowd;

    test.beforeAll(async ({ browser, browserName, server, simulator }, { project, workerIndex, parallelIndex }) => {
      // Before the first of the tests, which would do so.
      putBefore(parallelIndex, SILENCE);
      const about = `${project.name}-${workerIndex}`;
      const here = browserName === "chromium" ? members : members.filter((name) => OF_SOCKETS.includes(name));
      crowd = await Crowd.gather(browser, server, simulator, here, (frame, name) => inBothHosts(frame, name, server, about));
    });

    test.afterAll(() => crowd?.leave());

    for (const name of members) {
      test(`${name} settles as it should in both hosts, and leaves nothing on`, { tag: OF_SOCKETS.includes(name) ? "@socket" : IN_CHROMIUM }, async ({ sound }) => {
        await sound?.verify();
        const { refused, heard, close, end, retryable, isPrinted } = OUTCOMES[name];
        const outcomes = await crowd.outcome(name);
        const expected = refused
          ? { refused: { isLiveError: true, code: refused, retryable, close } }
          : { heard, end: expect.objectContaining({ code: end }), state: "closed" };
        for (const [host, outcome] of Object.entries(outcomes)) {
          expect(outcome, `in the host ${host}`).toEqual(expected);
          expect(outcome.end?.close, `the close in the host ${host}`).toBe(refused ? undefined : close);
        }
        expect(await crowd.leftBy(name), "what is left on").toEqual([]);
        // The browser itself tells of an answer that is no socket's, with its address.
        const others = members.filter((one) => one !== name || isPrinted);
        expectNoComplaints(crowd.printed.filter((line) => !others.some((one) => isAbout(line, one))));
      });
    }
  });
}

test("every script of the simulator is here", async ({ simulator }) => {
  // Those that other tests have added go.
  await fetch(`${simulator.url}/_simulator/connections`, { method: "DELETE" });
  const known = await (await fetch(`${simulator.url}/_simulator/scripts`)).json();
  expect(known.map(({ name }) => name).sort()).toEqual([...Object.keys(OUTCOMES), ...UNREAD].sort());
});
