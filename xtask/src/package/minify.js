// Minifies scripts in place. The first word on the command line is JSON: properties by their old names, and their new ones.
// Classes keep their names: applications see them.
import { readFileSync, writeFileSync } from "node:fs";
import { minify } from "terser";

const [names, ...paths] = process.argv.slice(1);
const props = Object.fromEntries(Object.entries(JSON.parse(names)).map(([old, short]) => [`$${old}`, short]));

for (const path of paths) {
  const { code } = await minify(readFileSync(path, "utf8"), {
    module: true,
    ecma: 2022,
    compress: { passes: 3 },
    mangle: { properties: { only_cache: true } },
    // Of a script's own: minify writes into it.
    nameCache: { props: { props: { ...props } } },
    keep_classnames: true,
    format: { comments: false },
  });
  writeFileSync(path, `${code}\n`);
}
