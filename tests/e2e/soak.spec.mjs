import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { OUT_DIR } from "./playwright.config.mjs";
import { expect, test } from "./support/bench.mjs";
import { Gap, Heard, Spoken } from "./support/ledger.mjs";

/** Sessions, and a browser that is ended with them: less than the test may take. */
const LONGEST_MS = 110_000;

test("sessions that go from connection to connection lose nothing that is not accounted for", async ({ server }) => {
  test.setTimeout(120_000);
  const env = { ...process.env, DEMO_URL: server, SESSIONS: "2", MINUTES: "0.35", OUT_DIR };
  const child = spawn(process.execPath, [fileURLToPath(new URL("soak.mjs", import.meta.url))], { env, timeout: LONGEST_MS });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => printed.push(bytes));
  const code = await new Promise((resolve) => child.once("exit", resolve));
  const said = Buffer.concat(printed).toString();
  expect(said).toMatch(/^left on +nothing$/m);
  expect(said).toMatch(/^unexplained +nothing$/m);
  expect(Number(/^rotations +(\d+)/m.exec(said)?.[1]), "rotations").toBeGreaterThan(3);
  expect(Number(/heard +([\d.]+) s played/.exec(said)?.[1]), "seconds played").toBeGreaterThan(1);
  expect(code).toBe(0);
});

test("the witness sees what sockets are given, on a page and in a Worker, and how large the wasm is", async ({ page, bench, simulator }) => {
  await page.addInitScript({ path: fileURLToPath(new URL("pages/witness.js", import.meta.url)) });
  for (const runIn of ["page", "worker"]) {
    const run = `witness-${runIn}-${process.pid}`;
    const { endpoint } = await bench.options();
    await page.reload();
    await page.waitForFunction(() => globalThis.bench);
    await bench.connect({ endpoint: `${endpoint}/s/parrot%40${run}`, runIn });
    await bench.openMicrophone();
    const [{ id }] = await simulator.ofRun(run);
    await page.evaluate(() => bench.session.sendClientContent({ turns: "note 1", turnComplete: false }));
    await expect.poll(async () => (await simulator.ofRun(run))[0].received.audio.samples).toBeGreaterThan(16_000);
    await bench.close();
    const { received } = await simulator.closed(id);
    const { sockets, wasm } = await page.evaluate((run) => witnessed(run), run);
    const nothing = { samples: 0, notes: 0 };
    const given = { samples: received.audio.samples, notes: 1 };
    expect(sockets.map(({ given, unsent }) => ({ given, unsent })), runIn).toEqual([{ given, unsent: nothing }]);
    expect(Math.min(wasm, sockets[0].wasm), runIn).toBeGreaterThan(1 << 20);
  }
});

/** Sounds like nothing else, and is never silent. */
function noise(length, seed) {
  let state = seed;
  return Int16Array.from({ length }, () => ((state = (state * 48_271) % 2_147_483_647) % 8_000) + 100);
}

const least = (number) => Math.max(0, number);
const asFloats = (samples) => Float32Array.from(samples, (sample) => sample / 32_768);

test.describe("the ledger", () => {
  const given = noise(8_000, 7);
  const spoken = (...parts) => {
    const ledger = new Spoken();
    ledger.given.add(asFloats(given));
    for (const [from, to, isAfterBreak] of parts) ledger.take(given.slice(from, to), isAfterBreak, 4_000);
    return ledger;
  };

  test("finds what is missing, and what came twice", () => {
    const whole = spoken([100, 3_000, false], [3_000, 8_000, false]);
    expect([whole.arrived, whole.missing, whole.twice, whole.foreign, whole.tail()]).toEqual([7_900, [], [], 0, 0]);
    const { missing, twice } = spoken([0, 3_000, false], [3_001, 5_000, true], [4_900, 7_000, false]);
    expect(missing).toEqual([{ samples: 1, at: 3_000, isAtBreak: true, index: 0 }]);
    expect(twice).toEqual([{ samples: 100, at: 4_900, isAtBreak: false, index: 0 }]);
    expect(spoken([0, 7_000, false]).tail()).toBe(1_000);
  });

  test("finds a hole in what one connection brought, and what nobody said", () => {
    const ledger = new Spoken();
    ledger.given.add(asFloats(given));
    ledger.take(Int16Array.from([...given.slice(0, 1_000), ...given.slice(1_320, 3_000)]), false, 4_000);
    expect(ledger.missing).toEqual([{ samples: 320, at: 1_000, isAtBreak: false, index: 1_000 }]);
    ledger.take(noise(200, 99).map((sample) => -sample), false, 4_000);
    expect(ledger.foreign).toBe(200);
  });

  test("excuses what a socket took and never brought, once, and no more", () => {
    const gap = new Gap();
    const add = (given, unsent, received) => gap.add({ given: { samples: given }, unsent: { samples: unsent } }, received);
    add(1_000, 0, 1_000);
    expect(gap.takeMissing(320)).toBe(0);
    // What lay in its buffer goes out over the next, which breaks too.
    add(2_000, 640, 1_040);
    add(640, 0, 0);
    expect([gap.takeMissing(900), gap.takeMissing(900), gap.takeTwice(900)]).toEqual([900, 60, 0]);
    add(1_000, 320, 800);
    expect([gap.takeMissing(320), gap.takeTwice(320)]).toEqual([0, 120]);
  });

  test("takes for interrupted only what the server interrupted", () => {
    const heard = (interruptions) => {
      const ledger = new Heard();
      ledger.played.add(asFloats([...given.slice(0, 2_000), ...new Int16Array(500), ...given.slice(5_000)]));
      ledger.take(given, interruptions);
      ledger.end();
      return ledger;
    };
    expect(heard([5_000])).toMatchObject({ exact: 5_000, interrupted: 3_000, lost: 0, foreign: 0 });
    expect(heard([4_000])).toMatchObject({ exact: 5_000, interrupted: 2_000, inRamps: 128, lost: 872, foreign: 0 });
    expect(heard([])).toMatchObject({ exact: 5_000, interrupted: 0, inRamps: 128, lost: 2_872, foreign: 0 });
  });

  test("takes for interrupted what the next connection says was", () => {
    const ledger = new Heard();
    ledger.played.add(asFloats(given.slice(0, 2_000)));
    ledger.take(given, []);
    expect(ledger).toMatchObject({ exact: 2_000, interrupted: 0, lost: 5_872 });
    ledger.take(new Int16Array(0), [0]);
    expect(ledger).toMatchObject({ exact: 2_000, interrupted: 5_872, lost: 0 });
  });

  test("takes no answer for another that fades out like it", () => {
    const fade = Array.from({ length: 200 }, (_, at) => least(10 - at));
    const [one, other] = [3, 5].map((seed) => Int16Array.from([...noise(4_000, seed), ...fade]));
    const ledger = new Heard();
    ledger.played.add(asFloats(other));
    ledger.take(one, []);
    ledger.take(other, []);
    ledger.end();
    expect(ledger).toMatchObject({ exact: 4_200, lost: 4_072, foreign: 0 });
  });

  test("finds sound that nobody sent", () => {
    const ledger = new Heard();
    ledger.played.add(asFloats([...given, ...noise(1_000, 99)]));
    ledger.take(given, []);
    ledger.end();
    expect(ledger).toMatchObject({ exact: 8_000, lost: 0, foreign: 1_000 - 256 });
  });
});
