// Sees what a soak's sessions give to their sockets, and how much memory their wasm has, whatever the library says of it.
//
// It runs before everything else on each page, and in each Worker that a page starts. A browser may take what it never sends:
// Chromium's `bufferedAmount` does not count what lies between its processes. Only who stands in front of the socket knows.
{
  const channel = new BroadcastChannel("witness");
  const memories = new Set();
  let count = 0;

  const NOTHING = { samples: 0, notes: 0 };
  const plus = (one, other) => ({ samples: one.samples + other.samples, notes: one.notes + other.notes });
  const wasm = () => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

  /** What a message holds: how many samples, and whether it is something in writing. */
  const holds = (text) => {
    const { realtimeInput, clientContent } = JSON.parse(text);
    const { data = "" } = realtimeInput?.audio ?? {};
    return { samples: ((data.length / 4) * 3 - (data.match(/=*$/)?.[0].length ?? 0)) / 2, notes: clientContent ? 1 : 0 };
  };

  globalThis.WebSocket = class extends WebSocket {
    #number = count++;
    /** The latest messages: a socket that is asked for its backlog now and then never holds more of them. */
    #messages = [];
    #given = NOTHING;
    #isOpen = false;

    constructor(...words) {
      super(...words);
      this.addEventListener("open", () => {
        this.#isOpen = true;
        this.#tell(NOTHING);
      });
      this.addEventListener("close", ({ code }) => this.#tell(code === 1000 ? NOTHING : this.#unsent()));
    }

    send(text) {
      const isTaken = this.readyState === WebSocket.OPEN;
      super.send(text);
      if (!isTaken) return;
      const held = holds(text);
      this.#given = plus(this.#given, held);
      this.#messages.push({ bytes: text.length, ...held });
      if (this.#messages.length > 1_000) this.#messages.shift();
    }

    close(...words) {
      super.close(...words);
      // A Worker may not live to hear of the end.
      this.#tell(NOTHING);
    }

    /** What is in the buffer, in whole or in part. */
    #unsent() {
      let [bytes, unsent] = [0, NOTHING];
      for (const message of this.#messages.toReversed()) {
        if (bytes >= this.bufferedAmount) break;
        [bytes, unsent] = [bytes + message.bytes, plus(unsent, message)];
      }
      return unsent;
    }

    #tell(unsent) {
      if (!this.#isOpen) return;
      channel.postMessage({ path: new URL(this.url).pathname, number: this.#number, given: this.#given, unsent, wasm: wasm() });
    }
  };

  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...words) => {
    const made = await instantiate.apply(WebAssembly, words);
    memories.add((made.instance ?? made).exports.memory);
    return made;
  };

  if (globalThis.document) {
    /** What was told of each socket last, of every page's and Worker's. */
    const told = new Map();
    new BroadcastChannel("witness").onmessage = ({ data }) => told.set(`${data.path} ${data.number}`, data);
    globalThis.witnessed = (run) => {
      const own = [...told.values()].filter(({ path }) => path.includes(run));
      return { sockets: own.sort((one, other) => one.number - other.number), wasm: wasm() };
    };

    const here = new URL("/tests/pages/witness.js", location.href).href;
    globalThis.Worker = class extends Worker {
      constructor(address, ...words) {
        const modules = [here, String(new URL(address, location.href))].map((one) => `import ${JSON.stringify(one)};\n`);
        const script = URL.createObjectURL(new Blob(modules, { type: "text/javascript" }));
        super(script, ...words);
      }
    };
  }
}
