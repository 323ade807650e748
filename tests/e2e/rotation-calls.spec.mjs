/** Function calls that are open when the connection is left: what their handlers hear, and which answers arrive. */
import { WRITTEN, expect, test } from "./support/bench.mjs";
import { HOSTS, forms } from "./support/forms.mjs";
import { SILENCE } from "./support/scenes.mjs";

test.use({ microphone: SILENCE });

const call = { connection: 1, toolCall: 1 };

/** What happens as the function is called, whether the handle of the next connection knows of the call, and whether it was answered. */
const STORIES = {
  "the service goes away": { isKnown: false, steps: [{ on: call, do: { goAway: { timeLeft: "1.5s" } } }] },
  "the connection breaks": { isKnown: false, steps: [{ on: call, do: "cut" }] },
  "the connection breaks behind a younger handle": {
    isKnown: true,
    steps: [
      { on: call, do: { resumption: { newHandle: "fresh", resumable: true } } },
      { on: { ...call, delay: "300ms" }, do: "cut" },
    ],
  },
  "the connection breaks behind an answer younger than the handle": {
    isKnown: true,
    isAnswered: true,
    // What is spoken takes its time: the next handle comes behind it.
    steps: [
      { on: call, do: { resumption: { newHandle: "fresh", resumable: true } } },
      { on: { connection: 1, audioPart: 1 }, do: "cut" },
    ],
  },
};

/** The answers to calls that each connection of a run got. */
async function answers(simulator, run) {
  const of = async ({ id }) => {
    const messages = await simulator.messages(id);
    return messages.flatMap(({ from, message }) => (from === "client" && message.toolResponse?.functionResponses) || []);
  };
  return Promise.all((await simulator.ofRun(run)).map(of));
}

// Handlers run on the page, wherever the session does.
for (const { runIn, tag } of forms("once", { runIn: HOSTS })) {
  for (const [what, { isKnown, isAnswered, steps }] of Object.entries(STORIES)) {
    const fate = isKnown ? "is answered over the next connection" : "is taken back, and not answered";
    test(`a call that is open when ${what} ${fate} (${runIn})`, { tag }, async ({ bench, page, simulator }, { testId, retry }) => {
      const name = what.replaceAll(" ", "-");
      await simulator.addScript({ name, summary: what, steps });
      const run = `${testId}-${retry}`;
      const { endpoint } = await bench.options();
      const given = await bench.options({ endpoint: `${endpoint}/s/${name}%40${run}`, runIn, ...(isAnswered ? {} : WRITTEN) });
      await page.evaluate((options) => {
        const handler = (_, { signal }) => new Promise((resolve) => Object.assign(globalThis, { signal, finish: resolve }));
        return bench.connect({ ...options, tools: { clock: { declaration: {}, handler } } });
      }, given);
      await page.evaluate(() => bench.session.sendRealtimeInput({ text: "call clock" }));
      const { functionCalls: [{ id, name: clock }] } = await bench.until("toolCall");
      const finish = () => page.evaluate(() => finish("noon"));
      if (isAnswered) await finish();
      const { index } = await bench.until("resumed");
      const isAborted = () => page.evaluate(() => signal.aborted);

      if (isKnown) {
        expect(await isAborted()).toBe(false);
        if (!isAnswered) await finish();
        await bench.until("turnComplete", index);
        expect(await bench.events("toolCallCancellation")).toEqual([]);
        const said = await bench.events(isAnswered ? "outputTranscription" : "text");
        expect(said.map(({ text }) => text).join("")).toContain("noon");
      } else {
        const { ids } = await bench.until("toolCallCancellation", index);
        expect(ids).toEqual([id]);
        expect(await isAborted()).toBe(true);
        await finish();
        const late = { functionResponses: [{ id, name: clock, response: { output: "noon" } }] };
        await page.evaluate((late) => bench.session.sendToolResponse(late), late);
        await bench.until("warning", index, { code: "cancelled-call" });
        await page.evaluate(() => bench.session.sendRealtimeInput({ text: "good evening" }));
        await bench.until("turnComplete", index);
      }
      expect((await bench.events("warning")).length, "the handler is not told of").toBe(isKnown ? 0 : 1);
      expect(await page.evaluate(() => bench.session.state)).toBe("open");
      await bench.close();
      const answer = { id, name: clock, response: { output: "noon" } };
      expect(await answers(simulator, run)).toEqual([isAnswered ? [answer] : [], isKnown ? [answer] : []]);
    });
  }
}
