// What a recording holds, and what it never does: no browser is needed for that, only what a driver tells.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Recorder } from "../../src/web/page/recording.js";

const TOKEN = "auth_tokens/fedcba9876543210";
const KEY = "AIzaSyA-0123456789_0123456789abcdefghi";
const HANDLE = "CihIYW5kbGVPZlRoaXNDb252ZXJzYXRpb24";
const SETUP = { setup: { model: "models/m", sessionResumption: {} } };
const COMPLETE = { setupComplete: {} };

/** A recorder that has begun, and a driver's words for it. */
function recording(options, opening = []) {
  const recorder = new Recorder(options, "tests");
  const tell = (what, ms, link, value, reason = "") => recorder.hear([what, ms, link, value, reason]);
  const client = (ms, message, link = 1) => tell("client", ms, link, JSON.stringify(message));
  const server = (ms, message, link = 1) => tell("server", ms, link, new TextEncoder().encode(JSON.stringify(message)));
  const dial = (credential) => tell("address", 0, 0, `wss://live.example/ws/x?${credential}`);
  tell("begin", 1000, 0, opening);
  const lines = () => recorder.recording.text().trim().split("\n").map((line) => JSON.parse(line));
  return { recorder, recording: recorder.recording, tell, client, server, dial, lines };
}

/** The only message of a recording that was told it. */
function shown(message, { options, from = "client", credential } = {}) {
  const { client, server, dial, lines } = recording(options);
  if (credential) dial(credential);
  (from === "client" ? client : server)(1000, message);
  return lines()[1].message ?? lines()[1].text;
}

