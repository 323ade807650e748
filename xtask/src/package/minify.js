// Minifies the scripts named on the command line in place. Classes keep their names: applications see them.
import { readFileSync, writeFileSync } from "node:fs";
import { minify } from "terser";

for (const path of process.argv.slice(1)) {
  const { code } = await minify(readFileSync(path, "utf8"), {
    module: true,
    ecma: 2022,
    compress: { passes: 3 },
    keep_classnames: true,
    format: { comments: false },
  });
  writeFileSync(path, `${code}\n`);
}
