/**
 * Sessions that outlive their connections: what the simulator saw of each connection, and what the user heard meanwhile.
 *
 * A story is lived through in both hosts at once; what of it needs a hand from outside has a test of its own below.
 */
import { CONFIG, RAW, WRITTEN, expect, test } from "./support/bench.mjs";
import { HOSTS, IN_CHROMIUM, forms } from "./support/forms.mjs";
import { leftOf } from "./support/leftovers.mjs";
import { SILENCE } from "./support/scenes.mjs";
import { align, compare, level, unexcused } from "./support/sound.mjs";

const WIRE_OUT_HZ = 24_000;

const TOOL = { functionDeclarations: [{ name: "current_time", description: "Tells the time." }] };

/** What is said first, and asked for when the connection is another: only who remembers can say it. */
const SAID = "the lamp is green";
const REMEMBERED = `You said: ${SAID}`;
const FORGOTTEN = "You have said nothing yet.";
/** The last good handle is from before the answer that was being given: what it was given to is in none. */
const OF_BEFORE = FORGOTTEN;

/** Pauses that no test waits for in vain. */
const SOON = { firstMs: 50, longestMs: 200, giveUpMs: 10_000 };

/** One connection after the other, the last of which the application closes. */
const LEFT = "closed by us";
const resumed = (cause, links, more) => ({ cause, comes: ["resumed"], recalls: REMEMBERED, links, options: WRITTEN, ...more });
const restarted = (ends, more) => ({
  ...resumed("go-away", ["first", "refused", "first"]), comes: ["restarted"], ends, history: { isDeclared: false }, ...more,
});
const away = (more) => resumed("go-away", ["first", "resumes"], { ends: [LEFT], ...more });
const lost = (more) => resumed("network", ["first", "resumes"], { ends: ["cut"], ...more });
const spoken = { options: {}, recalls: OF_BEFORE };

const cut = { on: { connection: 1, after: "1s" }, do: "cut" };
const unavailable = (to) => ({ on: { upgrade: true, attempt: { from: 2, to } }, do: { refuseUpgrade: { status: 503 } } });

/**
 * By script, or by steps for one: why the connection is left, what comes of it, what the model answers to `recall`
 * then, and how each connection of the session began and ended, as the simulator saw it. In every browser are those that end a
 * socket in a way of their own; what follows from it the session decides, which knows no browser.
 */
const STORIES = {
  "go-away-then-live": away({ isInAll: true }),
  // Whether there is time for the whole answer is up to the machine that runs this.
  "go-away-mid-answer": away({ options: {}, recalls: undefined }),
  "an answer that is waited for": away({
    options: {},
    steps: [{ on: { connection: 1, audioPart: 2 }, do: { goAway: { timeLeft: "8s" } } }],
  }),
  "go-away-short": away(),
  "go-away-without-time-left": away(),
  "go-away-never-closes": away(),
  // The service is a second early: whoever is slow is closed by it.
  "end-before-time-left": away({ ends: [expect.stringMatching(/^(closed by us|1008)$/)] }),
  // The second connection dies under a microphone that is open and says nothing.
  "half-open-resumed": resumed("go-away", ["first", "resumes", "resumes"], {
    comes: ["resumed", "resumed"],
    ends: [LEFT, LEFT],
    options: { ...WRITTEN, silenceMs: 1000 },
    isInAll: true,
  }),
  "cut-mid-answer": lost(spoken),
  "reset-mid-answer": lost({ ...spoken, isInAll: true }),
  "cut-then-unavailable-twice": resumed("network", ["first", "turned away", "turned away", "resumes"], {
    ends: ["cut", "503", "503"],
    isPrinted: true,
    isInAll: true,
  }),
  "token-expired-at-resume": away(),
  "token-expires": resumed("token", ["first", "resumes"], { ends: ["1011"], isInAll: true }),
  "stale-handle": restarted([LEFT, "1007"], { isInAll: true }),
  "stale-handle-session": restarted([LEFT, "1008"]),
  "stale-handle-entity": restarted([LEFT, "1008"]),
  "two-rotations": resumed("go-away", ["first", "resumes", "resumes"], { comes: ["resumed", "resumed"], ends: [LEFT, LEFT] }),
  "a history that is declared": restarted([LEFT, "1007"], {
    script: "stale-handle",
    history: { isDeclared: true },
    options: { model: "models/gemini-3.1-flash-live-preview" },
  }),
  "a history that nobody wants": restarted([LEFT, "1007"], {
    script: "stale-handle",
    history: undefined,
    recalls: FORGOTTEN,
    options: { ...WRITTEN, reseed: false },
  }),
  "two rotations within ten seconds": resumed("go-away", ["first", "resumes", "resumes"], {
    comes: ["resumed", "resumed"],
    ends: [LEFT, LEFT],
    steps: [
      { on: { connection: 1, after: "1s" }, do: { goAway: { timeLeft: "2s" } } },
      { on: { connection: 2, after: "2s" }, do: { goAway: { timeLeft: "1.5s" } } },
    ],
  }),
  "cut-at-call": lost({ says: `${SAID}, call current_time`, recalls: OF_BEFORE, options: { config: { ...CONFIG, tools: [TOOL] } } }),
  "go-away-at-call": away({ says: `${SAID}, call current_time`, recalls: OF_BEFORE, options: { config: { ...CONFIG, tools: [TOOL] } } }),
  "a tool that never returns": away({
    says: `${SAID}, call current_time`,
    recalls: OF_BEFORE,
    options: { config: { ...CONFIG, tools: [TOOL] } },
    steps: [{ on: { connection: 1, toolCall: 1 }, do: { goAway: { timeLeft: "1.5s" } } }],
  }),
};

