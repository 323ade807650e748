import { figures } from "./statistics.mjs";
import { figure, heading } from "./words.mjs";

/** A measure's results as rows: `head`, and for each contender that took part its title and cells. */
export function table({ metrics, results }, contenders) {
  const taking = contenders.filter(({ id }) => results[id]);
  const columns = metrics.map((metric) => figures(metric, Object.fromEntries(taking.map(({ id }) => [id, results[id].rounds]))));
  return {
    head: metrics.map(heading),
    rows: taking.map(({ id, title }, row) => ({
      title,
      cells: columns.map((column) => figure(column[id], { isFirst: row === 0 })),
    })),
  };
}

/** The same in Markdown. Contenders that failed say why below it. */
export function markdown(measure, contenders) {
  const { head, rows } = table(measure, contenders);
  return [
    `| | ${head.join(" | ")} |`,
    `|---|${head.map(() => "--:|").join("")}`,
    ...rows.map(({ title, cells }) => `| ${title} | ${cells.join(" | ")} |`),
    ...failures(measure, contenders).flatMap((line) => ["", line]),
  ].join("\n");
}

/** What failed, a sentence each. */
export function failures({ results }, contenders) {
  return contenders.flatMap(({ id, title }) => {
    const all = results[id]?.failures ?? [];
    return all.length > 0 ? [`${title} failed ${all.length === 1 ? "once" : `${all.length} times`}: ${all[0]}`] : [];
  });
}
