import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

import { WebSocketServer } from "ws";

import { Line } from "./line.mjs";
import { now, within } from "./time.mjs";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

/** The headers that allow SharedArrayBuffer. */
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

const LONGEST_WAIT_MS = 15_000;

/**
 * The one server that every contender talks to: pages, packages and the service's side of the conversation. Each visit of a page has
 * a path of its own, `/visit/7/`, which tells whose files and sockets those are.
 */
export class Server {
  #http;
  #mounts;
  #visits = new Map();

  /** `mounts`: directories by the prefix under which a visit finds them. */
  static async start(mounts) {
    const server = new Server();
    server.#mounts = mounts;
    server.#http = createServer((request, response) => server.#answer(request, response));
    const sockets = new WebSocketServer({ server: server.#http, perMessageDeflate: false });
    sockets.on("connection", (socket, request) => server.#accept(socket, request));
    await new Promise((resolve) => server.#http.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.#http.address().port}`;
  }

  async stop() {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  /** Expects a page, `isolated` or not; lines that it opens are made with `line`. */
  expect({ isolated, line }) {
    const visit = new Guest(isolated, line);
    const id = this.#visits.size + 1;
    this.#visits.set(String(id), visit);
    visit.url = `${this.url}/visit/${id}/`;
    return visit;
  }

  async #answer(request, response) {
    const [, , id, ...rest] = new URL(request.url, this.url).pathname.split("/");
    const visit = this.#visits.get(id);
    const path = rest.join("/");
    if (!visit) return response.writeHead(404).end();
    const headers = visit.isolated ? ISOLATED : {};
    if (path === "token") return this.#mint(visit, response, headers);
    const file = this.#find(path);
    const found = file && (await stat(file).catch(() => undefined));
    if (!found?.isFile()) return response.writeHead(404, headers).end();
    visit.served.push({ path, file });
    response.writeHead(200, {
      ...headers,
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-length": found.size,
      // As files of a release are served: who has one does not ask for it again.
      "cache-control": "max-age=600",
    });
    createReadStream(file).pipe(response);
  }

  /** What an application's own backend answers, for contenders that insist on asking one. */
  #mint(visit, response, headers) {
    const url = `${visit.url.replace("http", "ws")}ws/BidiGenerateContentConstrained`;
    response.writeHead(200, { ...headers, "content-type": "application/json" }).end(JSON.stringify({ token: "auth_tokens/bench", url }));
  }

  #find(path) {
    const prefix = Object.keys(this.#mounts).find((one) => path.startsWith(one));
    if (prefix === undefined) return undefined;
    const below = normalize(`/${path.slice(prefix.length)}`);
    return join(this.#mounts[prefix], below === "/" ? "index.html" : below);
  }

  #accept(socket, request) {
    const [, , id, ...rest] = new URL(request.url, this.url).pathname.split("/");
    const visit = this.#visits.get(id);
    if (!visit) return socket.close();
    if (rest.join("/") === "clock") return socket.on("message", () => socket.send(String(now())));
    visit.take(new Line(socket, visit.line));
  }
}

/** A page that is expected, and what came of it. */
class Guest {
  /** The files it was given, in order. */
  served = [];
  lines = [];
  #waiting = [];

  constructor(isolated, line) {
    this.isolated = isolated;
    this.line = line;
  }

  take(line) {
    this.lines.push(line);
    this.#waiting.splice(0).forEach((resolve) => resolve());
  }

  /** The connection with this index, as soon as there is one and it is set up. */
  async opened(index = 0) {
    const come = async () => {
      while (this.lines.length <= index) await new Promise((resolve) => this.#waiting.push(resolve));
      await this.lines[index].opened();
      return this.lines[index];
    };
    return within(LONGEST_WAIT_MS, "a connection", come());
  }

  /** The bytes of the files it was given from the one with that index on, each file once, but for those of the bench itself. */
  async weighable(from = 0, isOurs = () => false) {
    const files = new Set(this.served.slice(from).filter(({ path }) => !isOurs(path)).map(({ file }) => file));
    return Promise.all([...files].map(async (file) => ({ file, bytes: await readFile(file) })));
  }
}
