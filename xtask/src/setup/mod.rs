//! What has to be on the machine: looked for, installed where that is ours to do, and otherwise asked for in one line.

mod browser;
mod cargo_mutants;
mod debian;
mod firefox;
mod node;
mod rust;
mod tool;
mod wasm_pack;
mod webkit;

pub(crate) use browser::{Browser, find_or_install};
pub(crate) use cargo_mutants::cargo_mutants;
pub(crate) use debian::{ensure_cxx, want_speech};
pub(crate) use firefox::{ensure_geckodriver, find_or_install_firefox};
pub(crate) use node::{ensure_node, ensure_npm_packages, ensure_npm_packages_in, node_command, npm_command};
pub(crate) use rust::{cargo, ensure_components, ensure_wasm_target, without_home};
pub(crate) use wasm_pack::{WasmPack, ensure_wasm_pack};
pub(crate) use webkit::{WebKit, find_or_install_webkit};
