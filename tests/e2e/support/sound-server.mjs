import { execFile, spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";

import { start } from "./servers.mjs";

const run = promisify(execFile);

/** How long `pactl` may take to ask the server something. */
const ANSWER_DEADLINE_MS = 10_000;

/** How long whoever is about to listen may take, which a machine that has much to do makes long. */
const LISTENS_WITHIN_MS = 3_000;
const BETWEEN_LOOKS_MS = 20;

/** How long it may take to end, and to be told that a server that does not answer has died. */
const END_DEADLINE_MS = 5_000;

/**
 * A sound card for one Firefox, which `xtask sound` configures. One that has died serves no other: Playwright starts another
 * browser, with another server, after a test that failed.
 */
export class SoundServer {
  #task;

  constructor(task) {
    this.#task = task;
  }

  static async start() {
    // It ends with its input. In a group of its own, since whoever kills ours would leave the server behind.
    return new SoundServer(await start(["sound"], /unix:\S+/, { stdio: "pipe", detached: true }));
  }

  /** What PULSE_SERVER has to be. */
  get address() {
    return this.#task.address;
  }

  /** Throws if it does not answer, or has no microphone. `xtask` knows how it died. */
  async verify() {
    const sources = await this.#ask("list", "short", "sources").catch(({ message }) => message);
    if (sources.includes("module-remap-source")) return;
    const died = await this.#task.endsWithin(END_DEADLINE_MS);
    throw new Error(died ? this.#task.printed.at(-1) : `the sound server lives, but has no microphone: ${sources}`);
  }

  /** Takes the microphone out. Answers how to plug it in again. */
  async unplug() {
    const modules = await this.#ask("list", "short", "modules");
    const line = modules.split("\n").find((one) => one.includes("module-remap-source"));
    const [id, name, settings] = line.split("\t");
    await this.#ask("unload-module", id);
    return async () => {
      await this.#ask("load-module", name, ...settings.split(" "));
      await this.#ask("set-default-source", /source_name=(\S+)/.exec(settings)[1]);
    };
  }

  /** Plugs another microphone in, in front of which nobody speaks. Answers how to take it out. */
  async plugIn() {
    const load = async (name, ...settings) => (await this.#ask("load-module", name, ...settings)).trim();
    const stage = await load("module-null-sink", "sink_name=other_stage", "rate=48000", "channels=1");
    const settings = ["master=other_stage.monitor", "source_name=other", "source_properties=device.description=Other"];
    const source = await load("module-remap-source", ...settings);
    return async () => {
      for (const id of [source, stage]) await this.#ask("unload-module", id);
    };
  }

  /** Makes it the system's default, as a user does in the settings. */
  async choose(source) {
    await this.#ask("set-default-source", source);
  }

  /**
   * Speaks a file into the microphone, as soon as somebody listens: while nobody does, the server takes two seconds of it at once, and
   * who begins a moment later hears none of them. Answers how to end that.
   */
  speak(wav) {
    const env = { ...process.env, PULSE_SERVER: this.address };
    let voice;
    let isOver = false;
    this.#isListenedTo().then(() => {
      if (isOver) return;
      voice = spawn("paplay", ["--device=stage", wav], { env, stdio: "ignore" });
      voice.on("error", (error) => console.error(`paplay could not be run: ${error.message}`));
    });
    return () => {
      isOver = true;
      voice?.kill();
    };
  }

  /** Waits until a program listens to the microphone, but not for ever: the server will be asked whether it lives. */
  async #isListenedTo() {
    const end = performance.now() + LISTENS_WITHIN_MS;
    while (performance.now() < end) {
      const listeners = await this.#ask("list", "short", "source-outputs").catch(() => "");
      // The microphone itself listens to its stage, as a module.
      if (listeners.includes("protocol-native")) return;
      await setTimeout(BETWEEN_LOOKS_MS);
    }
  }

  async stop() {
    this.#task.child.stdin.end();
    await this.#task.endsWithin(END_DEADLINE_MS);
  }

  async #ask(...words) {
    return (await run("pactl", ["--server", this.address, ...words], { timeout: ANSWER_DEADLINE_MS })).stdout;
  }
}
