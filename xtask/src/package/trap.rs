//! Takes out of the wasm what only serves to word a panic that nobody can read.
//!
//! A panic in the browser is `unreachable`, with the message or without: there is no standard error to write it to.
//! The message costs all the same, because formatting is linked for it. So functions that panic become `unreachable`
//! themselves, and so does formatting, which nothing but panics may use in the package (nothing there logs).

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use walrus::ir::{self, Visitor};
use walrus::{FunctionId, FunctionKind, LocalFunction, Module, ModuleConfig};

/// Makes a second file of the compiler's, which has its names still, and says where it is.
pub(super) fn take_out_panics(wasm: &Path) -> Result<PathBuf> {
    let mut module = ModuleConfig::new().parse_file(wasm).context("the compiler's wasm cannot be read")?;
    let taken = replace(&mut module)?;
    // Fewer would mean that the compiler calls them something else now, and that the package has grown in silence.
    if taken < FEWEST {
        return Err(anyhow!("only {taken} functions panic or format for it: have their names changed?"));
    }
    walrus::passes::gc::run(&mut module);
    let formats = |name: &str| name.contains(FORMATTER);
    if module.funcs.iter().any(|function| function.name.as_deref().is_some_and(formats)) {
        return Err(anyhow!(
            "something in `src` formats again: `format!`, or `to_string()` of what is no number"
        ));
    }
    // Of the same name: wasm-bindgen calls everything after it.
    let directory = wasm.with_file_name("without-panics");
    fs::create_dir_all(&directory).with_context(|| format!("{} cannot be made", directory.display()))?;
    let lean = directory.join(wasm.file_name().unwrap_or_default());
    module.emit_wasm_file(&lean).context("the wasm without panics cannot be written")?;
    Ok(lean)
}

fn replace(module: &mut Module) -> Result<usize> {
    let mut kinds: HashMap<FunctionId, Kind> = HashMap::new();
    for (id, _) in module.funcs.iter_local() {
        if let Some(kind) = module.funcs.get(id).name.as_deref().and_then(Kind::of) {
            kinds.insert(id, kind);
        }
    }
    for id in called_for_other_reasons(module, &kinds) {
        kinds.remove(&id);
        let name = module.funcs.get(id).name.as_deref().unwrap_or_default();
        // It writes through an address, to functions that are taken out: it would trap where it is called.
        if DISPLAYS.iter().any(|part| name.contains(part)) {
            return Err(anyhow!("something in `src` calls `to_string()` of what is no number: {name}"));
        }
    }
    for id in kinds.keys() {
        let FunctionKind::Local(function) = &module.funcs.get(*id).kind else { continue };
        let (params, results) = {
            let kind = module.types.get(function.ty());
            (kind.params().to_vec(), kind.results().to_vec())
        };
        let arguments: Vec<_> = params.iter().map(|kind| module.locals.add(*kind)).collect();
        let mut builder = walrus::FunctionBuilder::new(&mut module.types, &params, &results);
        builder.func_body().unreachable();
        let body = builder.local_func(arguments);
        module.funcs.get_mut(*id).kind = FunctionKind::Local(body);
    }
    Ok(kinds.len())
}

/// What a function is for, as far as this matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It panics, and does not return.
    Panic,
    /// It formats a value.
    Format,
}

impl Kind {
    /// By the mangled name, old or new style.
    fn of(name: &str) -> Option<Self> {
        if PANICS.iter().any(|part| name.contains(part)) {
            Some(Self::Panic)
        } else if FORMATS.iter().any(|part| name.contains(part)) {
            Some(Self::Format)
        } else {
            None
        }
    }
}

/// Formatting that is called by its name from what stays: it is not a panic's.
fn called_for_other_reasons(module: &Module, kinds: &HashMap<FunctionId, Kind>) -> HashSet<FunctionId> {
    let mut calls: HashMap<FunctionId, Vec<FunctionId>> = HashMap::new();
    let mut kept = Vec::new();
    for (id, function) in module.funcs.iter_local() {
        let found = calls_of(function);
        if !kinds.contains_key(&id) {
            kept.extend(found.iter().copied());
        }
        calls.insert(id, found);
    }
    let mut reached = HashSet::new();
    while let Some(id) = kept.pop() {
        if kinds.get(&id) == Some(&Kind::Format) && reached.insert(id) {
            kept.extend(calls.get(&id).into_iter().flatten().copied());
        }
    }
    reached
}

