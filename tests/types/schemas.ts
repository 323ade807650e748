// The types of the libraries' own schemas reach the handlers.
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { defineTool } from "gemini-live-web";
import type { ConnectOptions, LiveTool } from "gemini-live-web";
import * as v from "valibot";
import { z } from "zod";

/** Compiles only if both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function check<_Fact extends true>(): void {}

export const byZod: LiveTool = defineTool({
  declaration: { description: "The weather.", parameters: z.object({ city: z.string(), days: z.int().default(3) }) },
  handler: (args) => {
    check<Same<typeof args, { city: string; days: number }>>();
    return args.city;
  },
});

export const byValibot: LiveTool = defineTool({
  declaration: { parameters: toStandardJsonSchema(v.object({ city: v.string(), days: v.optional(v.number(), 3) })) },
  approve: ({ args, signal }) => {
    check<Same<typeof signal, AbortSignal>>();
    return args.days < 7;
  },
  handler: (args) => {
    check<Same<typeof args, { city: string; days: number }>>();
    return args.city;
  },
});

export const options: ConnectOptions = { model: "m", token: "/token", tools: { byZod, byValibot } };
