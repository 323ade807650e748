//! Blanks the data that nothing mentions any more.
//!
//! The linker keeps what the code mentions that it is given. When panics have become `unreachable` (see `trap`) and the
//! rest is optimised, nobody asks for their messages; but a module does not say where one datum ends and the next
//! begins. The compiler's does, with what mentions which (`--emit-relocs`), and addresses stay what they were.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::convert::Infallible;
use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use wasm_encoder::Instruction;
use wasm_encoder::reencode::Reencode;
use wasmparser::{
    ConstExpr, Data, DataKind, FunctionBody, KnownCustom, Linking, LinkingSectionReader, MemArg, Operator,
    Parser, Payload, RelocationEntry, RelocationType, SymbolInfo,
};

use crate::workspace::write;

/// Overwrites in `wasm` what was a datum in the compiler's file and is mentioned no more.
pub(super) fn blank(compiled: &Path, wasm: &Path) -> Result<()> {
    let compiled = fs::read(compiled).context("the compiler's wasm cannot be read")?;
    let mut module = fs::read(wasm).context("the optimised wasm cannot be read")?;
    let unused = Map::of(&compiled)?.unused(&addresses(&module)?);
    // Panics alone have more to say.
    let count: usize = unused.iter().map(Range::len).sum();
    if count < FEWEST {
        return Err(anyhow!(
            "only {count} bytes of data are unused: does the linker tell of them otherwise now?"
        ));
    }
    for Segment { addresses, bytes } in segments(&module)? {
        for range in &unused {
            // A segment may end where the next begins, in the middle of what is unused.
            let (start, end) = (range.start.max(addresses.start), range.end.min(addresses.end));
            if start < end {
                let begin = bytes.start + start - addresses.start;
                module.get_mut(begin..begin + end - start).context("a segment is in its file")?.fill(0);
            }
        }
    }
    write(wasm, module)
}

/// Where data are in memory, and what mentions them.
#[derive(Debug, Default)]
struct Map {
    /// By the number of their symbols.
    data: HashMap<u32, Range<usize>>,
    /// What an address in the code stands for: it may lie outside of what is meant, as of a table that begins at 'a'.
    meant: HashMap<usize, Vec<u32>>,
    /// Addresses in the data, by where they stand.
    links: BTreeMap<usize, u32>,
}

