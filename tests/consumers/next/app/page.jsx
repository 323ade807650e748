"use client";

import { LiveError, LiveSession } from "gemini-live-web";
import { useEffect } from "react";

import { offer } from "../../talk.js";

export default function Page() {
  useEffect(() => offer({ LiveError, LiveSession }), []);
  return <main>Next</main>;
}
