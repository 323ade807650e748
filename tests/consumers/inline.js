import { LiveError, LiveSession } from "gemini-live-web/inline";

import { offer } from "./talk.js";

offer({ LiveError, LiveSession });
