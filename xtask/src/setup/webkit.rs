use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use super::browser::overridden;
use super::debian;
use crate::toolbox;
use crate::workspace::Workspace;

/// What the tests in WebKitGTK need. It has no window of its own choice: without a screen it does not start, so they bring
/// one.
#[derive(Debug, Clone)]
pub(crate) struct WebKit {
    /// What drives it: `WEBKIT_DRIVER` when set, else what is found in PATH.
    pub(crate) driver: PathBuf,
    /// The browser that it drives, which is in no PATH: `MINI_BROWSER` when set, else where systems keep it.
    pub(crate) browser: PathBuf,
    /// A screen that nobody sees.
    pub(crate) screen: PathBuf,
}

/// Finds WebKitGTK with its driver and a screen, installing them where that is ours to do.
pub(crate) fn find_or_install_webkit(workspace: &Workspace) -> Result<WebKit> {
    let mut found = Found::look()?;
    if !found.missing().is_empty() && debian::is_ours_to_install() {
        debian::install(workspace, &found.missing())?;
        found = Found::look()?;
    }
    let missing = found.missing();
    match found {
        Found { driver: Some(driver), browser: Some(browser), screen: Some(screen) } => {
            Ok(WebKit { driver, browser, screen })
        }
        _ => Err(anyhow!(
            "the tests in WebKitGTK miss {}: {}",
            missing.join(", "),
            instructions(&missing, debian::is_debian())
        )),
    }
}

/// What there is of it.
struct Found {
    driver: Option<PathBuf>,
    browser: Option<PathBuf>,
    screen: Option<PathBuf>,
}

impl Found {
    fn look() -> Result<Self> {
        Ok(Self {
            driver: overridden("WEBKIT_DRIVER")?.or_else(|| toolbox::find(&["WebKitWebDriver"])),
            browser: overridden("MINI_BROWSER")?
                .or_else(|| LIBRARIES.iter().find_map(|one| browser_below(one))),
            screen: toolbox::find(&["Xvfb"]),
        })
    }

    /// The Debian packages that hold what is not there.
    fn missing(&self) -> Vec<&'static str> {
        let mut packages = Vec::new();
        if self.driver.is_none() || self.browser.is_none() {
            packages.push("webkit2gtk-driver");
        }
        if self.screen.is_none() {
            packages.push("xvfb");
        }
        packages
    }
}

/// The newest of the browsers that came with a library in `directory`, or in a directory below it, as Debian has it.
fn browser_below(directory: &str) -> Option<PathBuf> {
    let below = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let places = std::iter::once(PathBuf::from(directory)).chain(below);
    let browsers: Vec<_> =
        places.flat_map(|place| VERSIONS.map(|version| in_library(&place, version))).collect();
    browsers.into_iter().find(|browser| browser.is_file())
}

fn in_library(place: &Path, version: &str) -> PathBuf {
    place.join(version).join("MiniBrowser")
}

fn instructions(packages: &[&str], is_debian: bool) -> String {
    let install = if is_debian {
        debian::command_line(packages)
    } else {
        "install WebKitGTK with its MiniBrowser and WebKitWebDriver, and Xvfb; WEBKIT_DRIVER and MINI_BROWSER say where they are".to_owned()
    };
    install + ", or leave them out with `--skip webkit`"
}

/// Where systems keep what belongs to a library.
const LIBRARIES: [&str; 3] = ["/usr/lib", "/usr/libexec", "/usr/lib64"];

/// What the library is called there, by the version of GTK and libsoup.
const VERSIONS: [&str; 3] = ["webkitgtk-6.0", "webkit2gtk-4.1", "webkit2gtk-4.0"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{fresh_directory, write};

    #[test]
    fn what_is_missing_is_asked_for_in_one_line_with_a_way_out() {
        for (packages, is_debian) in [(&["webkit2gtk-driver", "xvfb"][..], true), (&["xvfb"], false)] {
            let text = instructions(packages, is_debian);
            assert!(text.lines().count() == 1 && text.ends_with("`--skip webkit`"), "{text}");
            assert_eq!(text.contains("apt-get install"), is_debian, "{text}");
        }
    }

    #[test]
    fn the_browser_is_found_beside_its_library_and_below_the_machines_name() {
        let library = std::env::temp_dir().join(format!("xtask-webkit-{}", std::process::id()));
        let found = || browser_below(&library.to_string_lossy());
        fresh_directory(&library).expect("made");
        assert_eq!(found(), None);
        let browser = library.join("x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser");
        write(&browser, "").expect("written");
        assert_eq!(found(), Some(browser));
        let beside = library.join("webkit2gtk-4.0/MiniBrowser");
        write(&beside, "").expect("written");
        assert_eq!(found(), Some(beside));
        fs::remove_dir_all(library).expect("cleared");
    }
}