test.use({ microphone: SILENCE });

/** Runs in the page: a session with both devices through its story, and what is asked of it after. */
async function live({ given, comes, says, raw }) {
  const tokens = [];
  const token = async () => {
    tokens.push((await (await fetch("/token", { method: "POST" })).json()).token);
    return tokens.at(-1);
  };
  const session = await bench.LiveSession.connect({ ...given, token, speaker: true, microphone: raw });
  const { microphone, speaker } = session;
  const events = [];
  let hears = () => {};
  const follow = bench.follower();
  session.on("*", (event) => {
    follow(event);
    events.push(event);
    hears();
  });
  const until = (isThere) => new Promise((resolve) => (hears = () => isThere() && resolve())).finally(() => (hears = () => {}));
  const count = (type) => events.filter((event) => event.type === type).length;
  const within = (ms, coming) => Promise.race([coming, new Promise((resolve) => setTimeout(resolve, ms))]);
  session.sendRealtimeInput({ text: says });
  const isThrough = () => comes.every((type) => count(type) >= comes.filter((one) => one === type).length);
  await within(30_000, until(isThrough));
  const from = events.length;
  const state = session.state;
  session.sendRealtimeInput({ text: "recall" });
  await within(10_000, until(() => events.slice(from).some(({ type }) => type === "turnComplete")));
  const words = events.slice(from).filter(({ type }) => type === "outputTranscription" || type === "text");
  const isOn = { microphone: !microphone.stopped, speaker: !speaker.stopped };
  await session.close();
  return {
    events: events.map(({ type, cause, state, reseeded, reseededTurns, droppedTurns }) => ({ type, cause, state, reseeded, reseededTurns, droppedTurns })),
    recalled: words.map(({ text }) => text ?? "").join("").trim(),
    state,
    isOn,
    tokens: [tokens.length, new Set(tokens).size],
    error: events.at(-1).error?.code,
  };
}

/** How a connection ended. */
function endOf({ close }) {
  if (!close) return "open";
  if (close.status) return String(close.status);
  if (close.by === "client") return close.code === 1000 ? LEFT : `left with ${close.code}`;
  return close.code === 1006 ? "cut" : String(close.code);
}

