// The official SDK holds a conversation with the simulator: the check that the simulator is not merely agreeing with
// this project's own client. Takes the simulator's URL from SIMULATOR_URL.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GoogleGenAI, Modality } from "@google/genai";

const baseUrl = process.env.SIMULATOR_URL;
assert.ok(baseUrl, "SIMULATOR_URL must hold the address of a running simulator, such as http://127.0.0.1:8090");

const DEADLINE_MS = 15_000;
const INPUT_HZ = 16_000;
const OUTPUT_HZ = 24_000;
const AUDIO = { responseModalities: [Modality.AUDIO] };

const client = (apiKey = "any-key", apiVersion = "v1beta") =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl, apiVersion } });

/** A session whose messages can be awaited in order. */
class Talk {
  #messages = [];
  #closed;
  #wake = () => {};

  static async open(model, config, ai = client()) {
    const talk = new Talk();
    talk.session = await ai.live.connect({
      model,
      config,
      callbacks: {
        onmessage: (message) => talk.#add(message),
        onclose: (event) => talk.#end({ code: event.code, reason: event.reason }),
        onerror: () => {},
      },
    });
    return talk;
  }

  #add(message) {
    this.#messages.push(message);
    this.#wake();
  }

  #end(close) {
    this.#closed = close;
    this.#wake();
  }

  async #wait(found, what) {
    const expiry = Date.now() + DEADLINE_MS;
    for (;;) {
      const value = found();
      if (value !== undefined) return value;
      if (this.#closed) throw new Error(`closed while waiting for ${what}: ${JSON.stringify(this.#closed)}`);
      const left = expiry - Date.now();
      if (left <= 0) throw new Error(`no ${what} within ${DEADLINE_MS} ms`);
      let timer;
      await new Promise((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, left);
      });
      clearTimeout(timer);
    }
  }

  /** Messages up to and including the first that satisfies `is`. */
  async until(is, what) {
    const taken = await this.#wait(() => {
      const index = this.#messages.findIndex(is);
      return index < 0 ? undefined : index + 1;
    }, what);
    return this.#messages.splice(0, taken);
  }

  turn() {
    return this.until((message) => message.serverContent?.turnComplete, "turnComplete");
  }

  async closed() {
    return this.#wait(() => this.#closed, "close").catch((error) => this.#closed ?? Promise.reject(error));
  }

  close() {
    this.session.close();
  }
}

const all = (messages, pick) => messages.map(pick).filter((value) => value !== undefined);
const transcript = (messages) => all(messages, (message) => message.serverContent?.outputTranscription?.text).join("");

