//! A session that outlives its connections: in virtual time, in a network that a script spoils.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "rotation/calls.rs"]
mod calls;
#[path = "rotation/doubts.rs"]
mod doubts;
#[path = "../src/session/tests/grammar.rs"]
mod grammar;
#[path = "rotation/history.rs"]
mod history;
#[path = "rotation/network.rs"]
mod network;
#[path = "rotation/properties.rs"]
mod properties;
#[path = "rotation/scenarios.rs"]
mod scenarios;
#[path = "rotation/step.rs"]
mod step;
#[path = "rotation/traffic.rs"]
mod traffic;
#[path = "rotation/uplink.rs"]
mod uplink;
#[path = "rotation/verdicts.rs"]
mod verdicts;
#[path = "rotation/world.rs"]
mod world;