/** How a connection began: `before` are those of the same session before it. */
function beginningOf({ setup, sent, resumedFrom, close }, before) {
  if (close?.status) return "turned away";
  const isOffering = Boolean(setup.received?.sessionResumption?.handle);
  if (!sent.counts.setupComplete) return isOffering ? "refused" : "never began";
  if (!isOffering) return "first";
  return resumedFrom === before.findLast(({ close }) => !close?.status)?.id ? "resumes" : "resumes another";
}

/** What a connection was told of the conversation before it: the first that it got after its setup, if that is client content. */
async function expectHistory(simulator, { id, setup }, history, { reseeded, reseededTurns, droppedTurns }) {
  const [, { message }, ...later] = (await simulator.messages(id)).filter(({ from }) => from === "client");
  expect(Boolean(setup.received.historyConfig?.initialHistoryInClientContent)).toBe(history?.isDeclared ?? false);
  if (!history) {
    expect({ reseeded, reseededTurns }).toEqual({ reseeded: false, reseededTurns: 0 });
    expect([message, ...later.map(({ message }) => message)].filter(({ clientContent }) => clientContent)).toEqual([]);
    return;
  }
  const { turns, turnComplete } = message.clientContent;
  expect(turns[0]).toEqual({ role: "user", parts: [{ text: SAID }] });
  expect(turns.map(({ role }) => role)).toEqual(["user", "model"]);
  expect(turnComplete, "what is not declared is left open: it would be answered").toBe(history.isDeclared);
  expect({ reseeded, reseededTurns, droppedTurns }).toEqual({ reseeded: true, reseededTurns: 2, droppedTurns: 0 });
}

const beginnings = (links) => links.map((link, at) => beginningOf(link, links.slice(0, at)));

/** Never two at once: the service takes the second for an error, and would have the first end for nothing. */
async function expectOneAtATime(simulator, links) {
  const spans = await Promise.all(links.map((link) => simulator.span(link)));
  for (const [at, { offeredMs }] of spans.entries()) {
    if (offeredMs === Infinity) continue;
    for (const { closedMs } of spans.slice(0, at)) expect(closedMs, "closed before the next was offered").toBeLessThanOrEqual(offeredMs);
  }
}

for (const [name, story] of Object.entries(STORIES)) {
  const { cause, comes, recalls, links, ends, steps, options, says = SAID, history, isPrinted, isInAll } = story;
  const tag = isInAll ? [] : [IN_CHROMIUM];
  test(`${name}: the session goes on in both hosts, which end with ${comes.at(-1)}`, { tag }, async ({ bench, page, printed, simulator }, { testId, retry }) => {
    const script = story.script ?? (steps ? name.toLowerCase().replaceAll(" ", "-") : name);
    if (steps) await simulator.addScript({ name: script, summary: name, steps });
    const { endpoint } = await bench.options();
    const inHost = async (runIn) => {
      const run = `${testId}-${runIn}-${retry}`;
      const given = await bench.options({ endpoint: `${endpoint}/s/${script}%40${run}`, retry: SOON, ...options, runIn });
      return { run, outcome: await page.evaluate(live, { given, comes, says, raw: RAW }) };
    };
    for (const { run, outcome } of await Promise.all([inHost("worker"), inHost("page")])) {
      const types = outcome.events.map(({ type }) => type);
      expect(types.filter((type) => type === "resumed" || type === "restarted")).toEqual(comes);
      expect(types.filter((type) => type === "setupComplete")).toHaveLength(1);
      expect(outcome.events.find(({ type }) => type === "reconnecting")?.cause).toBe(cause);
      expect(outcome.events.filter(({ state }) => state).map(({ state }) => state).slice(-4)).toEqual(["reconnecting", "open", "closing", "closed"]);
      expect(outcome).toMatchObject({ state: "open", isOn: { microphone: true, speaker: true }, recalled: recalls ?? expect.any(String) });
      expect(outcome.error, "the application's own wish").toBeUndefined();

      const found = await simulator.ofRun(run);
      expect(beginnings(found)).toEqual(links);
      expect(found.map(endOf)).toEqual([...ends, LEFT]);
      expect(outcome.tokens, "each connection has a token of its own").toEqual([links.length, links.length]);
      await expectOneAtATime(simulator, found);
      const restarted = outcome.events.find(({ type }) => type === "restarted");
      if (restarted) await expectHistory(simulator, found.at(-1), history, restarted);
    }
    // The browser itself tells of an answer that is no socket's.
    if (isPrinted) printed.length = 0;
  });
}

