/** The same package in scripts alone, for bundlers that carry no other files: a third heavier. */
export * from "./gemini_live_web.js";
export { default } from "./gemini_live_web.js";
