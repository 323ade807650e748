import { CONFIG, expect, test } from "./support/bench.mjs";
import { HOSTS, forms } from "./support/forms.mjs";

test("a refused setup names close code, reason and remedy", async ({ bench }) => {
  const { error } = await bench.tryToConnect({ model: "models/sim-refuse-1007" });
  expect(error.isLiveError).toBe(true);
  expect(error.isError).toBe(true);
  expect(error).toMatchObject({ name: "LiveError", code: "setup-refused", retryable: false });
  expect(error.close.code).toBe(1007);
  expect(error.close.reason).not.toBe("");
  expect(error.remedy).toBeTruthy();
});

test("a service that never answers the setup times out", { tag: "@socket" }, async ({ bench }) => {
  const { error } = await bench.tryToConnect({ model: "models/sim-deaf", connectTimeoutMs: 400 });
  expect(error).toMatchObject({ isLiveError: true, code: "timeout", retryable: true });
});

test("a slow setup is waited for", async ({ bench }) => {
  expect(await bench.connect({ model: "models/sim-slow-setup" })).toMatchObject({ state: "open" });
});

for (const isGranted of [true, false]) {
  const what = isGranted ? "the session begins over it" : "it is closed";
  test(`a socket is opened while the user is asked for the microphone: then ${what}`, { tag: "@socket" }, async ({ bench, page, simulator }) => {
    const run = `asked-${process.pid}-${isGranted}`;
    const { endpoint, ...options } = await bench.options({ microphone: true });
    await page.evaluate(
      (given) => {
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        const answer = new Promise((resolve, reject) => (globalThis.answer = (isGranted) => (isGranted ? resolve() : reject(new DOMException("", "NotAllowedError")))));
        navigator.mediaDevices.getUserMedia = (wanted) => answer.then(() => ask(wanted));
        globalThis.connecting = bench.connect(given);
      },
      { ...options, endpoint: `${endpoint}/s/parrot%40${run}` },
    );
    await expect.poll(async () => (await simulator.ofRun(run)).length).toBe(1);
    const [{ id }] = await simulator.ofRun(run);
    expect(await simulator.messages(id), "nothing is said over it yet").toEqual([]);
    await page.evaluate((isGranted) => answer(isGranted), isGranted);
    const { error } = await page.evaluate(() => connecting);
    if (isGranted) expect(error).toBeUndefined();
    else expect(error.code).toMatch(/^permission-/);
    if (isGranted) await simulator.message(id, ({ message }) => message.setup);
    else await simulator.closed(id);
    expect(await simulator.ofRun(run)).toHaveLength(1);
  });
}

for (const { runIn, tag } of forms("once", { runIn: HOSTS })) {
  test(`a signal that is already aborted opens no socket (${runIn})`, async ({ bench, page }) => {
    const sockets = [];
    page.on("websocket", (socket) => sockets.push(socket.url()));
    const before = await bench.simulator.latest();
    const options = await bench.options({ runIn });
    const { error } = await page.evaluate((given) => bench.connect({ ...given, signal: AbortSignal.abort() }), options);
    expect(error).toMatchObject({ isLiveError: true, code: "aborted" });
    expect(sockets).toEqual([]);
    expect((await bench.simulator.latest())?.id).toBe(before?.id);
  });

  test(`a signal aborts a pending connect, once (${runIn})`, { tag: ["@socket", ...tag] }, async ({ bench, page }) => {
    const options = await bench.options({ runIn, model: "models/sim-deaf" });
    const { error } = await page.evaluate(async (given) => {
      const stop = new AbortController();
      const token = async () => {
        const { token } = await (await fetch("/token", { method: "POST" })).json();
        queueMicrotask(() => stop.abort());
        return token;
      };
      return bench.connect({ ...given, token, signal: stop.signal });
    }, options);
    expect(error).toMatchObject({ isLiveError: true, code: "aborted" });
  });

  test(`a token that is not wanted any more is given up, and one that came is not (${runIn})`, async ({ bench, page }) => {
    const given = await bench.options({ runIn, connectTimeoutMs: 1500 });
    const { error, reason } = await page.evaluate(async (options) => {
      let given;
      const reason = new Promise((resolve) => (given = resolve));
      const token = (signal) => {
        signal.addEventListener("abort", () => given(signal.reason.name));
        return new Promise(() => {});
      };
      const { error } = await bench.connect({ ...options, token });
      return { error, reason: await Promise.race([reason, new Promise((resolve) => setTimeout(resolve, 5000, "never"))]) };
    }, given);
    expect(error).toMatchObject({ isLiveError: true, code: "timeout" });
    expect(reason).toBe("AbortError");

    const isAborted = await page.evaluate(async (options) => {
      let kept;
      const token = async (signal) => {
        kept = signal;
        return (await (await fetch("/token", { method: "POST" })).json()).token;
      };
      await bench.connect({ ...options, token, connectTimeoutMs: 15000 });
      await bench.session.close();
      return kept.aborted;
    }, given);
    expect(isAborted).toBe(false);
  });

  test(`a signal closes an open session (${runIn})`, { tag: ["@socket", ...tag] }, async ({ bench, page }) => {
    const options = await bench.options({ runIn });
    await page.evaluate((given) => {
      globalThis.stop = new AbortController();
      return bench.connect({ ...given, signal: globalThis.stop.signal });
    }, options);
    await page.evaluate(() => globalThis.stop.abort());
    await bench.until("loopEnded");
    expect(await page.evaluate(() => bench.session.state)).toBe("closed");
  });
}

