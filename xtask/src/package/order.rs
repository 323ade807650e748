//! Puts the wasm's functions in the order in which they compress best.
//!
//! Brotli finds what is the same. Functions of one type stand together, so that the list of types is runs; and among
//! them those that begin alike, so that each is read with its likes just before it.

use std::convert::Infallible;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{
    CodeSectionReader, CustomSectionReader, FunctionBody, FunctionSectionReader, Parser, Payload, TypeRef,
};

use crate::workspace::write;

/// Writes the module of `from` to `to`: its functions in order, and without names.
pub(super) fn order(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).context("the optimised wasm cannot be read")?;
    write(to, ordered(&bytes)?)
}

fn ordered(wasm: &[u8]) -> Result<Vec<u8>> {
    let functions = Functions::of(wasm)?;
    let order = functions.order()?;
    let mut places = vec![0; order.len()];
    for (new, old) in order.iter().enumerate() {
        *places.get_mut(*old).context("an order names each function once")? = functions.imported + new as u32;
    }
    let mut module = Module::new();
    let mut mover = Mover { imported: functions.imported, order: &order, places: &places };
    mover.parse_core_module(&mut module, Parser::new(0), wasm).map_err(unreadable)?;
    Ok(module.finish())
}

/// What must be known of a module to order it.
#[derive(Default)]
pub(super) struct Functions<'a> {
    /// Imported functions come first, and stay where they are.
    pub(super) imported: u32,
    types: Vec<u32>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
}

impl<'a> Functions<'a> {
    pub(super) fn of(wasm: &'a [u8]) -> Result<Self> {
        let mut functions = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.context("the optimised wasm is none")? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        functions.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => {
                    functions.types = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::CodeSectionEntry(body) => functions.bodies.push(body),
                _ => {}
            }
        }
        Ok(functions)
    }

    /// The present places of the functions, in the order in which they shall stand.
    pub(super) fn order(&self) -> Result<Vec<usize>> {
        let mut keys = Vec::new();
        for (place, (kind, body)) in self.types.iter().zip(&self.bodies).enumerate() {
            keys.push((*kind, without_calls(body)?, place));
        }
        keys.sort();
        Ok(keys.into_iter().map(|(_, _, place)| place).collect())
    }
}

/// The code as if it called nothing but one function: which it calls says nothing about what it is like.
fn without_calls(body: &FunctionBody<'_>) -> Result<Vec<u8>> {
    struct Blind;
    impl Reencode for Blind {
        type Error = Infallible;

        fn function_index(&mut self, _: u32) -> Result<u32, Error<Infallible>> {
            Ok(0)
        }
    }
    let encode = || -> Result<_, Error<Infallible>> {
        let mut function = Blind.new_function_with_parsed_locals(body)?;
        let mut code = body.get_operators_reader()?;
        while !code.eof() {
            function.instruction(&Blind.parse_instruction(&mut code)?);
        }
        Ok(function.into_raw_body())
    };
    encode().map_err(unreadable)
}

fn unreadable(error: Error<Infallible>) -> anyhow::Error {
    anyhow!("the optimised wasm cannot be written anew: {error}")
}

/// Writes a module with its functions in another order.
struct Mover<'a> {
    imported: u32,
    order: &'a [usize],
    places: &'a [u32],
}

impl Mover<'_> {
    /// What a section holds, in the new order.
    fn moved<T: Clone>(&self, entries: Vec<T>) -> Vec<T> {
        self.order.iter().filter_map(|old| entries.get(*old).cloned()).collect()
    }
}

impl Reencode for Mover<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        let own = function.checked_sub(self.imported).map(|own| own as usize);
        Ok(own.and_then(|own| self.places.get(own).copied()).unwrap_or(function))
    }

    /// Names and what the compiler says of itself: no browser asks for them.
    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: CustomSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for kind in self.moved(section.into_iter().collect::<Result<_, _>>()?) {
            functions.function(kind);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for body in self.moved(section.into_iter().collect::<Result<_, _>>()?) {
            self.parse_function_body(code, body)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::ir::Value;
    use walrus::{FunctionBuilder, FunctionId, ModuleConfig, ValType};

    /// Two functions that are nearly the same with a third between them, which is exported and calls both.
    fn module() -> Vec<u8> {
        let mut module = walrus::Module::with_config(ModuleConfig::new());
        let mut number = |value: i32, callees: &[FunctionId], results: &[ValType]| {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], results);
            let mut body = builder.func_body();
            callees.iter().for_each(|callee| {
                body.call(*callee).drop();
            });
            results.iter().for_each(|_| {
                body.const_(Value::I32(value));
            });
            builder.finish(Vec::new(), &mut module.funcs)
        };
        let seven = number(7, &[], &[ValType::I32]);
        let eight = number(8, &[], &[ValType::I32]);
        let caller = number(0, &[eight, seven], &[]);
        module.exports.add("f", caller);
        module.emit_wasm()
    }

    #[test]
    fn functions_of_one_type_that_begin_alike_stand_together_and_calls_find_them() {
        let before = module();
        let after = ordered(&before).expect("a module");
        wasmparser::validate(&after).expect("valid");
        let functions = Functions::of(&after).expect("readable");
        assert!(functions.types.is_sorted() && functions.order().expect("an order") == [0, 1, 2]);
        // Who calls eight first and seven then does so still: the call's number is what was moved.
        let numbers = |wasm: &[u8]| -> Vec<Vec<u8>> {
            let functions = Functions::of(wasm).expect("readable");
            functions.bodies.iter().map(|body| body.as_bytes().to_vec()).collect()
        };
        let (caller, rest): (Vec<_>, Vec<_>) =
            numbers(&after).into_iter().partition(|body| body.contains(&0x10));
        let called: Vec<_> = caller[0].iter().skip_while(|byte| **byte != 0x10).copied().collect();
        let name = |index: u8| numbers(&after)[usize::from(index)].clone();
        assert_eq!((name(called[1])[2], name(called[4])[2]), (8, 7), "{called:?} {rest:?}");
    }

    #[test]
    fn a_file_that_is_no_module_is_refused() {
        assert!(ordered(b"<!doctype html>").is_err());
    }
}
