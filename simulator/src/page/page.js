// What the simulator's page shows: everything as text, for none of it is the simulator's own.

const element = (id) => document.getElementById(id);

/** A table's cell, and what is in it: texts and elements. */
function cell(name, ...content) {
  const made = document.createElement("td");
  made.className = name;
  made.append(...content);
  return made;
}

function code(text) {
  const made = document.createElement("code");
  made.textContent = text;
  return made;
}

function link(text, href) {
  const made = document.createElement("a");
  made.textContent = text;
  made.href = href;
  return made;
}

function row(...cells) {
  const made = document.createElement("tr");
  made.append(...cells);
  return made;
}

const seconds = (samples, rate) => `${((samples ?? 0) / rate).toFixed(1)} s`;

/** How a connection stands, in words. */
function state(close) {
  const made = document.createElement("span");
  if (close === null || close === undefined) {
    made.className = "live";
    made.textContent = "open";
    return made;
  }
  const why = [close.reason, close.detail].filter(Boolean).join(": ");
  made.textContent = `ended by the ${close.by}, ${close.code}${why && `: ${why}`}`;
  return made;
}

function connection({ id, session, model, script, received, sent, close }) {
  const record = `/_simulator/connections/${encodeURIComponent(id)}`;
  return row(
    cell("number", String(id)),
    cell("", model ?? "–"),
    cell("", script ? code(script) : "–"),
    cell("number", seconds(received?.audio?.samples, received?.audio?.rate ?? 16_000)),
    cell("number", seconds(sent?.audio?.samples, 24_000)),
    cell("", state(close)),
    cell(
      "",
      link("messages", `${record}/log.json`),
      link("heard", `${record}/received.wav`),
      link("said", `${record}/sent.wav`),
      ...(session > 0 ? [link("recording", `/_simulator/sessions/${session}/recording.jsonl`)] : []),
    ),
  );
}

async function ask(path) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(5_000) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/** Rows are drawn anew only when they differ: a link keeps its focus, a reader its place. */
function show(id, value, draw) {
  const body = element(id);
  const text = JSON.stringify(value);
  if (body.dataset.shown === text) return;
  body.dataset.shown = text;
  body.replaceChildren(...value.map(draw));
}

function say(text) {
  if (element("state").textContent !== text) element("state").textContent = text;
}

async function refresh() {
  try {
    const connections = await ask("/_simulator/connections");
    show("connections", connections.toReversed(), connection);
    const open = connections.filter(({ close }) => close === null).length;
    say(connections.length === 0 ? "Nobody has connected yet." : `${open} open, ${connections.length} remembered.`);
  } catch {
    say("The simulator does not answer.");
  }
  setTimeout(refresh, 1_000);
}

const endpoint = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}`;

/** Has a button copy a text, and say so for a moment. */
function copies(button, text) {
  button.addEventListener("click", async () => {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    button.textContent = isCopied ? "Copied" : "Not allowed";
    setTimeout(() => (button.textContent = "Copy"), 2_000);
  });
}

function script({ name, summary, path }) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy the endpoint of ${name}`);
  copies(button, endpoint + path);
  return row(cell("number", code(name)), cell("", summary), cell("number", code(path), " ", button));
}

async function scripts() {
  show("scripts", await ask("/_simulator/scripts"), script);
}

element("endpoint").textContent = endpoint;
copies(element("copy"), endpoint);
scripts().catch(() => say("The simulator does not answer."));
refresh();
