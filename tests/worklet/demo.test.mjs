// What the demo records, and what it says of that.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Recordings } from "../../www/demo/recordings.js";

function control() {
  return Object.assign(new EventTarget(), { dataset: {}, setAttribute() {} });
}

/** A recording, or what stands for one. */
function file() {
  return { stopped: false, audio: false, bytes: 0, droppedLines: 0, stop() { this.stopped = true; } };
}

/** The controls, with `conversation` as the one that is held. */
function page(conversation = () => undefined, record = undefined) {
  const [button, audio, status, size, save] = Array.from({ length: 5 }, control);
  const recordings = new Recordings({ button, audio, status, size, save });
  recordings.begin({ record }, conversation, (error) => assert.fail(error));
  const press = () => button.dispatchEvent(new Event("click"));
  return { recordings, status, audio, press };
}

test("what is not wanted any more once the session is open is stopped", async () => {
  const { recordings, status, press } = page();
  press();
  assert.ok(recordings.option);
  press();
  const session = { recording: file() };
  await recordings.follow(session);
  assert.deepEqual([session.recording.stopped, status.textContent], [true, "Not recording."]);
});

test("pressed twice while it begins, nothing is recorded", async () => {
  let begin;
  const { status, press } = page(() => ({ record: () => new Promise((resolve) => (begin = resolve)) }));
  press();
  press();
  const recording = file();
  begin(recording);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([recording.stopped, status.textContent], [true, "Recorded, without audio."]);
});

test("with audio more is kept than usual, and no more than the server takes", () => {
  const { recordings } = page(undefined, { audio: true });
  assert.ok(recordings.option.limitBytes > 16 << 20 && recordings.option.limitBytes < 64 << 20);
});
