//! ToUnicode maps (ISO 32000-1, 9.10.3): from the codes of a font to characters. Ranges stay ranges.

use super::lex::{Lexer, Operand};

/// Codes of one length, and the UTF-16 of the first; the last unit counts on.
struct Range {
    len: usize,
    low: u32,
    high: u32,
    units: Vec<u16>,
}

/// A map from codes to characters.
#[derive(Default)]
pub(super) struct CMap {
    /// By length and first code.
    ranges: Vec<Range>,
    spaces: Vec<(Vec<u8>, Vec<u8>)>,
}

fn code(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |n, b| n << 8 | u32::from(*b))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks(2).map(|pair| pair.iter().fold(0, |n, b| n << 8 | u16::from(*b))).collect()
}

impl CMap {
    /// Reads a map; what is not understood is passed over.
    pub fn parse(bytes: &[u8]) -> Self {
        let (mut map, mut lexer, mut operands) = (CMap::default(), Lexer::new(bytes), Vec::new());
        while let Some(operator) = lexer.next(&mut operands) {
            match operator {
                b"endcodespacerange" => map.take_spaces(&operands),
                b"endbfchar" => map.take_chars(&operands),
                // The brackets of a range's list are flattened away, so it is read from the bytes.
                b"beginbfrange" => map.take_ranges(&mut lexer),
                _ => {}
            }
        }
        map.ranges.sort_by_key(|r| (r.len, r.low));
        map
    }

    /// The characters of a code; none when the map has none that anyone could read.
    pub fn get(&self, bytes: &[u8]) -> Option<String> {
        let (len, code) = (bytes.len(), code(bytes));
        let after = self.ranges.partition_point(|r| (r.len, r.low) <= (len, code));
        let range = self.ranges.get(after.checked_sub(1)?).filter(|r| r.len == len && code <= r.high)?;
        let mut units = range.units.clone();
        let last = units.last_mut()?;
        *last = last.wrapping_add((code - range.low) as u16);
        let text = String::from_utf16(&units).ok()?;
        let unreadable = |c: char| matches!(c, '\0'..='\u{8}' | '\u{E000}'..='\u{F8FF}' | '\u{FFFD}');
        (!text.is_empty() && !text.contains(unreadable)).then_some(text)
    }

    /// How many bytes the next code has, by the ranges of codes that the map declares.
    pub fn code_len(&self, bytes: &[u8]) -> Option<usize> {
        let fits = |(low, high): &&(Vec<u8>, Vec<u8>)| {
            bytes.len() >= low.len()
                && low.iter().zip(high).zip(bytes).all(|((l, h), b)| (l..=h).contains(&b))
        };
        self.spaces.iter().find(fits).map(|(low, _)| low.len())
    }

    fn take_spaces(&mut self, operands: &[Operand]) {
        for pair in operands.chunks(2) {
            if let [Operand::Text(low), Operand::Text(high)] = pair
                && (1..=4).contains(&low.len())
                && low.len() == high.len()
            {
                self.spaces.push((low.clone(), high.clone()));
            }
        }
    }

    fn take_chars(&mut self, operands: &[Operand]) {
        for pair in operands.chunks(2) {
            if let [Operand::Text(from), Operand::Text(to)] = pair {
                self.add(from, code(from), code(from), to);
            }
        }
    }

    fn take_ranges(&mut self, lexer: &mut Lexer<'_>) {
        while let Some(range) = lexer.range() {
            let (low, high) = (code(&range.low), code(&range.high));
            match range.list {
                None => self.add(&range.low, low, high, &range.base),
                Some(list) => {
                    for (code, to) in (low..=high).zip(list) {
                        self.add(&range.low, code, code, &to);
                    }
                }
            }
        }
    }

    fn add(&mut self, like: &[u8], low: u32, high: u32, to: &[u8]) {
        self.ranges.push(Range { len: like.len(), low, high, units: units(to) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_lists_and_single_codes_are_read() {
        let map = CMap::parse(
            b"1 begincodespacerange <0000> <FFFF> endcodespacerange 2 beginbfchar <0003> <0020> <0004> <D840DC00> endbfchar
              3 beginbfrange <0010> <0019> <0030> <0020> <0021> [<6751> <00660069>] <00000000> <FFFFFFFF> <0041> endbfrange
              1 beginbfchar <0005> <F0B7> endbfchar",
        );
        let get = |code: u16| map.get(&code.to_be_bytes());
        assert_eq!(get(3).as_deref(), Some(" "));
        assert_eq!(get(4).as_deref(), Some("\u{20000}"));
        assert_eq!(get(0x13).as_deref(), Some("3"));
        assert_eq!(get(0x20).as_deref(), Some("村"));
        assert_eq!(get(0x21).as_deref(), Some("fi"));
        assert_eq!(get(0x22), None);
        assert_eq!(get(5), None, "a private character is no character");
        assert_eq!(map.code_len(b"ab"), Some(2));
        assert_eq!(map.code_len(b"a"), None);
    }
}
