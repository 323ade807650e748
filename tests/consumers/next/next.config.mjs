import { fileURLToPath } from "node:url";

/** As `next` alone would have it, but for where the packages are and where the pages are served. */
export default {
  output: "export",
  basePath: "/next",
  turbopack: { root: fileURLToPath(new URL("..", import.meta.url)) },
};
