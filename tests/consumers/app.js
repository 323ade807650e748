import { LiveError, LiveSession } from "gemini-live-web";

import { offer } from "./talk.js";

offer({ LiveError, LiveSession });
