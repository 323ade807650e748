import { escape, plot } from "./plot.mjs";
import { figures } from "./statistics.mjs";
import { about, loadOf, warning } from "./summary.mjs";
import { failures, table } from "./tables.mjs";

/** The report that a person opens: pictures and tables of one run. */
export function page(report) {
  const { machine, run, contenders, measures } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>gemini-live-web beside the others</title>
<style>${STYLE}</style>
</head>
<body>
<h1>gemini-live-web beside the others</h1>
<p>${escape(run.command)}, ${escape(run.date)}, ${escape(run.commit)}. ${escape(about(machine))} ${escape(loadOf(run))}</p>
${warning(run) && `<p class="warning">${escape(warning(run).replaceAll("*", ""))}</p>`}
${run.isQuick ? '<p class="warning">A quick run: few visits, short ones.</p>' : ""}
<ul>${contenders.map(({ title, versions }) => `<li>${escape(title)}: ${escape(versions.join(", "))}</li>`).join("")}</ul>
<p>A cell is the figure over all rounds together, in brackets the lowest and the highest of the rounds, and behind the dot how many times the first row's it is. Less is better.</p>
${measures.map((measure) => section(measure, contenders)).join("\n")}
</body>
</html>
`;
}

/** The pictures of a measure, by the names of their files. */
export function plots({ id, metrics, results }, contenders) {
  const taking = contenders.filter((contender) => results[contender.id]);
  const rounds = Object.fromEntries(taking.map((contender) => [contender.id, results[contender.id].rounds]));
  return Object.fromEntries(
    metrics
      .filter(({ plot: isDrawn }) => isDrawn)
      .map((metric) => {
        const found = figures(metric, rounds);
        const rows = taking.map((contender) => ({ title: contender.title, found: found[contender.id], ours: contender.isOurs }));
        return [`${id}-${metric.id}.svg`, plot(metric, rows)];
      }),
  );
}

function section(measure, contenders) {
  const { head, rows } = table(measure, contenders);
  const cells = (all, tag) => all.map((text) => `<${tag}>${escape(text)}</${tag}>`).join("");
  return `<section>
<h2>${escape(measure.title)}</h2>
<p>${escape(measure.about)}</p>
${Object.values(plots(measure, contenders)).join("\n")}
<div class="wide"><table>
<tr><th></th>${cells(head, "th")}</tr>
${rows.map(({ title, cells: all }) => `<tr><th>${escape(title)}</th>${cells(all, "td")}</tr>`).join("\n")}
</table></div>
${failures(measure, contenders).map((line) => `<p class="warning">${escape(line)}</p>`).join("\n")}
</section>`;
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
svg { display: block; max-width: 100%; height: auto; margin: 1rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid #8884; text-align: right; vertical-align: top; }
td, tr > th:first-child { white-space: nowrap; }
tr > th:first-child { text-align: left; }
.warning { border-left: 4px solid #d93025; padding-left: .8rem; font-weight: 600; }
`;
