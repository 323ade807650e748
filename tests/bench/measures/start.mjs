import { sleep } from "../machine/time.mjs";

/** For so long the service speaks as soon as a session is set up. */
const GREETING_MS = 1_200;

/** How long it may take until that is heard. */
const LONGEST_START_MS = 8_000;

/** How long a page rests between the loading of its code and the click, and between two clicks. */
const REST_MS = 400;

export const start = {
  id: "start",
  title: "From the click to the first sound",
  about:
    "The service speaks as soon as the session is set up. Loading begins with an empty cache, and the click comes right after it (load → sound); " +
    "or the page has rested since (cold); or it has had a conversation already (warm). The token is there, where a contender takes one from " +
    "the page, and the server answers at once: what is left is what the code does.",
  rounds: { full: 3, quick: 1 },
  metrics: [
    { id: "load", title: "load → first sound", unit: "ms", plot: true },
    { id: "coldOpen", title: "cold click → session open", unit: "ms" },
    { id: "coldFrame", title: "cold click → first frame of the microphone sent", unit: "ms" },
    { id: "coldSound", title: "cold click → first sound", unit: "ms", plot: true },
    { id: "warmOpen", title: "warm click → session open", unit: "ms" },
    { id: "warmSound", title: "warm click → first sound", unit: "ms", plot: true },
  ],

  async run(stage, contender) {
    const found = {};
    const hasty = await stage.visit(contender, { ear: true, greeting: GREETING_MS });
    try {
      const loading = await hasty.load();
      const { sound } = await begin(hasty);
      found.load = sound - loading;
      await hasty.stop();
      await sleep(REST_MS);
      const warm = await begin(hasty);
      found.warmOpen = warm.line.at.setup - warm.click;
      found.warmSound = warm.sound - warm.click;
    } finally {
      await hasty.leave();
    }
    const rested = await stage.visit(contender, { ear: true, greeting: GREETING_MS });
    try {
      await rested.load();
      await sleep(REST_MS);
      const cold = await begin(rested);
      found.coldOpen = cold.line.at.setup - cold.click;
      found.coldFrame = (await cold.line.heardSomething()) - cold.click;
      found.coldSound = cold.sound - cold.click;
    } finally {
      await rested.leave();
    }
    return found;
  },
};

/** A conversation until its first sound: when that and the click were. */
async function begin(visit) {
  const { click, line } = await visit.start();
  const first = ({ edges }) => edges.find(({ loud, at }) => loud && at > click);
  const heard = await visit.heardWhen(first, LONGEST_START_MS, `${visit.contender.id}: a first sound`);
  return { click, line, sound: first(heard).at };
}
