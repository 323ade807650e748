use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use super::room::Room;
use super::sound::SoundServer;
use super::{Choice, Engine, Tally};
use crate::process;
use crate::setup::{self, Browser, WasmPack};
use crate::toolbox;
use crate::workspace::{PACKAGE_NAME, Workspace, write};

/// `wasm-bindgen-test` in headless browsers.
pub(super) fn run(workspace: &Workspace, choice: Choice<'_>) -> Result<Tally> {
    setup::ensure_wasm_target(workspace)?;
    let mut tally = Tally::default();
    for engine in choice.engines {
        tally += match engine {
            Engine::Chromium => in_chromium(workspace, choice.is_quick)?,
            Engine::Firefox => in_firefox(workspace)?,
        }
        .in_browser(engine.name());
        if tally.check().is_err() {
            return Ok(tally);
        }
    }
    Ok(tally)
}

/// The tests go through wasm-pack, which builds the crate as a package first: that is how people who embed it come by both.
fn in_chromium(workspace: &Workspace, is_quick: bool) -> Result<Tally> {
    let browser = setup::find_or_install(workspace)?;
    let capabilities = capabilities(workspace, "goog:chromeOptions", &browser.chromium)?;
    let mut tests = if is_quick {
        tests(workspace, &capabilities)?
    } else {
        let wasm_pack = setup::ensure_wasm_pack(workspace)?;
        build(&wasm_pack, workspace, &browser)?;
        let mut test = wasm_pack.command(workspace, &browser)?;
        test.args(["test", "--headless", "--chrome", "--mode", "no-install"]);
        configure(&mut test, &capabilities);
        test
    };
    tests.env("CHROMEDRIVER", browser.driver()?);
    let _room = Room::in_servers_of(&mut tests)?;
    let (output, succeeded) = process::watch(&mut tests)?;
    let mut tally = Tally::of_cargo(&output, succeeded);
    // The build.
    tally.checks += u64::from(!is_quick);
    Ok(tally)
}

/// `wasm-pack build` on the bare crate.
fn build(wasm_pack: &WasmPack, workspace: &Workspace, browser: &Browser) -> Result<()> {
    let mut build = wasm_pack.command(workspace, browser)?;
    build.args(["build", "--target", "web", "--mode", "no-install", "--out-dir", "target/wasm-pack"]);
    setup::without_home(&mut build);
    process::run(&mut build).context("`wasm-pack build` fails on the bare crate")?;
    if !workspace.made("wasm-pack/gemini_live_web.js").is_file() {
        return Err(anyhow!("`wasm-pack build` made no gemini_live_web.js"));
    }
    Ok(())
}

fn in_firefox(workspace: &Workspace) -> Result<Tally> {
    let firefox = setup::find_or_install_firefox(workspace)?;
    let driver = setup::ensure_geckodriver(workspace)?;
    let mut sound = SoundServer::start(workspace)?;
    let capabilities = capabilities(workspace, "moz:firefoxOptions", &firefox)?;
    let mut cargo = tests(workspace, &capabilities)?;
    cargo.env("GECKODRIVER", driver).env("PULSE_SERVER", sound.address());
    let _room = Room::in_servers_of(&mut cargo)?;
    let (output, succeeded) = process::watch(&mut cargo)?;
    sound.verdict()?;
    Ok(Tally::of_cargo(&output, succeeded))
}

/// The crate's tests, in the browser whose driver is yet to be named.
fn tests(workspace: &Workspace, capabilities: &Path) -> Result<Command> {
    let mut cargo = setup::cargo(workspace);
    toolbox::offer_to(&mut cargo, workspace)?;
    cargo.args(["test", "--no-fail-fast", "--package", PACKAGE_NAME, "--lib", "--tests"]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    configure(&mut cargo, capabilities);
    Ok(cargo)
}

/// The runner takes the first driver that the environment names, and gives all tests of a program 20 s by default.
fn configure(command: &mut Command, capabilities: &Path) {
    for driver in ["CHROMEDRIVER", "GECKODRIVER", "SAFARIDRIVER", "MSEDGEDRIVER"] {
        command.env_remove(driver).env_remove(format!("{driver}_REMOTE"));
    }
    command.env_remove("NO_HEADLESS");
    command.env("WASM_BINDGEN_TEST_TIMEOUT", "120").env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities);
}

/// The repository's webdriver.json with the path of the browser in it: the driver may know of another, or of none.
fn capabilities(workspace: &Workspace, options: &str, browser: &Path) -> Result<PathBuf> {
    let text = fs::read_to_string(workspace.path("webdriver.json")).context("webdriver.json is missing")?;
    let mut capabilities: Value = serde_json::from_str(&text).context("webdriver.json is not JSON")?;
    if let Some(options) = capabilities.get_mut(options).and_then(Value::as_object_mut) {
        options.insert("binary".into(), json!(browser));
    }
    let path = workspace.made("browser-tests/webdriver.json");
    write(&path, capabilities.to_string())?;
    Ok(path)
}
