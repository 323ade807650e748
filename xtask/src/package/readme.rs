//! The README as a registry shows it, where there are no files beside it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::manifest::REPOSITORY;
use crate::workspace::write;

/// Points the relative links of the package's README to the repository.
pub(super) fn make_links_absolute(package: &Path) -> Result<()> {
    let path = package.join("README.md");
    let text = fs::read_to_string(&path).context("the package has no README.md")?;
    write(&path, with_absolute_links(&text))
}

fn with_absolute_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) =
        ["](", "src=\""].into_iter().filter_map(|mark| Some(rest.find(mark)? + mark.len())).min()
    {
        let (before, target) = rest.split_at(at);
        out.push_str(before);
        if is_relative(target) {
            let picture = before.ends_with("src=\"") || is_picture(before);
            let view = if picture { "raw" } else { "blob" };
            out.push_str(&[REPOSITORY, "/", view, "/HEAD/"].concat());
        }
        rest = target.strip_prefix("./").filter(|_| is_relative(target)).unwrap_or(target);
    }
    out.push_str(rest);
    out
}

/// Whether what ends in `](` is `![…](`.
fn is_picture(before: &str) -> bool {
    before.rfind('[').is_some_and(|open| before[..open].ends_with('!'))
}

fn is_relative(target: &str) -> bool {
    let address = target.split([')', '"', ' ']).next().unwrap_or_default();
    !address.is_empty() && !address.starts_with(['#', '/']) && !address.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_links_and_pictures_point_to_the_repository() {
        let text = "<img src=\"i.png\"> [a](docs/a.md) ![b](./b.png) [c](https://c.example) [d](#d) `x](y` [![e](e.png)](e.md)";
        let blob = [REPOSITORY, "/blob/HEAD"].concat();
        let raw = [REPOSITORY, "/raw/HEAD"].concat();
        let shown = with_absolute_links(text);
        for expected in [
            format!("<img src=\"{raw}/i.png\">"),
            format!("[a]({blob}/docs/a.md)"),
            format!("![b]({raw}/b.png)"),
            "[c](https://c.example) [d](#d)".to_owned(),
            format!("[![e]({raw}/e.png)]({blob}/e.md)"),
        ] {
            assert!(shown.contains(&expected), "{expected} in {shown}");
        }
    }
}