// Of the two hosts elsewhere the page, whose network and clock can be taken there: Workers have conversations enough.
for (const { runIn, tag } of forms("once", { runIn: HOSTS })) {
  test.describe(`session in the ${runIn}`, { tag }, () => {
    /** A session behind a script, in a run of its own. */
    async function connect(bench, { testId, retry }, script, changes) {
      const run = `${testId}-${retry}`;
      const { endpoint } = await bench.options();
      const connected = () => bench.simulator.ofRun(run);
      const session = await bench.connect({ endpoint: `${endpoint}/s/${script}%40${run}`, runIn, ...changes });
      return { session, connected };
    }

    const say = (page, text) => page.evaluate((text) => bench.session.sendRealtimeInput({ text }), text);

    for (const script of ["go-away-mid-answer", "cut-mid-answer"]) {
      test(`${script}: what had come is played to its end, once, and the next answer after it @exact`, async ({ bench, page }, info) => {
        const { connected } = await connect(bench, info, script, { retry: SOON });
        await bench.openSpeaker(WIRE_OUT_HZ);
        await say(page, "one two three four five six seven eight nine ten");
        const { index } = await bench.until("resumed");
        await bench.until("playbackEnded");
        await say(page, "eleven twelve thirteen");
        const second = await bench.until("playbackStarted", index);
        await bench.until("playbackEnded", second.index);
        const { samples } = await bench.recorded();
        expect(await bench.events("interrupted")).toEqual([]);
        await bench.close();
        // Each begins with much the same chime, so it is looked for before the end of its own playback.
        const ended = (await bench.events("playbackEnded")).map(({ frame }) => frame + 0.1 * WIRE_OUT_HZ);
        let from = 0;
        for (const [at, { id }] of (await connected()).entries()) {
          const sent = (await bench.simulator.sent(id)).samples;
          expect(sent.length, "samples of this answer").toBeGreaterThan(WIRE_OUT_HZ / 2);
          // The beginning alone: where there is a gap, the rest lies elsewhere.
          const offset = from + align(sent.subarray(0, WIRE_OUT_HZ / 2), samples.subarray(from, ended[at])).offset;
          expect(offset, "after the answer before").toBeGreaterThanOrEqual(from);
          const ramp = 0.006 * WIRE_OUT_HZ;
          const { wrong, gaps } = compare(sent, samples, offset, { ramp });
          expect(wrong, `of ${sent.length} samples`).toBe(0);
          const paced = (await bench.simulator.audio(id)).sent;
          expect(unexcused(gaps, paced, { rate: WIRE_OUT_HZ, ramp }), "gaps").toEqual([]);
          expect(level(samples.subarray(from, offset)), "nothing is played in between").toBe(0);
          from = offset + sent.length + gaps.reduce((sum, gap) => sum + gap.samples, 0);
        }
        expect(level(samples.subarray(from)), "nothing is played twice").toBe(0);
      });
    }

    test("the next connection is made while the model still speaks on the one before", async ({ bench, page }, info) => {
      const { connected } = await connect(bench, info, "go-away-mid-answer");
      await bench.openSpeaker();
      await say(page, "one two three four five six seven eight nine ten eleven twelve");
      await bench.until("resumed");
      const [first, second] = await connected();
      const { offeredMs, closedMs } = await bench.simulator.span(first);
      expect(second.openedMs).toBeGreaterThan(offeredMs);
      expect(second.openedMs).toBeLessThan(closedMs);
      await expectOneAtATime(bench.simulator, [first, second]);
      await bench.close();
    });

    // It takes as long as the session is patient, of which neither host knows; half-open-resumed is lived through in both, everywhere.
    if (runIn === "worker") test("a connection that says nothing to what it is asked is left for another", async ({ bench, page }, info) => {
      const { connected } = await connect(bench, info, "half-open", { ...WRITTEN, retry: SOON });
      await page.waitForTimeout(1200);
      await say(page, SAID);
      const { cause } = await bench.until("reconnecting");
      expect(cause).toBe("silence");
      const { index } = await bench.until("resumed");
      await say(page, "and now");
      await bench.until("turnComplete", index);
      await bench.close();
      await expectOneAtATime(bench.simulator, await connected());
    });

    test(`a machine that slept looks whether its connection lives, and goes on over another (${runIn})`, async ({ bench, page }, info) => {
      const { connected } = await connect(bench, info, "parrot", { ...WRITTEN, retry: SOON });
      await say(page, SAID);
      await bench.until("turnComplete");
      const [{ id }] = await connected();
      await bench.simulator.pull(id, "stall");
      const sleep = () => {
        const now = Date.now;
        Date.now = () => now() + 60_000;
      };
      await (runIn === "worker" ? page.workers()[0] : page).evaluate(sleep);
      const { cause } = await bench.until("reconnecting");
      expect(cause).toBe("wake");
      const { index } = await bench.until("resumed");
      await say(page, "recall");
      await bench.until("turnComplete", index);
      expect((await bench.events("text")).map(({ text }) => text).join("")).toContain(REMEMBERED);
      await bench.close();
    });

    test(`without a network nothing is tried, what is said waits, and with it all goes on (${runIn})`, async ({ bench, page, context, browserName }, info) => {
      const { connected } = await connect(bench, info, "parrot", { ...WRITTEN, retry: SOON });
      await say(page, SAID);
      await bench.until("turnComplete");
      const goes = offlineBy(page, context, browserName, runIn);
      await goes(true);
      const { cause, retryInMs } = await bench.until("reconnecting");
      expect({ cause, retryInMs }).toEqual({ cause: "offline", retryInMs: undefined });
      expect(await page.evaluate(() => bench.session.state)).toBe("reconnecting");
      await say(page, "recall");
      await page.waitForTimeout(1000);
      expect(await connected(), "nothing is tried").toHaveLength(1);
      await goes(false);
      const { index } = await bench.until("resumed");
      await bench.until("turnComplete", index);
      expect((await bench.events("text")).map(({ text }) => text).join("")).toContain(REMEMBERED);
      const messages = await bench.simulator.messages((await connected()).at(-1).id);
      expect(messages.filter(({ message }) => message.realtimeInput?.text === "recall"), "once").toHaveLength(1);
      await bench.close();
    });

    test("a page that is loaded again goes on with the conversation, until the application ends it", async ({ bench, page }, info) => {
      const persist = "conversation";
      const { connected } = await connect(bench, info, "parrot", { ...WRITTEN, persist });
      await say(page, SAID);
      await bench.until("turnComplete");
      const [first] = await connected();
      const kept = await page.evaluate(() => ({ ...sessionStorage }));
      expect(Object.keys(kept)).toEqual([persist]);
      expect(kept[persist], "a handle").not.toMatch(/auth_tokens|^$/);
      await page.reload();
      await page.waitForFunction(() => globalThis.bench);
      // The service may not have noticed yet that the page is gone, and refuse the handle till then.
      await connect(bench, info, "parrot", { ...WRITTEN, persist });
      await say(page, "recall");
      await bench.until("turnComplete");
      expect((await bench.events("text")).map(({ text }) => text).join("")).toContain(REMEMBERED);
      expect((await connected()).at(-1).resumedFrom).toBe(first.id);
      await bench.close();
      expect(await page.evaluate(() => ({ ...sessionStorage }))).toEqual({});
    });

    test("a tab that was duplicated begins anew, and the one that it is of goes on", async ({ bench, page, context, server }, info) => {
      const options = { ...WRITTEN, persist: "conversation", connectTimeoutMs: 3000 };
      const { connected } = await connect(bench, info, "parrot", options);
      await say(page, SAID);
      await bench.until("turnComplete");
      const kept = await page.evaluate(() => sessionStorage.conversation);
      const tab = await context.newPage();
      await tab.goto(`${server}/tests/pages/bench.html`);
      await tab.waitForFunction(() => globalThis.bench);
      await tab.evaluate((handle) => (sessionStorage.conversation = handle), kept);
      const [{ id }] = await connected();
      const { endpoint } = await bench.options();
      const given = await bench.options({ endpoint: `${endpoint}/s/parrot%40${info.testId}-${info.retry}`, runIn, ...options });
      const { error } = await tab.evaluate((given) => bench.connect(given), given);
      expect(error, "the error of connect").toBeUndefined();
      await tab.evaluate(() => bench.until({ type: "restarted" }, 0));
      const found = await connected();
      expect(new Set(beginnings(found).slice(1, -1)), "the handle was offered while its connection was open").toEqual(new Set(["refused"]));
      expect(beginnings(found).at(-1)).toBe("first");
      const { index } = await bench.until("turnComplete");
      await say(page, "recall");
      await bench.until("turnComplete", index + 1);
      expect((await bench.events("text")).map(({ text }) => text).join("")).toContain(REMEMBERED);
      expect(found.find((link) => link.id === id).close, "its connection is still the first").toBeNull();
      await tab.evaluate(() => bench.session.close());
      await bench.close();
    });

    test("a handle of a page before that nobody knows any more is no failure", async ({ bench, page }, info) => {
      await page.evaluate(() => sessionStorage.setItem("conversation", "of another time"));
      const { session, connected } = await connect(bench, info, "parrot", { ...WRITTEN, persist: "conversation" });
      expect(session.state).toBe("open");
      await bench.until("restarted");
      expect(beginnings(await connected())).toEqual(["refused", "first"]);
      await expect.poll(() => page.evaluate(() => sessionStorage.conversation)).toMatch(/./);
      expect(await page.evaluate(() => sessionStorage.conversation)).not.toBe("of another time");
      await bench.close();
    });

    // Which of the two readings is the service's nobody has seen. Neither fails; only what the model remembers tells them apart.
    for (const [reading, remembered] of [["honoured", REMEMBERED], ["ignored", FORGOTTEN]]) {
      test(`a handle beside a token that holds the setup is ${reading}, and the session goes on`, async ({ bench, page, simulator }, info) => {
        const bidiGenerateContentSetup = { model: WRITTEN.model, generationConfig: WRITTEN.config, sessionResumption: {} };
        await page.context().route("**/locked-token", async (route) => {
          const headers = { "x-goog-api-key": "a key", "content-type": "application/json" };
          const body = JSON.stringify({ uses: 1, bidiGenerateContentSetup });
          const { name } = await (await fetch(`${simulator.url}/v1alpha/auth_tokens`, { method: "POST", headers, body })).json();
          await route.fulfill({ json: { token: name } });
        });
        const { connected } = await connect(bench, info, `locked-handle-${reading}`, { ...WRITTEN, token: "/locked-token", retry: SOON });
        await say(page, SAID);
        await bench.until("turnComplete");
        await bench.simulator.pull((await connected())[0].id, "go-away", { timeLeft: "2s" });
        const { index } = await bench.until("resumed");
        await say(page, "recall");
        await bench.until("turnComplete", index);
        expect((await bench.events("text", index)).map(({ text }) => text).join("")).toContain(remembered);
        await bench.close();
      });
    }

    for (const isOwn of [false, true]) {
      const what = isOwn ? "a LiveError that is not retryable ends it" : "the session goes on when it does no more";
      test(`a token function that throws after a cut is asked again; ${what}`, async ({ bench, page, simulator }, { testId, retry }) => {
        await simulator.addScript({ name: "cut-once", summary: "a cut", steps: [cut] });
        const run = `${testId}-${retry}`;
        const { endpoint } = await bench.options();
        const given = await bench.options({ endpoint: `${endpoint}/s/cut-once%40${run}`, runIn, ...WRITTEN, retry: SOON });
        await page.evaluate(([given, isOwn]) => {
          const details = { code: "token-refused", message: "Nobody is signed in.", retryable: false };
          const failures = [
            () => {
              throw new TypeError("Failed to fetch");
            },
            () => Promise.reject(isOwn ? new bench.LiveError(details) : new TypeError("Failed to fetch")),
          ];
          let asked = 0;
          const token = async () => (await (await fetch("/token", { method: "POST" })).json()).token;
          return bench.connect({ ...given, token: () => (asked++ > 0 && failures.shift()?.()) || token() });
        }, [given, isOwn]);
        if (isOwn) {
          const { error } = await bench.until("loopEnded");
          expect(error).toMatchObject({ isLiveError: true, code: "token-refused", message: "Nobody is signed in." });
          return;
        }
        await bench.until("resumed");
        const causes = (await bench.events("reconnecting")).map(({ cause }) => cause);
        expect(causes).toEqual(["network", "token", "token"]);
        await bench.close();
        expect(beginnings(await simulator.ofRun(run))).toEqual(["first", "resumes"]);
      });
    }

    test("who does not want to wait for the next attempt need not", async ({ bench, page, simulator, printed }, info) => {
      await simulator.addScript({ name: "cut-and-unavailable", summary: "503 once after a cut", steps: [cut, unavailable(2)] });
      const pauses = { firstMs: 600_000, longestMs: 600_000, giveUpMs: 3_600_000, jitter: 0 };
      await connect(bench, info, "cut-and-unavailable", { ...WRITTEN, retry: pauses });
      await bench.until("reconnecting", 0, { retryInMs: 600_000 });
      await page.evaluate(() => bench.session.retryNow());
      await bench.until("resumed");
      await bench.close();
      printed.length = 0; // the browser itself tells of an answer that is no socket's
    });

    test("a service that stays away ends the session with the last cause, and nothing is left on", async ({ bench, page, simulator, printed }, info) => {
      await simulator.addScript({ name: "cut-and-away", summary: "503 for ever after a cut", steps: [cut, unavailable(1000)] });
      const pauses = { ...SOON, giveUpMs: 1500 };
      const { connected } = await connect(bench, info, "cut-and-away", { retry: pauses, speaker: true, microphone: RAW });
      const { error } = await bench.until("loopEnded");
      expect(error).toMatchObject({ isLiveError: true, code: "network", retryable: true, close: { code: 1006 } });
      expect((await bench.events("reconnecting")).length).toBeGreaterThan(1);
      expect(await page.evaluate(() => bench.session.state)).toBe("closed");
      const count = (await connected()).length;
      await page.waitForTimeout(500);
      expect(await connected(), "nothing more is tried").toHaveLength(count);
      await expect.poll(() => leftOf(page, simulator)).toEqual([]);
      printed.length = 0;
    });

    test("a session that is closed between two connections gives everything back at once", async ({ bench, page, simulator, printed }, info) => {
      await simulator.addScript({ name: "cut-and-away", summary: "503 for ever after a cut", steps: [cut, unavailable(1000)] });
      await connect(bench, info, "cut-and-away", { speaker: true, microphone: RAW });
      await bench.until("reconnecting");
      const isOn = () => page.evaluate(() => [!bench.session.microphone.stopped, !bench.session.speaker.stopped]);
      expect(await isOn(), "the devices stay").toEqual([true, true]);
      await bench.close();
      expect(await page.evaluate(() => bench.session.state)).toBe("closed");
      expect((await bench.events("closed"))[0].error).toBeUndefined();
      await expect.poll(() => leftOf(page, simulator)).toEqual([]);
      printed.length = 0;
    });
  });
}

/**
 * How the network is taken from a session and given back. Chromium's driver takes it from pages alone, and Firefox's from nobody:
 * there a Worker, or the page, hears what it would hear.
 */
function offlineBy(page, context, browserName, runIn) {
  if (browserName === "chromium" && runIn === "page") return (isOffline) => context.setOffline(isOffline);
  const tell = (kind) => void dispatchEvent(new Event(kind));
  const global = runIn === "page" ? page : page.workers()[0];
  return (isOffline) => global.evaluate(tell, isOffline ? "offline" : "online");
}
