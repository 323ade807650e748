import * as library from "gemini-live-web";

import { offer } from "./talk.js";

// Made for bundlers, it has started by being imported.
if ("default" in library) await library.default();
offer(library);
