//! `cargo xtask package`: the npm package, built, packed and weighed.

pub(crate) mod bare;
mod by_part;
mod contents;
mod inline;
mod manifest;
mod optimize;
mod order;
mod ratchet;
mod readme;
mod shrink;
mod split;
mod trap;
mod unused;
mod weight;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow};
use clap::Args;

use crate::process;
use crate::setup;
use crate::workspace::{PACKAGE_NAME, Workspace, fresh_directory, version, write};

/// Options of `package`.
#[derive(Debug, Args)]
pub(crate) struct PackageOptions {
    /// Build without optimisation and with names, for debugging in the browser
    #[arg(long)]
    pub(crate) dev: bool,
    /// Fail when what a page downloads weighs more than the target, 84 kB of brotli
    #[arg(long, conflicts_with = "dev")]
    pub(crate) strict_size: bool,
    /// Say what each part of the wasm weighs
    #[arg(long, conflicts_with = "dev")]
    pub(crate) by_part: bool,
}

/// Builds, packs and weighs.
pub(crate) fn run(workspace: &Workspace, options: &PackageOptions) -> Result<ExitCode> {
    setup::ensure_node(workspace)?;
    let profile = if options.dev { Profile::Dev } else { Profile::Release };
    build(workspace, profile)?;
    pack(workspace)?;
    println!(
        "packed {}",
        workspace.tarball().strip_prefix(workspace.root()).unwrap_or(&workspace.tarball()).display()
    );
    if profile == Profile::Dev {
        println!("a development build: its weight would say nothing");
        return Ok(ExitCode::SUCCESS);
    }
    let weights = weight::weigh(workspace)?;
    print!("{}", weight::table(&weights));
    if options.by_part {
        print!("{}", by_part::table(workspace)?);
    }
    ratchet::report(workspace, &weights)?;
    weight::check_first(&weights)?;
    let excess = weight::report_target(&weights);
    if options.strict_size && excess {
        return Err(anyhow!("the package weighs more than its target, and --strict-size was asked for"));
    }
    Ok(ExitCode::SUCCESS)
}

/// How the crate is compiled for the package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Small; without names. Needs the tests' npm packages, which make it so.
    Release,
    /// Compiled as the release is, and left as it comes: for who looks at the demo, and need not have Node.
    Served,
    /// Quick to build; with names and checks.
    Dev,
}

/// Compiles the crate and lays out the package's directory, unless the one that is there is of the same build.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<()> {
    setup::ensure_wasm_target(workspace)?;
    if profile == Profile::Release {
        // For the minifier.
        setup::ensure_npm_packages(workspace)?;
    }
    let wasm = compile(workspace, profile)?;
    let sources = contents::sources(workspace);
    let stamp = workspace.made("npm/package.stamp");
    let state = state_of(&wasm, &sources, profile)?;
    if fs::read_to_string(&stamp).is_ok_and(|known| known == state) && workspace.package().is_dir() {
        return Ok(());
    }
    let _ = fs::remove_file(&stamp);
    lay_out(workspace, &wasm, profile)?;
    write(&stamp, state)
}

/// Fails if the package that is laid out is heavier than is written down.
pub(crate) fn check_size(workspace: &Workspace) -> Result<()> {
    ratchet::check(workspace, &weight::weigh(workspace)?)
}

/// Packs the package's directory into the file that npm would publish.
pub(crate) fn pack(workspace: &Workspace) -> Result<()> {
    let stamp = workspace.made("npm/package.stamp");
    if is_newer(&workspace.tarball(), &stamp) {
        return Ok(());
    }
    let mut command = setup::npm_command(workspace)?;
    command.current_dir(workspace.package());
    command.args(["pack", "--silent", "--pack-destination"]).arg(workspace.made("npm"));
    process::run(&mut command).context("npm could not pack the package")
}

/// Unpacks the packed package where the tests' imports find it, as if it had been installed.
pub(crate) fn install_for_tests(workspace: &Workspace) -> Result<()> {
    install_into(workspace, &workspace.path("tests/node_modules"))
}

/// The same for whoever imports from another directory of packages.
pub(crate) fn install_into(workspace: &Workspace, packages: &Path) -> Result<()> {
    let directory = packages.join(PACKAGE_NAME);
    if is_newer(&directory.join("package.json"), &workspace.tarball()) {
        return Ok(());
    }
    fresh_directory(&directory)?;
    let mut tar = process::command("tar", workspace.root());
    // -m: the time of unpacking, which tells whether this is older than the tarball.
    tar.arg("-xzmf").arg(workspace.tarball()).args(["--strip-components=1", "-C"]).arg(&directory);
    process::run(&mut tar).context("the packed package could not be unpacked")
}