test("close ends the loop without an error and the state is closed", { tag: "@socket" }, async ({ bench, page }) => {
  await bench.connect();
  await bench.close();
  expect((await bench.until("loopEnded")).error).toBeUndefined();
  expect(await page.evaluate(() => bench.session.state)).toBe("closed");
  const [closed] = await bench.events("closed");
  expect(closed?.error).toBeUndefined();
});

test("await using closes the session", async ({ bench, page }) => {
  await bench.connect();
  await page.evaluate(() => bench.session[Symbol.asyncDispose]());
  expect(await page.evaluate(() => bench.session.state)).toBe("closed");
});

test("sending on a closed session is refused at once", async ({ bench, page }) => {
  await bench.connect();
  await bench.close();
  const { error } = await page.evaluate(() => bench.attempt(() => bench.session.sendRealtimeInput({ text: "too late" })));
  expect(error).toMatchObject({ isLiveError: true, code: "not-open" });
});

test("a bare API key is refused before anything is sent", async ({ bench, page }) => {
  const sockets = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  const key = `AIza${"x".repeat(35)}`;
  const { error } = await bench.tryToConnect({ token: key });
  expect(error).toMatchObject({ isLiveError: true, code: "api-key-refused" });
  expect(JSON.stringify(error)).not.toContain(key);
  expect(sockets).toEqual([]);
});

test("a bare API key is used when that is allowed", async ({ bench }) => {
  const outcome = await bench.connect({ token: `AIza${"x".repeat(35)}`, dangerouslyAllowApiKey: true });
  expect(outcome.state).toBe("open");
});

test("a token endpoint that fails is token-unavailable", async ({ bench, page, printed }) => {
  await page.route("**/broken-token", (route) => route.fulfill({ status: 500, body: "no" }));
  const { error } = await bench.tryToConnect({ token: "/broken-token" });
  expect(error).toMatchObject({ isLiveError: true, code: "token-unavailable" });
  expect(error.message).toContain("500");
  printed.length = 0; // the browser itself reports the failed request
});

test("a token provider that throws is token-unavailable, and what it threw is not repeated", async ({ bench, page }) => {
  const { error } = await page.evaluate(async (options) => {
    const token = () => Promise.reject(new Error("auth_tokens/secret is no good"));
    return bench.connect({ ...options, token });
  }, await bench.options());
  expect(error).toMatchObject({ isLiveError: true, code: "token-unavailable" });
  expect(error.message).toContain("token provider");
  expect(JSON.stringify(error)).not.toContain("secret");
});

test("an insecure endpoint elsewhere is refused", async ({ bench }) => {
  const { error } = await bench.tryToConnect({ endpoint: "ws://example.com" });
  expect(error).toMatchObject({ isLiveError: true, code: "invalid-option" });
});

test("an unknown field of the config is a warning that names it", async ({ bench }) => {
  await bench.connect({ config: { ...CONFIG, audioConfig: {} } });
  const warning = await bench.until("warning");
  expect(warning).toMatchObject({ code: "unknown-field" });
  expect(warning.message).toContain("audioConfig");
});
