/** The page that a person opens on a phone. It is pressed by script: WebKitGTK's driver has no mouse here. */
import { expect, test } from "./support/bench.mjs";
import { HEADERS, IN_CHROMIUM, forms } from "./support/forms.mjs";
import { SILENCE } from "./support/scenes.mjs";

/** It listens, hears an answer out, and interrupts another. */
const LONGEST_MS = 100_000;

// Whoever spoke would be answered, which is not what is measured.
test.use({ microphone: SILENCE });

/** Opens the page, lets `prepare` change it, presses the button, and answers what it says. */
async function check(page, server, prepare = () => {}) {
  test.setTimeout(LONGEST_MS + 20_000);
  await page.goto(`${server}/check.html`);
  await page.waitForFunction(() => !document.querySelector("#run").disabled);
  await page.evaluate(prepare);
  await page.evaluate(() => document.querySelector("#run").click());
  // By asking: what Playwright waits for it looks for at each frame, of which a page that nobody sees may have none.
  const doing = () => page.evaluate(() => document.querySelector("#doing").textContent);
  await expect.poll(doing, { timeout: LONGEST_MS }).toMatch(/^Done/);
  return said(page, "findings");
}

/** The lines of a list, by their names, and the code. */
function said(page, list) {
  return page.evaluate((id) => {
    const lines = [...document.querySelectorAll(`#${id} li`)];
    const findings = Object.fromEntries(lines.map(({ dataset, textContent }) => [dataset.name, { verdict: dataset.verdict, text: textContent }]));
    return { findings, code: document.querySelector("#code").value, agent: navigator.userAgent };
  }, list);
}

/** The report that a code holds, as the page's own module reads it. */
function decode(page, code) {
  return page.evaluate(async (text) => (await import(new URL("/check-code.js", location.href).href)).decode(text), code);
}

/** Has the page read a code. */
function read(page, code) {
  return page.evaluate((text) => {
    const field = document.querySelector("#pasted");
    field.value = text;
    field.dispatchEvent(new Event("input"));
    return document.querySelector("#unreadable").textContent;
  }, code);
}

const RINGS = { isolated: "shared", plain: "ports" };

// It only asks the package, whose conversations have every form.
for (const { headers, tag } of forms("one", { headers: HEADERS })) {
  test.describe(`${headers} headers`, { tag }, () => {
    test.use({ headers });

    test("one press measures what the simulator saw, and the code holds that and no secret", async ({ page, server, simulator, printed }) => {
      const { findings, code, agent } = await check(page, server);
      const report = await decode(page, code);
      expect(report.failures).toEqual([]);
      expect(report).toMatchObject({ agent, peer: "simulator", isolated: headers === "isolated", runsIn: "worker", ring: RINGS[headers], interruptions: 0 });

      const { id } = await simulator.latest();
      const { received, sent } = await simulator.closed(id);
      expect(Object.keys(received.audio.mimeTypes)).toEqual(["audio/pcm;rate=16000"]);
      expect(report.capturedHz).toBeGreaterThan(0);
      // All of the first answer, and some of the second.
      expect(report.playedMs).toBeCloseTo(report.receivedMs, -2);
      expect(sent.audio.samples / 24).toBeGreaterThan(report.playedMs);
      expect(report.hushMs).not.toBeNull();
      const words = (await simulator.messages(id)).flatMap(({ message }) => message.realtimeInput?.text ?? []);
      expect(words).toHaveLength(2);

      const spelled = Buffer.from(code.split(".")[1], "base64url").toString();
      expect(spelled).not.toMatch(/auth_tokens|access_token|key=|127\.0\.0\.1|localhost/);
      expect(code.length, "letters").toBeLessThan(1000);
      expect(await read(page, `  ${code.slice(0, 40)}\n${code.slice(40)} `)).toBe("");
      expect((await said(page, "read")).findings, "who reads it sees the same").toEqual(findings);
      expect(await read(page, code.slice(0, -9))).toContain("copy all of it");
      expect(printed).toEqual([]);
    });
  });
}

// What fails here does so by the page's own hand, in each browser in the same way.
test("who denies the microphone is told what to do, and the rest is measured", { tag: IN_CHROMIUM }, async ({ page, server }) => {
  const { findings, code } = await check(page, server, () => {
    MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  expect((await decode(page, code)).failures).toEqual([expect.stringMatching(/^microphone:permission-/)]);
  expect(findings.Microphone.verdict).toBe("bad");
  expect(findings.Microphone.text).toContain("Allow the microphone");
  expect(findings.Interruption.verdict).not.toBe("plain");
  expect(findings.Echo, "nobody listened").toBeUndefined();
});

test.describe("where sound does not start", () => {
  // It has been made ready for the session that there is not.
  test.use({ mayLeave: ["Worker"] });

  test("that is told with what to do, and nothing else is tried", { tag: IN_CHROMIUM }, async ({ page, server, simulator }) => {
    const known = (await simulator.connections()).length;
    const { findings, code } = await check(page, server, () => {
      AudioContext.prototype.resume = () => new Promise(() => {});
    });
    expect((await decode(page, code)).failures).toEqual(["sound:needs-gesture"]);
    expect(findings.Sound.text).toContain("Tap the button again");
    expect(await simulator.connections()).toHaveLength(known);
  });
});