function audio(messages) {
  const parts = messages.flatMap((message) => message.serverContent?.modelTurn?.parts ?? []);
  const blobs = all(parts, (part) => part.inlineData);
  for (const blob of blobs) assert.equal(blob.mimeType, "audio/pcm;rate=24000");
  const bytes = Buffer.concat(blobs.map((blob) => Buffer.from(blob.data, "base64")));
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** A voice-like sweep: unlike a steady tone, it can only be found where it really is. */
const wave = (seconds) => 9000 * Math.sin(2 * Math.PI * (200 * seconds + 300 * seconds * seconds));
const sweep = (seconds, rate) => Int16Array.from({ length: seconds * rate }, (_, index) => wave(index / rate));

function speak(session, samples) {
  for (let start = 0; start < samples.length; start += 320) {
    const frame = samples.slice(start, start + 320);
    const data = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString("base64");
    session.sendRealtimeInput({ audio: { data, mimeType: "audio/pcm;rate=16000" } });
  }
}

const silence = (seconds) => new Int16Array(seconds * INPUT_HZ);

/** The best correlation of `wanted` with `heard` at any delay. */
function correlation(wanted, heard) {
  let best = 0;
  const step = 8; // every eighth sample is enough to tell
  for (let delay = 0; delay + wanted.length <= heard.length; delay += 1) {
    let product = 0;
    let wantedPower = 0;
    let heardPower = 0;
    for (let index = 0; index < wanted.length; index += step) {
      const a = wanted[index];
      const b = heard[index + delay];
      product += a * b;
      wantedPower += a * a;
      heardPower += b * b;
    }
    best = Math.max(best, product / Math.sqrt(wantedPower * heardPower || 1));
  }
  return best;
}

test("a text turn is spoken, transcribed, billed and completed", async () => {
  const talk = await Talk.open("sim-parrot", { ...AUDIO, outputAudioTranscription: {}, systemInstruction: "Be brief." });
  talk.session.sendClientContent({ turns: "Hello there" });
  const messages = await talk.turn();
  assert.equal(transcript(messages), "You wrote: Hello there");
  assert.ok(audio(messages).length > OUTPUT_HZ / 2);
  assert.equal(all(messages, (message) => message.serverContent?.generationComplete).length, 1);
  assert.ok(messages.at(-1).usageMetadata.totalTokenCount > 0);
  talk.close();
});

test("realtime text is answered too", async () => {
  const talk = await Talk.open("sim-parrot", { ...AUDIO, outputAudioTranscription: {} });
  talk.session.sendRealtimeInput({ text: "Good morning" });
  assert.match(transcript(await talk.turn()), /Good morning/);
  talk.close();
});

test("speech comes back in the speaker's own words", async () => {
  const talk = await Talk.open("sim-parrot", { ...AUDIO, inputAudioTranscription: {}, outputAudioTranscription: {} });
  speak(talk.session, silence(0.5));
  speak(talk.session, sweep(1.2, INPUT_HZ));
  speak(talk.session, silence(1));
  const messages = await talk.turn();
  const heard = all(messages, (message) => message.serverContent?.inputTranscription?.text);
  assert.match(heard.join(""), /^\(1\.[2-5] s of speech\)$/);
  const found = correlation(sweep(1.2, OUTPUT_HZ), audio(messages));
  assert.ok(found > 0.99, `correlation ${found}`);
  talk.close();
});

test("an ephemeral token opens a session and locks its setup", async () => {
  const issuer = client("any-key", "v1alpha");
  const config = { ...AUDIO, outputAudioTranscription: {}, sessionResumption: {} };
  const token = await issuer.authTokens.create({
    config: { uses: 1, liveConnectConstraints: { model: "sim-parrot", config }, httpOptions: { apiVersion: "v1alpha" } },
  });
  assert.match(token.name, /^auth_tokens\//);
  const guest = client(token.name, "v1alpha");
  // The token's setup counts, the guest's does not: transcription comes, although nobody here asks for it.
  const talk = await Talk.open("sim-deaf", AUDIO, guest);
  talk.session.sendRealtimeInput({ text: "Hello" });
  const messages = await talk.turn();
  assert.match(transcript(messages), /Hello/);
  const updates = all(messages, (message) => message.sessionResumptionUpdate);
  const handle = updates.find((update) => update.resumable)?.newHandle;
  assert.ok(handle);
  talk.close();

  const resumed = await Talk.open("sim-parrot", { ...AUDIO, sessionResumption: { handle } }, guest);
  resumed.close();
  await assert.rejects(Talk.open("sim-parrot", AUDIO, guest), /1011.*Token has been used too many times/);
});

test("a key that is no good mints no token", async () => {
  await assert.rejects(client("bad-key", "v1alpha").authTokens.create({ config: {} }), /API key not valid/);
});

test("a function is called, answered and spoken of", async () => {
  const parameters = { type: "OBJECT", properties: { city: { type: "STRING" } }, required: ["city"] };
  const tools = [{ functionDeclarations: [{ name: "get_weather", description: "The weather", parameters }] }];
  const talk = await Talk.open("sim-parrot", { ...AUDIO, tools, outputAudioTranscription: {} });
  talk.session.sendRealtimeInput({ text: "What is the weather in Oslo?" });
  const [call] = (await talk.until((message) => message.toolCall, "toolCall")).at(-1).toolCall.functionCalls;
  assert.equal(call.name, "get_weather");
  assert.deepEqual(call.args, { city: "Oslo" });
  talk.session.sendToolResponse({ functionResponses: { id: call.id, name: call.name, response: { sky: "clear" } } });
  assert.match(transcript(await talk.turn()), /sky clear/);
  talk.close();
});

test("speech cuts an answer short", async () => {
  const talk = await Talk.open("sim-parrot", AUDIO);
  speak(talk.session, sweep(2, INPUT_HZ));
  speak(talk.session, silence(1));
  await talk.until((message) => message.serverContent?.modelTurn, "audio");
  speak(talk.session, sweep(0.5, INPUT_HZ));
  const interrupted = await talk.turn();
  assert.equal(all(interrupted, (message) => message.serverContent?.interrupted).length, 1);
  speak(talk.session, silence(1));
  const answer = await talk.turn();
  assert.ok(audio(answer).length > OUTPUT_HZ / 2);
  talk.close();
});

test("text is answered in text where the model can", async () => {
  const talk = await Talk.open("sim-text", { responseModalities: [Modality.TEXT] });
  talk.session.sendClientContent({ turns: "Hello there" });
  const messages = await talk.turn();
  assert.equal(all(messages, (message) => message.text).join(""), "You wrote: Hello there");
  talk.close();
});

test("a setup the service would refuse is refused", async () => {
  await assert.rejects(Talk.open("sim-parrot", {}), /1007.*response modalities \(TEXT\)/);
  await assert.rejects(Talk.open("sim-not-found", AUDIO), /1008.*is not found for API version v1beta/);
  await assert.rejects(Talk.open("sim-parrot", AUDIO, client("bad-key")), /1007.*API key not valid/);
});

test("media chunks are refused by newer models and read by older ones", async () => {
  const chunk = { data: Buffer.alloc(640).toString("base64"), mimeType: "audio/pcm;rate=16000" };
  const talk = await Talk.open("sim-parrot", AUDIO);
  talk.session.sendRealtimeInput({ media: chunk });
  const close = await talk.closed();
  assert.equal(close.code, 1007);
  assert.match(close.reason, /media_chunks is deprecated/);
  const older = await Talk.open("gemini-2.0-flash-live-001", AUDIO);
  older.session.sendRealtimeInput({ media: chunk });
  older.session.sendRealtimeInput({ text: "still there?" });
  await older.turn();
  older.close();
});
