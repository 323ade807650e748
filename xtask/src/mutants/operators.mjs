// What could be written wrong in a script: one change each, as JSON. Run in `tests`, whose parser it uses.
//
// Not Stryker: it wants a runner and a sandbox of its own, while these scripts are tried by the tasks that also try the
// Rust, some of them in browsers, in one copy of the repository and under one deadline.

import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { parse } = createRequire(join(process.cwd(), "package.json"))("acorn");
const [ROOT, ...directories] = process.argv.slice(2);

const BINARY = {
  "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
  "===": ["!=="], "!==": ["==="], "==": ["!="], "!=": ["=="],
  "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"],
  "&": ["|"], "|": ["&"], "^": ["&"], "<<": [">>"], ">>": ["<<"], ">>>": ["<<"],
};
const LOGICAL = { "&&": ["||"], "||": ["&&"] };
const ASSIGNED = { "+=": ["-=", "="], "-=": ["+=", "="], "*=": ["/=", "="], "/=": ["*=", "="], "??=": ["="] };

/** Every node below this one. What is imported has no other name. */
function* nodes(value) {
  if (Array.isArray(value)) for (const entry of value) yield* nodes(entry);
  else if (value && typeof value.type === "string" && value.type !== "ImportDeclaration") {
    yield value;
    for (const key of Object.keys(value)) if (key !== "type" && key !== "source") yield* nodes(value[key]);
  }
}

/** The changes that one node admits: from where to where, and what stands there instead. */
function* changes(node, source) {
  const between = (left, right, operator, others) => {
    const at = source.indexOf(operator, left.end);
    return at < 0 || at > right.start ? [] : others.map((other) => [at, at + operator.length, other]);
  };
  switch (node.type) {
    case "BinaryExpression":
      yield* between(node.left, node.right, node.operator, BINARY[node.operator] ?? []);
      break;
    case "LogicalExpression":
      if (node.operator === "??") {
        // In brackets: it may not stand beside others.
        const text = ({ start, end }) => `(${source.slice(start, end)})`;
        yield [node.start, node.end, `(${text(node.left)} && ${text(node.right)})`];
      }
      yield* between(node.left, node.right, node.operator, LOGICAL[node.operator] ?? []);
      break;
    case "AssignmentExpression":
      yield* between(node.left, node.right, node.operator, ASSIGNED[node.operator] ?? []);
      break;
    case "UpdateExpression": {
      const other = node.operator === "++" ? "--" : "++";
      yield node.prefix ? [node.start, node.start + 2, other] : [node.end - 2, node.end, other];
      break;
    }
    case "UnaryExpression":
      if (node.operator === "!" || node.operator === "-") yield [node.start, node.start + 1, ""];
      break;
    case "Literal":
      if (typeof node.value === "boolean") yield [node.start, node.end, String(!node.value)];
      // One millisecond more of a minute is nothing that somebody should notice.
      if (typeof node.value === "number") yield [node.start, node.end, node.value < 1000 ? `(${node.raw} + 1)` : `(${node.raw} * 2)`];
      // Names and codes; what is said to people may be said in other words.
      if (typeof node.value === "string" && /^[^\s`]+$/.test(node.value)) yield [node.start, node.end, '""'];
      break;
    case "ChainExpression":
      yield* [...nodes(node.expression)].filter((part) => part.optional).flatMap((part) => {
        const inner = part.object ?? part.callee;
        const at = source.indexOf("?.", inner.end);
        // `a?.b` and `a?.[b]`, and `a?.(b)`.
        return [[at, at + 2, part.type === "MemberExpression" && !part.computed ? "." : ""]];
      });
      break;
    case "AwaitExpression":
      yield [node.start, node.argument.start, ""];
      break;
    case "ThrowStatement":
      yield [node.start, node.end, ";"];
      break;
    case "IfStatement":
    case "WhileStatement":
    case "ConditionalExpression":
      yield [node.test.start, node.test.end, "false"];
      if (node.type !== "WhileStatement") yield [node.test.start, node.test.end, "true"];
      break;
    case "ExpressionStatement":
      if (node.directive === undefined) yield [node.start, node.end, ";"];
      break;
    case "ReturnStatement":
      if (node.argument) yield [node.argument.start, node.argument.end, "undefined"];
      break;
  }
}

const mutants = [];
for (const directory of directories) {
  for (const name of readdirSync(join(ROOT, directory)).sort()) {
    if (!name.endsWith(".js")) continue;
    const file = `${directory}/${name}`;
    const source = readFileSync(join(ROOT, file), "utf8");
    const bytes = (end) => Buffer.byteLength(source.slice(0, end));
    const tree = parse(source, { ecmaVersion: "latest", sourceType: "module", locations: true });
    for (const node of nodes(tree.body)) {
      for (const [start, end, text] of changes(node, source)) {
        const was = source.slice(start, end).split(/\s+/).join(" ").slice(0, 60);
        const { line, column } = node.loc.start;
        mutants.push({ name: `${file}:${line}:${column + 1}: ${was} → ${text || "nothing"}`, file, start: bytes(start), end: bytes(end), text });
      }
    }
  }
}
console.log(JSON.stringify(mutants));
