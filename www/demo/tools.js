/** What the model may call, in the service's own format. */
export const declarations = [
  {
    name: "current_time",
    description: "Tells the date and the time of day where the user is, or in a time zone.",
    parameters: {
      type: "OBJECT",
      properties: {
        timeZone: { type: "STRING", description: "An IANA time zone such as Asia/Tokyo. Left out: the user's own." },
      },
    },
  },
  {
    name: "set_page_colour",
    description: "Tints the page the user is looking at.",
    parameters: {
      type: "OBJECT",
      properties: { colour: { type: "STRING", description: "A CSS colour such as teal or #ff8800." } },
      required: ["colour"],
    },
  },
];

const implementations = {
  current_time({ timeZone }) {
    const zone = timeZone || Intl.DateTimeFormat().resolvedOptions().timeZone;
    const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short", timeZone: zone });
    return { time: format.format(new Date()), timeZone: zone };
  },

  set_page_colour({ colour }) {
    if (typeof colour !== "string" || !CSS.supports("color", colour)) {
      throw new TypeError(`"${colour}" is not a colour that CSS knows.`);
    }
    document.documentElement.style.setProperty("--tint", colour);
    return { colour };
  },
};

/**
 * Runs one call and gives its response, which is always an object: the service refuses anything else.
 * A failure is an answer too. The model can say what went wrong; without an answer it would wait for ever.
 */
export function run(call) {
  return { id: call.id, name: call.name, response: outcome(call) };
}

function outcome({ name, args }) {
  const implementation = Object.hasOwn(implementations, name) ? implementations[name] : undefined;
  if (!implementation) return { error: `This page has no tool named "${name}".` };
  try {
    return implementation(args);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