test("frames and ends stand in their order, with their time, their side and the number of their connection", () => {
  const { recording: file, tell, client, server, lines } = recording();
  client(1000.4, SETUP, 7);
  server(1180, COMPLETE, 7);
  client(9000, { realtimeInput: { text: "ü" } }, 7);
  tell("client", 9200, 7, 1000);
  tell("server", 9210, 7, 1000, "what the other side answers to that");
  client(9300, SETUP, 9);
  tell("server", 12_000, 9, 1011, "Internal error encountered.");
  tell("server", 12_500, 10, 1006);
  const [header, ...rest] = lines();
  assert.match(header.recordedAt, /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual({ ...header, recordedAt: "" }, { format: "gemini-live-recording", version: 1, recordedAt: "", by: "tests", audio: false });
  assert.deepEqual(rest, [
    { ms: 0, connection: 1, from: "client", message: SETUP },
    { ms: 180, connection: 1, from: "server", message: COMPLETE },
    { ms: 8000, connection: 1, from: "client", message: { realtimeInput: { text: "ü" } } },
    { ms: 8200, connection: 1, from: "client", close: { code: 1000 } },
    { ms: 8300, connection: 2, from: "client", message: SETUP },
    { ms: 11_000, connection: 2, from: "server", close: { code: 1011, reason: "Internal error encountered." } },
    { ms: 11_500, connection: 3, from: "network", close: { code: 1006 } },
  ]);
  assert.equal(file.bytes, new TextEncoder().encode(file.text()).length - JSON.stringify(header).length - 1);
});

test("the end of the session ends it, and closes what is open", () => {
  const { recording: file, tell, client, lines } = recording();
  client(1000, SETUP);
  assert.equal(tell("end", 1500, 0), false);
  assert.equal(file.stopped, true);
  assert.equal(client(1600, SETUP), false, "it wants no more");
  assert.deepEqual(lines().slice(1).map(({ close }) => close), [undefined, { code: 1000 }]);
});

test("who stops it hears nothing more, and closes nothing", () => {
  const { recording: file, client, lines } = recording();
  assert.equal(client(1000, SETUP), true);
  file.stop();
  assert.equal(client(1100, SETUP), false);
  assert.equal(lines().length, 2);
});

test("what was told for the recording before is not taken for this one's", () => {
  const recorder = new Recorder(true, "tests");
  assert.equal(recorder.hear(["client", 900, 1, JSON.stringify(SETUP), ""]), true);
  recorder.hear(["begin", 1000, 0, [], ""]);
  recorder.hear(["client", 1100, 2, JSON.stringify(SETUP), ""]);
  assert.deepEqual(recorder.all().slice(1).map((line) => JSON.parse(line).ms), [100]);
});

test("one that begins later veils the handle that the conversation has by then", () => {
  const { tell, client, server, lines } = recording();
  tell("handle", 1000, 0, HANDLE);
  client(2000, { realtimeInput: { text: `I have ${HANDLE}.` } });
  tell("server", 3000, 1, 1008, `No session for ${HANDLE}`);
  client(4000, { setup: { model: "models/m", sessionResumption: { handle: HANDLE } } }, 2);
  assert.ok(!JSON.stringify(lines()).includes(HANDLE));
  const [, said, closed, offered] = lines();
  assert.equal(said.message.realtimeInput.text, "I have handle-1.");
  assert.equal(closed.close.reason, "No session for handle-1");
  assert.equal(offered.message.setup.sessionResumption.handle, "handle-1");
  // There may be none.
  const without = recording();
  without.tell("handle", 1000, 0, "");
  without.server(2000, COMPLETE);
  assert.equal(without.lines().length, 2);
});

test("one that begins later begins with what opened the connection, and says how much it left out", () => {
  const opening = [["client", 200, 4, JSON.stringify(SETUP), ""], ["server", 300, 4, JSON.stringify(COMPLETE), ""]];
  const { client, lines } = recording({}, opening);
  assert.equal(lines().length, 3, "nothing is left out yet");
  client(1250, { realtimeInput: { text: "a" } }, 4);
  assert.deepEqual(lines().slice(1), [
    { ms: 0, connection: 1, from: "client", message: SETUP },
    { ms: 100, connection: 1, from: "server", message: COMPLETE },
    { leftOut: { ms: 950, lines: 0 } },
    { ms: 1050, connection: 1, from: "client", message: { realtimeInput: { text: "a" } } },
  ]);
});

const LIMIT = { limitBytes: 1 << 16 };
const long = (number) => ({ realtimeInput: { text: `${number} ${"x".repeat(5000)}` } });

test("when there is no more room the oldest lines go, but for those that opened the connection", () => {
  const { recording: file, client, server, lines } = recording(LIMIT);
  client(1000, SETUP);
  server(1100, COMPLETE);
  for (let at = 0; at < 30; at++) client(2000 + at, long(at));
  const [, setup, complete, hole, first, ...rest] = lines();
  assert.deepEqual([setup.message, complete.message], [SETUP, COMPLETE]);
  assert.equal(rest.at(-1).message.realtimeInput.text.slice(0, 2), "29");
  assert.equal(hole.leftOut.lines + 1 + rest.length, 30, "each is there or counted");
  assert.equal(hole.leftOut.ms, first.ms - complete.ms);
  assert.equal(file.droppedLines, hole.leftOut.lines);
  assert.ok(file.bytes <= LIMIT.limitBytes && file.bytes > LIMIT.limitBytes - 6000, `${file.bytes} bytes`);
});

test("of connections that are dropped as a whole nothing is left", () => {
  const { recording: file, tell, client, server, lines } = recording(LIMIT);
  for (const link of [1, 2, 3]) {
    client(1000 * link, SETUP, link);
    server(1000 * link + 100, COMPLETE, link);
    for (let at = 0; at < 14; at++) client(1000 * link + 200 + at, long(at), link);
    tell("client", 1000 * link + 900, link, 1000);
  }
  const kept = lines().slice(1);
  const [{ leftOut }] = kept.filter((line) => line.leftOut);
  const connections = kept.filter(({ connection }) => connection);
  assert.deepEqual([connections[0].connection, connections[0].message], [3, SETUP]);
  assert.ok(connections.every(({ connection }) => connection === 3));
  assert.equal(leftOut.lines + connections.length, 3 * 17);
  assert.equal(file.droppedLines, leftOut.lines);
});

test("lines can be taken as they come, and whoever is too slow is told what is missing", async () => {
  const { recording: file, tell, client, lines } = recording(LIMIT);
  client(1000, SETUP);
  const taken = [];
  const isOver = (async () => {
    for await (const line of file) taken.push(JSON.parse(line));
  })();
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  await settle();
  assert.deepEqual(taken, lines());
  client(1100, { realtimeInput: { text: "a" } });
  await settle();
  assert.deepEqual(taken, lines());
  for (let at = 0; at < 30; at++) client(2000 + at, long(at));
  tell("end", 3000, 0);
  await isOver;
  const hole = taken.find((line) => line.leftOut);
  assert.equal(taken.length - 4 + hole.leftOut.lines, 31, "with the close");
  const left = [];
  for await (const line of file) {
    left.push(line);
    break;
  }
  assert.equal(left.length, 1);
});

test("audio is told by its length, unless it is wanted", () => {
  const base64 = (bytes) => Buffer.alloc(bytes).toString("base64");
  const spoken = { realtimeInput: { audio: { data: base64(640), mimeType: "audio/pcm;rate=16000" } } };
  const answered = { serverContent: { modelTurn: { parts: [{ inlineData: { data: base64(960), mimeType: "audio/pcm;rate=24000" } }] } } };
  const seen = { realtimeInput: { video: { data: base64(100), mimeType: "image/jpeg" } } };
  const drawn = { serverContent: { modelTurn: { parts: [{ inlineData: { data: base64(100), mimeType: "image/png" } }] } } };
  const answer = { toolResponse: { functionResponses: [{ id: "1", name: "look", response: { data: base64(9) } }] } };
  assert.deepEqual(shown(spoken).realtimeInput.audio.data, { samples: 320, rate: 16_000 });
  assert.deepEqual(shown(answered, { from: "server" }).serverContent.modelTurn.parts[0].inlineData.data, { samples: 480, rate: 24_000 });
  assert.deepEqual(shown(seen).realtimeInput.video.data, { bytes: 100 });
  assert.deepEqual(shown(drawn, { from: "server" }), drawn);
  assert.deepEqual(shown(answer), answer, "what a function says is no picture");
  const voice = { setup: { generationConfig: { speechConfig: { voiceConfig: { replicatedVoiceConfig: { voiceSampleAudio: base64(30) } } } } } };
  assert.deepEqual(shown(voice).setup.generationConfig.speechConfig.voiceConfig.replicatedVoiceConfig.voiceSampleAudio, { bytes: 30 });
  for (const message of [spoken, seen, voice]) assert.deepEqual(shown(message, { options: { audio: true } }), message);
});

test("a handle has one name wherever it comes, over all connections", () => {
  const { client, server, lines } = recording();
  const update = (newHandle) => ({ sessionResumptionUpdate: { newHandle, resumable: true } });
  client(1000, { setup: { sessionResumption: { handle: "a handle from before" } } }, 1);
  server(1100, update(HANDLE), 1);
  server(1200, update(`${HANDLE}2`), 1);
  server(1200, update(""), 1);
  client(1300, { setup: { session_resumption: { handle: HANDLE } } }, 2);
  client(1400, { realtimeInput: { text: `it is ${HANDLE}.` } }, 2);
  const messages = lines().slice(1).map(({ message }) => message);
  assert.deepEqual(messages.map((message) => message.sessionResumptionUpdate?.newHandle), [undefined, "handle-2", "handle-3", "", undefined, undefined]);
  assert.equal(messages[0].setup.sessionResumption.handle, "handle-1");
  assert.equal(messages[4].setup.session_resumption.handle, "handle-2");
  assert.equal(messages[5].realtimeInput.text, "it is handle-2.");
});

test("functions, texts and what only sounds like a secret stay", () => {
  const said = { toolCall: { functionCalls: [{ id: "1", name: "get_api_key", args: { token: "ring", key: "C major", handle: "of the door" } }] } };
  assert.deepEqual(shown(said, { from: "server" }), said);
  const text = { realtimeInput: { text: "What is an access_token, and where is my apiKey? ?key is not" } };
  assert.deepEqual(shown(text), text);
});

/** What the simulator plays, and refuses, by the same list. */
const LISTED = JSON.parse(readFileSync(new URL("../fixtures/secrets.json", import.meta.url), "utf8"));

test("fields for credentials, and texts with one in them, are veiled as they are listed", () => {
  for (const field of LISTED.fields) {
    assert.deepEqual(shown({ setup: { [field]: { a: ["abc"] } } }), { setup: { [field]: { a: ["…"] } } });
    const text = JSON.stringify({ [field]: "abc", page: 2 });
    assert.equal(shown({ clientContent: text }).clientContent, text.replace("abc", "…"));
  }
  for (const [text, veiled] of LISTED.texts) assert.equal(shown({ clientContent: text }).clientContent, veiled);
  for (const text of LISTED.ordinary) assert.equal(shown({ clientContent: text }).clientContent, text);
});

test("a credential that was used is veiled in every text, also in those before", () => {
  const { tell, client, dial, lines } = recording();
  const odd = 'no known "form" of ükey';
  client(1000, { realtimeInput: { text: `${odd} and ${encodeURIComponent(odd)}` } });
  dial(`access_token=${encodeURIComponent(odd)}`);
  client(1100, { realtimeInput: { text: `${odd} and ${encodeURIComponent(odd)}` } });
  tell("server", 1200, 1, 1008, `${odd} is not valid`);
  for (const line of lines().slice(1, 3)) assert.equal(line.message.realtimeInput.text, "… and …");
  assert.equal(lines()[3].close.reason, "… is not valid");
});

test("a frame that is no message is told as a text, without what it may hold", () => {
  const { tell, lines } = recording();
  const broken = `{"sessionResumptionUpdate":{"newHandle" : "\\"${HANDLE}","resumable":tru`;
  for (const text of [broken, "[1]", "7", '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000)]) tell("server", 1000, 1, text);
  const texts = lines().slice(1).map(({ text }) => text);
  assert.deepEqual(texts.slice(0, 3), ['{"sessionResumptionUpdate":{"newHandle" : "…","resumable":tru', "[1]", "7"]);
  assert.ok(texts[3] === undefined || texts[3].length < 10, "what is too deep to be looked through is not shown");
});

test("a frame is told however deep it is, or not shown", () => {
  const { recording: file, tell } = recording({ limitBytes: 1 << 30 });
  let count = 0;
  for (let depth = 500; depth < 20_000; depth += 250, count++) {
    assert.equal(tell("server", 1000, 1, '{"a":'.repeat(depth) + `"${TOKEN}"` + "}".repeat(depth)), true, `depth ${depth}`);
  }
  const text = file.text();
  assert.equal(text.trim().split("\n").length, count + 1);
  assert.ok(!text.includes(TOKEN));
});

test("whoever reads JSON strictly can read the file", () => {
  const nested = (depth) => JSON.parse('{"a":'.repeat(depth) + "1" + "}".repeat(depth));
  assert.deepEqual(shown(nested(90)), nested(90));
  assert.equal(shown(nested(120)), "…");
  assert.equal(shown(JSON.parse("[".repeat(120) + "]".repeat(120))), "[".repeat(120) + "]".repeat(120), "that is a text");
  const { recording: file, tell } = recording();
  tell("client", 1000, 1, '{"realtimeInput":{"text":"half \\ud83d of \\ud83d\\ude00", "\\udc00": 1}}');
  assert.ok(!/\\ud[89a-f]/i.test(file.text()));
  assert.ok(file.text().includes('"half \ufffd of \u{1f600}"'));
});

test("an attempt that came to nothing opens nothing", () => {
  const { tell, client, server, lines } = recording(LIMIT);
  client(1000, SETUP);
  server(1100, COMPLETE);
  for (let link = 2; link < 10; link++) tell("server", 1200 + link, link, 1006);
  for (let at = 0; at < 30; at++) client(3000 + at, long(at));
  assert.deepEqual(lines().slice(1, 4).map(({ message, leftOut }) => message ?? Object.keys(leftOut)), [SETUP, COMPLETE, ["ms", "lines"]]);
});

/** Numbers by chance, the same each time. */
function chance(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    state ^= state >>> 12;
    return (state >>> 0) % below;
  };
}

/** A frame of any shape, with secrets in places where they may come. */
function frame(pick) {
  const one = (list) => list[pick(list.length)];
  const word = () => one(["a", "data", "text", "name", "mimeType", "…", "\u2028", "ü\\\"", "serverContent", "inlineData", "__proto__"]);
  const secretText = () =>
    one([
      () => TOKEN,
      () => `use ${TOKEN}, please`,
      () => `wss://x/y?access_token=${encodeURIComponent(TOKEN)}&a=b`,
      () => `https://x/?key=${KEY}`,
      () => `${word()}${KEY}`.replace(/\w$/, "$& "),
      () => `Bearer ${KEY}`,
      () => HANDLE,
      () => `{"newHandle":"${HANDLE}"}`,
    ])();
  const leaf = () => one([() => pick(1000), () => null, () => true, word, secretText])();
  const value = (depth) => (depth === 0 ? leaf() : one([leaf, () => Array.from({ length: pick(3) }, () => value(depth - 1)), () => fields(depth - 1)])());
  const fields = (depth) => Object.fromEntries(Array.from({ length: pick(4) }, () => [one([word, word, word, secretText])(), value(depth)]));
  const special = [
    () => ({ setup: { ...fields(2), sessionResumption: { handle: HANDLE } } }),
    () => ({ sessionResumptionUpdate: { newHandle: HANDLE, resumable: true } }),
    () => ({ setup: { tools: [{ googleMaps: { authConfig: { apiKeyConfig: { apiKeyString: "short1" } } } }] } }),
    () => ({ setup: { tools: [{ mcpServers: [{ streamableHttpTransport: { headers: { "x-mine": "short1" } } }] }] } }),
    () => ({ [word()]: { "x-goog-api-key": "short1", api_key: ["short1"], Authorization: { a: "short1" } } }),
  ];
  return one([() => fields(4), ...special])();
}

test("over whatever frames, no secret remains", () => {
  const first = { setup: { sessionResumption: { handle: HANDLE } } };
  for (let seed = 1; seed <= 3000; seed++) {
    const pick = chance(seed);
    const { recording: file, tell, client, dial } = recording({ audio: pick(2) === 0 });
    dial(pick(2) ? `access_token=${encodeURIComponent(TOKEN)}` : `key=${KEY}`);
    client(1000, first, 1);
    for (let count = 0; count < 4; count++) {
      const text = JSON.stringify(frame(pick));
      // Some are cut off, and no JSON.
      tell(pick(2) ? "client" : "server", 1100, 1, pick(8) ? text : text.slice(0, text.length - 1));
    }
    tell("server", 1200, 1, 1008, `${TOKEN} ${KEY} ${HANDLE}`);
    const text = file.text();
    for (const secret of [TOKEN, TOKEN.slice(12), KEY, KEY.slice(4), HANDLE, "short1", "access_token="]) {
      assert.ok(!text.includes(secret), `seed ${seed} shows ${secret}: ${text}`);
    }
  }
});

test("what cannot be an option is named", () => {
  for (const [options, words] of [
    ["yes", /neither true nor an object/],
    [null, /neither true nor an object/],
    [{ sound: true }, /`record.sound` is not known; there are: audio, limitBytes/],
    [{ audio: "yes" }, /`record.audio`/],
    [{ limitBytes: 5 }, /`record.limitBytes` is not a number from 65536 to 1073741824/],
    [{ limitBytes: "many" }, /`record.limitBytes`/],
  ]) {
    assert.throws(() => new Recorder(options, "tests"), words);
  }
  for (const options of [undefined, true, {}, { audio: true, limitBytes: 1 << 20 }]) assert.ok(new Recorder(options, "tests"));
});
