/** What the application gives for a token, and what is said of it. */
import { expect, test } from "./support/bench.mjs";

const PAST = "2020-01-01T00:00:00Z";

for (const runIn of ["worker", "page"]) {
  test.describe(`session in the ${runIn}`, () => {
    test("a function's token that has expired is asked for again", async ({ bench, page }) => {
      const { asked, state } = await page.evaluate(async ({ given, past }) => {
        let asked = 0;
        const token = async () => {
          const { token } = await (await fetch("/token", { method: "POST" })).json();
          return ++asked === 1 ? { token, newSessionExpireTime: past, expireTime: "2100-01-01T00:00:00Z" } : { token };
        };
        const { value } = await bench.connect({ ...given, token });
        return { asked, state: value?.state };
      }, { given: await bench.options({ runIn }), past: PAST });
      expect({ asked, state }).toEqual({ asked: 2, state: "open" });
    });

    test("an endpoint's token that has expired is asked for again", async ({ bench, page, server }) => {
      let asked = 0;
      await page.context().route("**/aging-token", async (route) => {
        const { token } = await (await fetch(`${server}/token`, { method: "POST" })).json();
        await route.fulfill({ json: { token, expireTime: ++asked === 1 ? PAST : "2100-01-01T00:00:00Z" } });
      });
      await bench.connect({ runIn, token: "/aging-token" });
      expect(asked).toBe(2);
    });

    for (const [what, answer] of Object.entries({
      "a page": { contentType: "text/html", body: "<!doctype html><title>secret</title><p>Please log in" },
      "broken bytes": { contentType: "text/plain", body: Buffer.from([0xff, 0xfe, 0x00, 0x41]) },
      "five megabytes": { contentType: "text/plain", body: "x".repeat(5_000_000) },
      "an error in JSON": { contentType: "application/json", body: '{"error":"secret"}' },
    })) {
      test(`${what} is said to be no token, and goes nowhere`, async ({ bench, page }) => {
        const addresses = [];
        page.on("websocket", (socket) => addresses.push(socket.url()));
        await page.context().route("**/no-token", (route) => route.fulfill({ status: 200, ...answer }));
        for (const dangerouslyAllowApiKey of [false, true]) {
          const { error } = await bench.tryToConnect({ runIn, token: "/no-token", dangerouslyAllowApiKey });
          expect(error).toMatchObject({ isLiveError: true, code: "token-unavailable", retryable: false });
          expect(error.remedy).toBeTruthy();
          expect(JSON.stringify(error)).not.toContain("secret");
        }
        expect(addresses).toEqual([]);
      });
    }

    test("too many requests may pass", async ({ bench, page, printed }) => {
      await page.context().route("**/busy-token", (route) => route.fulfill({ status: 429, body: "later" }));
      const { error } = await bench.tryToConnect({ runIn, token: "/busy-token" });
      expect(error).toMatchObject({ isLiveError: true, code: "token-unavailable", retryable: true });
      printed.length = 0; // the browser itself reports the failed request
    });

    test("what a token function throws is the cause, and a LiveError is the failure itself", async ({ bench, page }) => {
      const options = await bench.options({ runIn });
      const { plain, own } = await page.evaluate(async (given) => {
        const thrown = new Error("not signed in");
        const plain = await bench.LiveSession.connect({ ...given, token: () => Promise.reject(thrown) }).catch((error) => error);
        const details = { code: "token-unavailable", message: "Nobody is signed in.", remedy: "Sign in.", field: "user", retryable: true };
        const token = () => {
          throw new bench.LiveError(details);
        };
        const own = await bench.LiveSession.connect({ ...given, token }).catch((error) => error);
        const { code, message, remedy, field, retryable } = own;
        return {
          plain: { code: plain.code, retryable: plain.retryable, isCause: plain.cause === thrown, text: JSON.stringify(plain), remedy: plain.remedy },
          own: { isLiveError: own instanceof bench.LiveError, code, message, remedy, field, retryable },
        };
      }, options);
      expect(plain).toMatchObject({ code: "token-unavailable", retryable: true, isCause: true });
      expect(plain.text).not.toContain("not signed in");
      expect(plain.remedy).toBeTruthy();
      expect(own).toEqual({
        isLiveError: true, code: "token-unavailable", message: "Nobody is signed in.", remedy: "Sign in.", field: "user", retryable: true,
      });
    });
  });
}

test("a token endpoint is found from the document's base", async ({ bench, page, server }) => {
  await page.evaluate((base) => {
    const element = Object.assign(document.createElement("base"), { href: `${base}/app/` });
    document.head.append(element);
  }, server);
  let asked = 0;
  await page.context().route("**/app/token", async (route) => {
    asked += 1;
    const { token } = await (await fetch(`${server}/token`, { method: "POST" })).json();
    await route.fulfill({ json: { token } });
  });
  await bench.connect({ token: "./token" });
  expect(asked).toBe(1);
});

test("a config or a message that is no data is refused in words", async ({ bench, page }) => {
  const outcomes = await page.evaluate(async (given) => {
    const refused = await bench.attempt(() => bench.LiveSession.connect({ ...given, config: () => ({}) }));
    await bench.connect(given);
    const sent = await Promise.all(
      [() => {}, Symbol("x"), { toJSON: () => undefined }].map((input) => bench.attempt(() => bench.session.sendRealtimeInput(input))),
    );
    const half = await bench.attempt(() => bench.session.sendRealtimeInput({ text: "\u{1f44d}".slice(0, 1) }));
    return { refused, sent, half };
  }, await bench.options());
  for (const { error } of [outcomes.refused, ...outcomes.sent]) {
    expect(error).toMatchObject({ isLiveError: true, code: "invalid-option" });
  }
  expect(outcomes.half.error).toBeUndefined();
});
