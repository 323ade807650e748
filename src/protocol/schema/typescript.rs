//! Writes `types.d.ts` from the rows. It is part of the tests alone: no page and no application has it.

use std::collections::BTreeMap;

/// The declarations so far, each before those it mentions first.
#[derive(Default)]
pub(crate) struct Types {
    /// Where each name is declared; the declarations themselves are in `texts`.
    places: BTreeMap<&'static str, usize>,
    texts: Vec<String>,
}

/// A field of an interface.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) docs: &'static [&'static str],
    pub(crate) is_required: bool,
    pub(crate) shape: String,
}

/// A type that exists in TypeScript alone.
pub(crate) struct Alias {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) shape: &'static str,
}

impl Types {
    pub(crate) fn interface(
        &mut self,
        name: &'static str,
        docs: &[&str],
        fields: impl FnOnce(&mut Self) -> Vec<Field>,
    ) -> String {
        self.declare(name, |types| {
            let mut text = comment(&joined(docs), "");
            let fields = fields(types);
            text += &format!("export interface {name} {{\n");
            for Field { name: field, docs, is_required, shape } in fields {
                assert!(!docs.is_empty(), "{name}.{field} is not documented");
                let mark = if is_required { "" } else { "?" };
                text += &comment(&joined(docs), "  ");
                text += &format!("  readonly {field}{mark}: {shape};\n");
            }
            text + "}\n"
        })
    }

    /// An event: the fields, and the `type` that tells it from others.
    pub(crate) fn event(
        &mut self,
        variant: &str,
        kind: &'static str,
        docs: &[&str],
        fields: impl FnOnce(&mut Self) -> Vec<Field>,
    ) {
        self.interface(Box::leak(format!("{variant}Event").into_boxed_str()), docs, |types| {
            let shape = format!("\"{kind}\"");
            let mut all = vec![Field { name: "type", docs: &["What it is."], is_required: true, shape }];
            all.extend(fields(types));
            all
        });
    }

    /// The union of events.
    pub(crate) fn union(&mut self, name: &'static str, doc: &str, variants: &[&str]) {
        self.declare(name, |_| {
            let lines: String = variants.iter().map(|variant| format!("\n  | {variant}Event")).collect();
            format!("{}export type {name} ={lines};\n", comment(doc, ""))
        });
    }

    /// A union of names, open for newer ones or not. What they mean is listed in its comment.
    pub(crate) fn names(
        &mut self,
        name: &'static str,
        docs: &[&str],
        is_open: bool,
        names: &[(&str, &[&str])],
    ) -> String {
        self.declare(name, |_| {
            let mut text = String::from("/**\n");
            text += &wrapped(&plain(&joined(docs)), " * ");
            text += " *\n";
            for (name, docs) in names {
                text += &wrapped(&format!("- `{name}`: {}", plain(&joined(docs))), " * ");
            }
            text += " */\n";
            let union: Vec<String> = names.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            let (open, close) = if is_open { ("Open<\n", ">") } else { ("\n", "") };
            text += &format!("export type {name} = {open}");
            text += &wrapped(&format!("| {}", union.join(" | ")), "  ");
            if is_open { text + close + ";\n" } else { text.trim_end().to_owned() + ";\n" }
        })
    }

    pub(crate) fn alias(&mut self, alias: &'static Alias) -> String {
        self.declare(alias.name, |_| {
            comment(alias.doc, "") + &format!("export type {} = {};\n", alias.name, alias.shape)
        })
    }

    /// A line that parts the declarations that follow from those before.
    pub(crate) fn section(&mut self, title: &str) {
        self.texts.push(format!("// ---- {title} {}\n", "-".repeat(100 - title.len())));
    }

    /// A declaration that has no rows.
    pub(crate) fn raw(&mut self, text: &str) {
        self.texts.push(text.to_owned());
    }

    pub(crate) fn finish(self) -> String {
        self.texts.join("\n")
    }

    fn declare(&mut self, name: &'static str, write: impl FnOnce(&mut Self) -> String) -> String {
        if !self.places.contains_key(name) {
            let place = self.texts.len();
            self.places.insert(name, place);
            self.texts.push(String::new());
            self.texts[place] = write(self);
        }
        name.to_owned()
    }
}

pub(crate) fn list_of(shape: &str) -> String {
    if shape.contains([' ', '{']) { format!("readonly ({shape})[]") } else { format!("readonly {shape}[]") }
}

/// The lines of a doc comment as one text; an empty line parts paragraphs.
fn joined(docs: &[&str]) -> String {
    let lines: Vec<&str> = docs.iter().map(|line| line.trim()).collect();
    lines.join(" ").replace("  ", "\n").trim().to_owned()
}

/// A doc comment without its links: `` [`a`](b) `` is `` `a` ``.
fn plain(doc: &str) -> String {
    let mut text = String::new();
    let mut rest = doc;
    while let Some((before, link)) = rest.split_once("[`") {
        let (name, after) = link.split_once("`]").unwrap_or((link, ""));
        text += &format!("{before}`{name}`");
        rest = after
            .strip_prefix('(')
            .and_then(|target| target.split_once(')'))
            .map_or(after, |(_, after)| after);
    }
    text + rest
}

fn comment(doc: &str, indent: &str) -> String {
    let doc = plain(doc);
    let line = format!("{indent}/** {doc} */\n");
    if line.len() <= WIDTH && !doc.contains('\n') {
        return line;
    }
    format!("{indent}/**\n{}{indent} */\n", wrapped(&doc, &format!("{indent} * ")))
}

fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = String::new();
    for (at, paragraph) in text.split('\n').enumerate() {
        if at > 0 {
            lines += &format!("{}\n", indent.trim_end());
        }
        let mut line = indent.to_owned();
        for word in paragraph.split(' ') {
            if line.len() + word.len() > WIDTH && line != indent {
                lines += &format!("{}\n", line.trim_end());
                line = indent.to_owned();
                if paragraph.starts_with("- ") {
                    line += "  ";
                }
            }
            line += &format!("{word} ");
        }
        lines += &format!("{}\n", line.trim_end());
    }
    lines
}

const WIDTH: usize = 118;
