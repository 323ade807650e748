/**
 * Where the package's files are, for whoever serves them elsewhere than beside its script. An address that was given, to
 * `preload` or to `connect`, counts for what comes later as well, until another is given; the wasm is fetched once.
 */
export interface AssetUrls {
  /** The address of `gemini_live_web_bg.wasm`. */
  readonly wasmUrl?: string | URL;
  /** The address of `live-worker.js`, of the page's own origin; `live-core.js` lies beside it. */
  readonly workerUrl?: string | URL;
  /** The address of `live-audio.js`. */
  readonly workletUrl?: string | URL;
}

/** The same tool, whose handler knows the types of its arguments by the schema in `declaration.parameters`. */
export function defineTool<S extends Schema | ToolSchema>(tool: TypedTool<S>): LiveTool;

/** Options of `LiveSession.connect`. */
export interface ConnectOptions extends Pick<AssetUrls, "wasmUrl" | "workerUrl"> {}

/**
 * Fetches and compiles the wasm, starts the Worker, and has the browser fetch the worklets. `LiveSession.connect` does so itself;
 * called earlier, such as when the pointer nears the button, it leaves nothing to wait for but the token and the connection. A
 * Worker that the next session does not take ends with that, or after five minutes. May be called any number of times: after a session,
 * it has a Worker ready for the next one. Rejects with a `LiveError`.
 */
export function preload(options?: AssetUrls): Promise<void>;

/** What the wasm can be had from. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;

/**
 * As `preload()`, with the wasm from a source of your own, such as bytes in a test under Node. Rejects with a
 * `LiveError`.
 */
export default function init(source?: WasmSource | PromiseLike<WasmSource>): Promise<void>;