fn compile(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let mut cargo = setup::cargo(workspace);
    cargo.args(["rustc", "--package", PACKAGE_NAME, "--lib", "--target", "wasm32-unknown-unknown"]);
    let directory = match profile {
        Profile::Release | Profile::Served => {
            cargo.args(["--release", "--features", "npm", "--crate-type", "cdylib", "--"]).args(CODE);
            "release"
        }
        Profile::Dev => "debug",
    };
    setup::without_home(&mut cargo);
    process::run(&mut cargo).context("the crate does not build for the browser")?;
    Ok(workspace.built(&format!("wasm32-unknown-unknown/{directory}/gemini_live_web.wasm")))
}

/// How the wasm is made, in `--crate-type cdylib`: beside a library, rustc links it with a third more functions.
const CODE: &[&str] = &[
    // A stack of 960 KiB and not of 1024. Data lies above it, and so has addresses below 2^20, which are a byte shorter
    // wherever the code names one.
    "-Clink-arg=-zstack-size=983040",
    // Which datum is where, and which mentions which: what only panics mention is taken out (see `unused`).
    "-Clink-arg=--emit-relocs",
    // Engines count in registers as they see fit; here, a second counter is code.
    "-Cllvm-args=-disable-lsr",
    // Nor is an expression put on each way to a place, so that it need not be worked out there.
    "-Cllvm-args=-enable-pre=false",
    // What is moved and longer than a word is so by one instruction, not by a load and a store for each word of it.
    "-Cllvm-args=-max-store-memcpy=1",
    "-Cllvm-args=-max-store-memmove=1",
    "-Cllvm-args=-max-store-memset=1",
    // A function that keeps much on the stack stays one: its caller would have all that on its own, at addresses a byte longer.
    "-Cllvm-args=-inline-max-stacksize=200",
];

fn lay_out(workspace: &Workspace, wasm: &Path, profile: Profile) -> Result<()> {
    let package = workspace.package();
    fresh_directory(&package)?;
    let lean = match profile {
        Profile::Release => &trap::take_out_panics(wasm)?,
        Profile::Served | Profile::Dev => wasm,
    };
    println!("  wasm-bindgen → {}", package.strip_prefix(workspace.root()).unwrap_or(&package).display());
    let mut words: Vec<OsString> =
        vec!["wasm-bindgen".into(), lean.into(), "--out-dir".into(), (&package).into()];
    words.extend(["--target", "web", "--split-linked-modules"].map(OsString::from));
    match profile {
        Profile::Release => {
            // The functions' names stay until wasm-opt has sorted them.
            words.push("--remove-producers-section".into());
        }
        Profile::Served => {}
        Profile::Dev => words.push("--debug".into()),
    }
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(words).context("wasm-bindgen failed")?;
    if profile == Profile::Release {
        let names = shrink::shorten(&package)?;
        optimize::optimize(workspace, wasm, &package.join("gemini_live_web_bg.wasm"))?;
        split::split(workspace, &package)?;
        shrink::minify(workspace, &package, &names)?;
    } else {
        split::split(workspace, &package)?;
    }
    inline::write_into(workspace, &package)?;
    for source in contents::papers(workspace).iter().chain(&contents::companions(workspace)) {
        let Some(name) = source.file_name() else { continue };
        fs::copy(source, package.join(name)).with_context(|| format!("cannot copy {}", source.display()))?;
    }
    readme::make_links_absolute(&package)?;
    write(&package.join("package.json"), manifest::text(workspace)?)
}

/// Everything the package's directory is made from, in a form that changes whenever one of them does.
fn state_of(wasm: &Path, sources: &[PathBuf], profile: Profile) -> Result<String> {
    // This program is a source as well: it writes the manifest and is the wasm-bindgen.
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let mut state = format!("{} {profile:?}\n", version());
    for file in sources.iter().map(PathBuf::as_path).chain([wasm, &program]) {
        let facts = fs::metadata(file).with_context(|| format!("cannot find {}", file.display()))?;
        let changed = facts.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        state.push_str(&format!("{} {} {}\n", file.display(), facts.len(), changed.as_nanos()));
    }
    Ok(state)
}

fn is_newer(file: &Path, than: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|facts| facts.modified());
    matches!((changed(file), changed(than)), (Ok(file), Ok(than)) if file >= than)
}
