use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use super::debian;
use crate::process;
use crate::toolbox;
use crate::workspace::Workspace;

/// A browser and the program that drives it for `wasm-bindgen-test`.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    /// The browser: `CHROMIUM` or `CHROME` when set, else what is found in the usual places.
    pub(crate) chromium: PathBuf,
    /// Its driver: `CHROMEDRIVER` when set, else what is found in PATH. Playwright does without.
    pub(crate) driver: Option<PathBuf>,
}

impl Browser {
    /// The driver, or what to do about its absence.
    pub(crate) fn driver(&self) -> Result<&PathBuf> {
        self.driver.as_ref().ok_or_else(|| {
            anyhow!(
                "no chromedriver found: {}, or set CHROMEDRIVER to its path",
                instructions(&["chromium-driver"])
            )
        })
    }
}

/// Finds Chromium and its driver, installing them where that is ours to do.
pub(crate) fn find_or_install(workspace: &Workspace) -> Result<Browser> {
    let (mut chromium, mut driver) = (chromium()?, driver()?);
    if (chromium.is_none() || driver.is_none()) && debian::is_ours_to_install() {
        debian::install(workspace, &["chromium", "chromium-driver"])?;
        (chromium, driver) = (self::chromium()?, self::driver()?);
    }
    let Some(chromium) = chromium else {
        let what = instructions(&["chromium", "chromium-driver"]);
        return Err(anyhow!("no Chromium found: {what}, or set CHROMIUM to the browser's path"));
    };
    [Some(&chromium), driver.as_ref()]
        .into_iter()
        .flatten()
        .for_each(|program| warn_of_quarantine(workspace, program));
    Ok(Browser { chromium, driver })
}

/// Says how to start what macOS will not: a program that was downloaded is in quarantine, and is ended at once or waits
/// for somebody to agree, which no test can.
pub(super) fn warn_of_quarantine(workspace: &Workspace, program: &Path) {
    if !cfg!(target_os = "macos") {
        return;
    }
    let mut question = process::command("xattr", workspace.root());
    if process::ask(question.args(["-p", QUARANTINE]).arg(program)).is_some() {
        println!("  {}", release(program));
    }
}

fn release(program: &Path) -> String {
    let program = program.display();
    format!(
        "{program} was downloaded: if macOS does not let it start, run `xattr -d {QUARANTINE} '{program}'`"
    )
}

fn chromium() -> Result<Option<PathBuf>> {
    let named = match overridden("CHROMIUM")? {
        Some(path) => Some(path),
        None => overridden("CHROME")?,
    };
    let usual = || USUAL_PLACES.iter().map(PathBuf::from).find(|path| path.is_file());
    Ok(named.or_else(|| toolbox::find(&USUAL_NAMES)).or_else(usual))
}

fn driver() -> Result<Option<PathBuf>> {
    Ok(overridden("CHROMEDRIVER")?.or_else(|| toolbox::find(&["chromedriver"])))
}

/// A path from the environment, which has to lead to something: a mistyped one is not silently passed over.
pub(super) fn overridden(variable: &str) -> Result<Option<PathBuf>> {
    match env::var_os(variable).map(PathBuf::from) {
        Some(path) if path.is_file() => Ok(Some(path)),
        Some(path) => Err(anyhow!("{variable} is set to {}, where there is no file", path.display())),
        None => Ok(None),
    }
}

fn instructions(packages: &[&str]) -> String {
    if debian::is_debian() {
        return debian::command_line(packages);
    }
    match env::consts::OS {
        "macos" => "run `brew install --cask google-chrome chromedriver`".to_owned(),
        "windows" => {
            "run `winget install Google.Chrome` and put the chromedriver of the same version in PATH"
                .to_owned()
        }
        _ => "install Chromium or Google Chrome with the chromedriver of the same version".to_owned(),
    }
}

const USUAL_NAMES: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

const USUAL_PLACES: [&str; 4] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
];

/// What macOS marks a downloaded file with.
const QUARANTINE: &str = "com.apple.quarantine";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_out_of_quarantine_is_one_line_that_can_be_pasted() {
        let said = release(Path::new("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"));
        let command =
            "`xattr -d com.apple.quarantine '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'`";
        assert!(said.ends_with(command) && said.lines().count() == 1, "{said}");
    }
}