fn calls_of(function: &LocalFunction) -> Vec<FunctionId> {
    struct Calls(Vec<FunctionId>);
    impl Visitor<'_> for Calls {
        fn visit_call(&mut self, call: &ir::Call) {
            self.0.push(call.func);
        }
    }
    let mut calls = Calls(Vec::new());
    ir::dfs_in_order(&mut calls, function, function.entry_block());
    calls.0
}

const PANICS: &[&str] = &[
    "4core9panicking",
    "3std9panicking",
    "core..panicking",
    "slice_index_fail",
    "slice_error_fail",
    "unwrap_failed",
    "expect_failed",
    "capacity_overflow",
    "handle_error",
    "handle_alloc_error",
    "len_mismatch_fail",
    "panic_already_",
    "rust_begin_unwind",
];
const DISPLAYS: &[&str] = &["7Display3fmt", "core..fmt..Display"];
const FORMATS: &[&str] = &[
    "3fmt8builders",
    "5Debug3fmt",
    "core..fmt..Debug",
    "7Display3fmt",
    "core..fmt..Display",
    "3fmt5Write",
    "core..fmt..Write",
    "3fmt9Formatter",
    "12escape_debug",
    "15grapheme_extend",
];
/// What all formatting goes through. Called from what stays, it would call what was taken out by its address.
const FORMATTER: &str = "4core3fmt5write";
const FEWEST: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    /// A module of functions that return a number, each with the functions it calls.
    fn module(functions: &[(&str, &[usize])]) -> (Module, Vec<FunctionId>) {
        let mut module = Module::with_config(ModuleConfig::new());
        let mut ids: Vec<FunctionId> = Vec::new();
        for (name, callees) in functions {
            let mut builder = walrus::FunctionBuilder::new(&mut module.types, &[], &[walrus::ValType::I32]);
            builder.name((*name).to_owned());
            for callee in *callees {
                builder.func_body().call(ids[*callee]).drop();
            }
            builder.func_body().i32_const(1);
            ids.push(builder.finish(Vec::new(), &mut module.funcs));
        }
        (module, ids)
    }

    fn panics(module: &Module, id: FunctionId) -> bool {
        let FunctionKind::Local(function) = &module.funcs.get(id).kind else { return false };
        matches!(function.block(function.entry_block()).instrs.as_slice(), [(ir::Instr::Unreachable(_), _)])
    }

    #[test]
    fn what_panics_is_taken_out_and_what_is_used_otherwise_stays() {
        let (mut module, ids) = module(&[
            ("_ZN4core3fmt3num50_$LT$impl$u20$core..fmt..Debug$u20$for$u20$u32$GT$3fmt17h0E", &[]),
            ("_RNvXsc_NtCs1_4core3fmtbNtB5_5Debug3fmt", &[]),
            ("_RNvNtCs1_4core9panicking9panic_fmt", &[0]),
            ("_ZN4core9panicking18panic_bounds_check17h0E", &[2]),
            ("_ZN15gemini_live_web7session7Session6handle17h0E", &[1, 3]),
        ]);
        assert_eq!(replace(&mut module).expect("nothing is displayed"), 3);
        assert_eq!(
            ids.iter().map(|id| panics(&module, *id)).collect::<Vec<_>>(),
            [true, false, true, true, false]
        );
    }

    #[test]
    fn what_is_displayed_by_what_stays_is_refused() {
        let (mut module, _) = module(&[
            ("_RNvXs_NtCs1_15gemini_live_web5errorNtB4_5ErrorNtNtCs2_4core3fmt7Display3fmt", &[]),
            ("_RNvXsb_NtCs3_5alloc6stringNtB5_5ErrorNtB5_12SpecToString14spec_to_string", &[0]),
        ]);
        assert!(replace(&mut module).is_err());
    }

    #[test]
    fn a_wasm_in_which_hardly_anything_panics_is_doubted() {
        let directory = std::env::temp_dir().join(format!("take-out-panics-{}", std::process::id()));
        fs::create_dir_all(&directory).expect("a directory");
        let file = directory.join("small.wasm");
        module(&[("_RNvNtCs1_4core9panicking9panic_fmt", &[])]).0.emit_wasm_file(&file).expect("written");
        let refused = take_out_panics(&file);
        let _ = fs::remove_dir_all(&directory);
        assert!(refused.is_err());
    }
}
