//! `types.d.ts` is written from the rows; this holds the file to them.

use std::{collections::BTreeSet, env, fs, path::Path};

use crate::{
    error::{Code, WarningCode},
    event,
    protocol::{
        client::{ClientContent, ContextUpdate, RealtimeInput, ToolResponse},
        schema::{Wire, typescript::Types},
        server::{self, Transcription, TurnStatus, UsageMetadata},
        setup::LiveConfig,
        token::CreateAuthTokenConfig,
    },
};

fn written() -> String {
    let mut types = Types::default();
    types.raw(HEAD);
    types.section("configuration");
    LiveConfig::typescript(&mut types);
    types.section("what an application sends");
    ClientContent::typescript(&mut types);
    RealtimeInput::typescript(&mut types);
    ToolResponse::typescript(&mut types);
    ContextUpdate::typescript(&mut types);
    types.section("ephemeral tokens");
    CreateAuthTokenConfig::typescript(&mut types);
    types.section("errors and warnings");
    Code::typescript(&mut types);
    WarningCode::typescript(&mut types);
    types.section("what a session tells");
    server::typescript(&mut types);
    event::typescript(&mut types);
    types.raw("/** Everything a session tells the application. */\nexport type LiveEvent = LiveServerEvent | LiveLocalEvent;\n");
    Transcription::typescript(&mut types);
    TurnStatus::typescript(&mut types);
    UsageMetadata::typescript(&mut types);
    types.finish()
}

const HEAD: &str = "\
/* Written from the rows of src/protocol by `UPDATE_TYPES=1 cargo test --lib types`. */

/** Names known to this library, and any newer one. */
export type Open<Known extends string> = Known | (string & {});
/** An object with fields of the application's own. */
export interface JsonObject { readonly [field: string]: unknown }
";

#[test]
fn the_declarations_are_those_of_the_rows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/protocol/types.d.ts");
    let written = written();
    if env::var_os("UPDATE_TYPES").is_some() {
        fs::write(&path, &written).unwrap_or_else(|error| panic!("{error}"));
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == written,
        "src/protocol/types.d.ts is stale: UPDATE_TYPES=1 cargo test --lib types writes it anew"
    );
}

#[test]
fn every_type_that_is_mentioned_is_declared() {
    let written = written();
    let beside = include_str!("../../web/api/types.d.ts");
    let declared: BTreeSet<&str> = written
        .lines()
        .chain(beside.lines())
        .filter_map(|line| line.strip_prefix("export "))
        .filter_map(|line| line.split([' ', '<']).nth(1))
        .collect();
    for line in written.lines().filter(|line| line.trim_start().starts_with("readonly ")) {
        let shape = line.split_once(':').map_or("", |(_, shape)| shape);
        // What stands in quotes is a value.
        for word in shape.split('"').step_by(2).flat_map(|piece| piece.split(|c: char| !c.is_alphanumeric()))
        {
            let is_name = word.starts_with(char::is_uppercase);
            assert!(!is_name || declared.contains(word), "{word} is not declared: {line}");
        }
    }
}
