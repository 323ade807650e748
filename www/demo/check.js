import { preload } from "gemini-live-web";

import { decode, encode } from "./check-code.js";
import { findingsOf } from "./check-findings.js";
import { SelfTest } from "./selftest.js";

const element = (id) => document.getElementById(id);

const run = element("run");
const doing = element("doing");

/** What is being done, in words. */
const DOING = {
  sound: "Turning the sound on",
  connect: "Connecting",
  microphone: "Listening to the room: allow the microphone if you are asked",
  answer: "Playing an answer: say nothing",
  interruption: "Interrupting the next one",
  end: "Ending",
};

function show(list, report) {
  list.replaceChildren(...findingsOf(report).map(line));
}

function line({ name, verdict, text, remedy }) {
  const entry = document.createElement("li");
  entry.dataset.verdict = verdict;
  entry.dataset.name = name;
  const title = document.createElement("strong");
  title.textContent = name;
  entry.append(title, remedy ? `${text}. ${remedy}` : text);
  return entry;
}

async function check(server) {
  run.disabled = true;
  element("result").hidden = true;
  element("copied").textContent = "";
  const test = new SelfTest(server, (step) => (doing.textContent = DOING[step]));
  const report = await test.run();
  const code = encode(report);
  // What others will read is what is shown.
  show(element("findings"), decode(code));
  element("code").value = code;
  element("result").hidden = false;
  doing.textContent = report.failures.length > 0 ? "Done: something failed" : "Done";
  run.textContent = "Check again";
  run.disabled = false;
}

async function copy() {
  try {
    await navigator.clipboard.writeText(element("code").value);
    element("copied").textContent = "Copied";
  } catch {
    element("code").select();
    element("copied").textContent = "Copy the marked text";
  }
}

function read() {
  const text = element("pasted").value.trim();
  element("unreadable").textContent = "";
  element("read").replaceChildren();
  if (!text) return;
  try {
    show(element("read"), decode(text));
  } catch (error) {
    element("unreadable").textContent = error.message;
  }
}

async function prepare() {
  element("copy").addEventListener("click", copy);
  element("pasted").addEventListener("input", read);
  const [answer] = await Promise.all([fetch("/config.json"), preload()]);
  if (!answer.ok) throw new Error(`The server does not say whom to talk to: /config.json answered ${answer.status}.`);
  const server = await answer.json();
  run.addEventListener("click", () => check(server));
  run.disabled = false;
  doing.textContent = "Ready";
}

prepare().catch((error) => {
  doing.textContent = `Not working: ${error.message} ${error.remedy ?? "Reload the page."}`;
});