impl Map {
    fn of(compiled: &[u8]) -> Result<Self> {
        let segments = segments(compiled)?;
        let mut map = Self::default();
        let (mut data_at, mut places) = (0, Vec::new());
        for payload in Parser::new(0).parse_all(compiled) {
            match payload.context("the compiler's wasm is none")? {
                Payload::DataSection(section) => data_at = section.range().start,
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(linking) => map.add_data(linking, &segments)?,
                    KnownCustom::Reloc(relocations) => {
                        let is_data = section.name() == "reloc.DATA";
                        for entry in relocations.entries() {
                            places.push((is_data, entry?));
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        for (is_data, entry) in places {
            map.add_mention(is_data.then_some(data_at), &entry, &segments);
        }
        Ok(map)
    }

    fn add_data(&mut self, linking: LinkingSectionReader<'_>, segments: &[Segment]) -> Result<()> {
        for part in linking.subsections() {
            let Linking::SymbolTable(symbols) = part? else { continue };
            for (number, symbol) in symbols.into_iter().enumerate() {
                let SymbolInfo::Data { symbol: Some(datum), .. } = symbol? else { continue };
                let segment = segments.get(datum.index as usize).context("a datum has a segment")?;
                let start = segment.addresses.start + datum.offset as usize;
                self.data.insert(number as u32, start..start + datum.size as usize);
            }
        }
        Ok(())
    }

    /// A place in the data, whose section begins at `data_at`, or in the code.
    fn add_mention(&mut self, data_at: Option<usize>, entry: &RelocationEntry, segments: &[Segment]) {
        use RelocationType::{MemoryAddrI32, MemoryAddrLeb, MemoryAddrSleb};
        if !matches!(entry.ty, MemoryAddrI32 | MemoryAddrLeb | MemoryAddrSleb) {
            return;
        }
        if let Some(data_at) = data_at {
            let at = data_at + entry.offset as usize;
            if let Some(segment) = segments.iter().find(|segment| segment.bytes.contains(&at)) {
                self.links.insert(segment.addresses.start + at - segment.bytes.start, entry.index);
            }
        } else if let Some(datum) = self.data.get(&entry.index) {
            let address = datum.start.wrapping_add_signed(entry.addend as isize);
            self.meant.entry(address).or_default().push(entry.index);
        }
    }

    /// What lies in a datum, and in none that is reached from these addresses.
    fn unused(&self, addresses: &[usize]) -> Vec<Range<usize>> {
        let mut reached = HashSet::new();
        let mut next: Vec<u32> = addresses.iter().flat_map(|address| self.standing_for(*address)).collect();
        while let Some(symbol) = next.pop() {
            if reached.insert(symbol)
                && let Some(datum) = self.data.get(&symbol)
            {
                next.extend(self.links.range(datum.clone()).map(|(_, symbol)| *symbol));
            }
        }
        let mut bytes: BTreeMap<usize, bool> = BTreeMap::new();
        for (symbol, datum) in &self.data {
            let is_used = reached.contains(symbol);
            datum.clone().for_each(|byte| *bytes.entry(byte).or_default() |= is_used);
        }
        let mut unused: Vec<Range<usize>> = Vec::new();
        for byte in bytes.into_iter().filter(|(_, is_used)| !is_used).map(|(byte, _)| byte) {
            match unused.last_mut() {
                Some(last) if last.end == byte => last.end += 1,
                _ => unused.push(byte..byte + 1),
            }
        }
        unused
    }

    /// What an address in the optimised code may stand for: what it did in the compiler's, what it lies in, and if the
    /// optimiser has made it, whatever is near.
    fn standing_for(&self, address: usize) -> Vec<u32> {
        let meant = self.meant.get(&address);
        let around = if meant.is_some() { 0 } else { NEAR };
        let near = address.saturating_sub(around)..address + around + 1;
        let lies_in = |datum: &Range<usize>| datum.start < near.end && near.start < datum.end;
        let around = self.data.iter().filter(|(_, datum)| lies_in(datum)).map(|(symbol, _)| *symbol);
        around.chain(meant.into_iter().flatten().copied()).collect()
    }
}

/// A piece of memory that a module brings along.
#[derive(Debug)]
struct Segment {
    addresses: Range<usize>,
    /// Where it is in the file.
    bytes: Range<usize>,
}

fn segments(wasm: &[u8]) -> Result<Vec<Segment>> {
    let mut segments = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::DataSection(section) = payload? else { continue };
        for datum in section {
            let Data { kind: DataKind::Active { offset_expr, .. }, data, range } = datum? else { continue };
            let address = constant(&offset_expr)?.context("a segment has an address")?;
            segments.push(Segment {
                addresses: address..address + data.len(),
                bytes: range.end - data.len()..range.end,
            });
        }
    }
    Ok(segments)
}

/// Every number of the module that may be an address.
fn addresses(wasm: &[u8]) -> Result<Vec<usize>> {
    let mut numbers = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::CodeSectionEntry(body) => numbers.extend(numbers_of(&body)?),
            Payload::GlobalSection(section) => {
                for global in section {
                    numbers.extend(constant(&global?.init_expr)?);
                }
            }
            _ => {}
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    let first = segments(wasm)?.first().map_or(0, |segment| segment.addresses.start);
    numbers.retain(|number| *number + NEAR >= first);
    Ok(numbers)
}

/// A function's constants, and what it adds to addresses.
fn numbers_of(body: &FunctionBody<'_>) -> Result<Vec<usize>> {
    struct Numbers(Vec<usize>);
    impl Reencode for Numbers {
        type Error = Infallible;

        fn mem_arg(&mut self, arg: MemArg) -> Result<wasm_encoder::MemArg, Error> {
            self.0.push(arg.offset as usize);
            Ok(wasm_encoder::MemArg { offset: arg.offset, align: arg.align.into(), memory_index: arg.memory })
        }
    }
    let mut numbers = Numbers(Vec::new());
    let mut code = body.get_operators_reader()?;
    while !code.eof() {
        let instruction = numbers
            .parse_instruction(&mut code)
            .map_err(|error| anyhow!("code that is not known: {error}"))?;
        if let Instruction::I32Const(number) = instruction {
            numbers.0.push(number as u32 as usize);
        }
    }
    Ok(numbers.0)
}

fn constant(expression: &ConstExpr<'_>) -> Result<Option<usize>> {
    match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(Some(value as u32 as usize)),
        _ => Ok(None),
    }
}

type Error = wasm_encoder::reencode::Error<Infallible>;

/// How far from a datum an address of it may lie that the optimiser has made of another.
const NEAR: usize = 64;
const FEWEST: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    /// Three data behind each other, of which the first has the address of the second.
    fn map() -> Map {
        let mut map = Map::default();
        for (symbol, start) in [(1, 1000), (2, 1200), (3, 1400)] {
            map.data.insert(symbol, start..start + 200);
        }
        map.links.insert(1004, 2);
        map
    }

    /// From where to where nothing is used.
    fn unused(map: &Map, addresses: &[usize]) -> Vec<(usize, usize)> {
        map.unused(addresses).into_iter().map(|range| (range.start, range.end)).collect()
    }

    #[test]
    fn what_is_mentioned_and_what_that_mentions_stays() {
        assert_eq!(unused(&map(), &[1000]), [(1400, 1600)]);
        assert_eq!(unused(&map(), &[1199]), [(1400, 1600)]);
        assert_eq!(unused(&map(), &[1300]), [(1000, 1200), (1400, 1600)]);
        assert_eq!(unused(&map(), &[]), [(1000, 1600)]);
    }

    #[test]
    fn an_address_is_of_what_the_compiler_meant_and_of_what_it_lies_in() {
        let mut map = map();
        // The last, counted from something that begins at 97.
        map.meant.insert(1400 - 97, vec![3]);
        assert_eq!(unused(&map, &[1400 - 97]), [(1000, 1200)]);
    }

    #[test]
    fn an_address_that_the_optimiser_has_made_keeps_what_is_near() {
        assert_eq!(unused(&map(), &[1210]), [(1400, 1600)]);
        assert_eq!(unused(&map(), &[1390]), [(1000, 1200)]);
    }

    #[test]
    fn a_datum_that_lies_in_an_unused_one_stays() {
        let mut map = map();
        map.data.insert(4, 1500..1510);
        map.links.insert(1004, 4);
        assert_eq!(unused(&map, &[1000]), [(1200, 1500), (1510, 1600)]);
    }

    #[test]
    fn constants_and_offsets_may_be_addresses() {
        let mut module = walrus::Module::default();
        let memory = module.memories.add_local(false, false, 1, None, None);
        let kind = walrus::DataKind::Active {
            memory,
            offset: walrus::ConstExpr::Value(walrus::ir::Value::I32(2000)),
        };
        module.data.add(kind, vec![1; 100]);
        let mut builder = walrus::FunctionBuilder::new(&mut module.types, &[], &[walrus::ValType::I32]);
        let arg = walrus::ir::MemArg { align: 4, offset: 2040 };
        builder.func_body().i32_const(7).load(memory, walrus::ir::LoadKind::I32 { atomic: false }, arg);
        builder.func_body().i32_const(2016).binop(walrus::ir::BinaryOp::I32Add);
        let function = builder.finish(Vec::new(), &mut module.funcs);
        module.exports.add("f", function);
        let wasm = module.emit_wasm();
        assert_eq!(addresses(&wasm).expect("readable"), [2016, 2040]);
        let segments = segments(&wasm).expect("readable");
        assert_eq!(segments.len(), 1);
        assert_eq!(
            (segments[0].addresses.clone(), &wasm[segments[0].bytes.clone()]),
            (2000..2100, &[1; 100][..])
        );
    }
}
