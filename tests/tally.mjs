import { basename } from "node:path";

/** A reporter for `node --test`: how many tests passed, failed and were not run, and which failed, as one line of JSON. */
export default async function* tally(events) {
  const counts = { passed: 0, failed: 0, skipped: 0, names: [] };
  for await (const { type, data } of events) {
    const isTest = (type === "test:pass" || type === "test:fail") && data.details?.type !== "suite";
    if (!isTest) continue;
    if (data.skip !== undefined || data.todo !== undefined) counts.skipped++;
    else if (type === "test:pass") counts.passed++;
    else {
      counts.failed++;
      counts.names.push(`${basename(data.file ?? "")} › ${data.name}`);
    }
  }
  yield `${JSON.stringify(counts)}\n`;
}
