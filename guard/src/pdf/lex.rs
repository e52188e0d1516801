//! Content streams, token by token (ISO 32000-1, 7.8.2). What is no token is passed over, as viewers do.

/// An operand. Arrays and dictionaries are flattened: `[(a) -20 (b)] TJ` has three operands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    /// A number; a broken one is 0.
    Number(f64),
    /// A name without its slash.
    Name(Vec<u8>),
    /// A string.
    Text(Vec<u8>),
}

/// A range of a ToUnicode map: its codes, and the characters of the first or of each.
pub(super) struct Range {
    pub low: Vec<u8>,
    pub high: Vec<u8>,
    pub base: Vec<u8>,
    pub list: Option<Vec<Vec<u8>>>,
}

/// Reads operators with their operands.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether operands were left out, of which no operator has so many.
    pub overfull: bool,
}

/// Most operands of one operator; an array's items count.
const MAX_OPERANDS: usize = 1 << 20;

fn is_space(b: u8) -> bool {
    matches!(b, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

fn is_regular(b: u8) -> bool {
    !is_space(b) && !matches!(b, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn hex(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).map(|d| d as u8)
}

impl<'a> Lexer<'a> {
    /// At the start of a stream.
    pub fn new(bytes: &'a [u8]) -> Self {
        Lexer { bytes, at: 0, overfull: false }
    }

    /// The next operator, and the operands before it.
    pub fn next(&mut self, operands: &mut Vec<Operand>) -> Option<&'a [u8]> {
        operands.clear();
        loop {
            if operands.len() > MAX_OPERANDS {
                operands.clear();
                self.overfull = true;
            }
            let first = self.peek(0)?;
            match first {
                b'%' => self.at += self.rest().iter().take_while(|b| !matches!(b, b'\r' | b'\n')).count(),
                b'(' => operands.push(Operand::Text(self.literal())),
                b'<' if self.peek(1) == Some(b'<') => self.at += 2,
                b'<' => operands.push(Operand::Text(self.hexadecimal())),
                b'/' => operands.push(Operand::Name(self.name())),
                b if !is_regular(b) => self.at += 1,
                _ => {
                    let word = self.word();
                    match word.first() {
                        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => {
                            operands.push(Operand::Number(number(word)))
                        }
                        _ if matches!(word, b"true" | b"false" | b"null") => {}
                        _ if word == b"ID" => {
                            self.skip_image();
                            return Some(b"BI");
                        }
                        // `BI` opens a dictionary; the picture is complete with its data.
                        _ if word == b"BI" => {}
                        _ => return Some(word),
                    }
                }
            }
        }
    }

    /// The next range of a ToUnicode map, up to `endbfrange`.
    pub fn range(&mut self) -> Option<Range> {
        let (low, high) = (self.string()?, self.string()?);
        self.skip_space();
        if self.peek(0) != Some(b'[') {
            return Some(Range { low, high, base: self.string()?, list: None });
        }
        self.at += 1;
        let mut list = Vec::new();
        while let Some(text) = self.string() {
            list.push(text);
        }
        self.at += usize::from(self.peek(0) == Some(b']'));
        Some(Range { low, high, base: Vec::new(), list: Some(list) })
    }

    fn skip_space(&mut self) {
        self.at += self.rest().iter().take_while(|b| is_space(**b)).count();
    }

    fn string(&mut self) -> Option<Vec<u8>> {
        self.skip_space();
        (self.peek(0) == Some(b'<')).then(|| self.hexadecimal())
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn word(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let len = rest.iter().take_while(|b| is_regular(**b)).count();
        self.at += len;
        rest.get(..len).unwrap_or_default()
    }

    fn name(&mut self) -> Vec<u8> {
        self.at += 1;
        unescape(self.word())
    }

    fn literal(&mut self) -> Vec<u8> {
        let (mut out, mut depth) = (Vec::new(), 0);
        while let Some(b) = self.peek(0) {
            self.at += 1;
            match b {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b'\\' => {
                    out.extend(self.escape());
                    continue;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
            if !(b == b'(' && depth == 1) {
                out.push(b);
            }
        }
        out
    }

    fn escape(&mut self) -> Option<u8> {
        let b = self.peek(0)?;
        self.at += 1;
        Some(match b {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 0x0C,
            b'0'..=b'7' => {
                let mut code = u32::from(b - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek(0) else { break };
                    code = code * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                (code & 0xFF) as u8
            }
            b'\r' => {
                self.at += usize::from(self.peek(0) == Some(b'\n'));
                return None;
            }
            b'\n' => return None,
            other => other,
        })
    }

    fn hexadecimal(&mut self) -> Vec<u8> {
        let rest = self.rest();
        let len = rest.iter().take_while(|b| **b != b'>').count();
        self.at += (len + 1).min(rest.len());
        let digits: Vec<u8> = rest.iter().take(len).filter_map(|b| hex(*b)).collect();
        digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |n, d| n << 4 | d) << (4 * (2 - pair.len())))
            .collect()
    }

    /// Passes over the data of an inline picture: to an `EI` that stands alone and has text behind it.
    fn skip_image(&mut self) {
        let rest = self.rest();
        let is_end = |w: &[u8]| matches!(w, [a, b'E', b'I', b] if is_space(*a) && is_space(*b));
        let readable =
            |after: &[u8]| after.iter().take(16).all(|b| is_space(*b) || (b' '..=b'~').contains(b));
        let ends = rest.windows(4).enumerate().filter(|(_, w)| is_end(w)).map(|(i, _)| i + 3);
        let end = ends.into_iter().find(|i| readable(rest.get(*i..).unwrap_or_default()));
        self.at += end.unwrap_or(rest.len());
    }
}

/// A name's bytes, `#41` read as `A`.
pub(super) fn unescape(word: &[u8]) -> Vec<u8> {
    let (mut out, mut i) = (Vec::with_capacity(word.len()), 0);
    while let Some(b) = word.get(i) {
        let pair = (word.get(i + 1).copied().and_then(hex), word.get(i + 2).copied().and_then(hex));
        if let (b'#', (Some(high), Some(low))) = (b, pair) {
            out.push(high << 4 | low);
            i += 3;
        } else {
            out.push(*b);
            i += 1;
        }
    }
    out
}

fn number(word: &[u8]) -> f64 {
    std::str::from_utf8(word).ok().and_then(|w| w.parse().ok()).filter(|n: &f64| n.is_finite()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_come_with_flat_operands() {
        let content = b"% note\nBT /F#31 12 Tf [(a\\(b\\)(c)) -20.5 <4 1 4>] TJ (\\101\\\n\\6) ' BI /W 1 ID \x00 EI\xFF\n EI Q";
        let (mut lexer, mut operands, mut seen) = (Lexer::new(content), Vec::new(), Vec::new());
        while let Some(operator) = lexer.next(&mut operands) {
            seen.push((String::from_utf8_lossy(operator).into_owned(), operands.clone()));
        }
        let text = |t: &[u8]| Operand::Text(t.to_vec());
        assert_eq!(
            seen.iter().map(|(o, _)| o.as_str()).collect::<Vec<_>>(),
            ["BT", "Tf", "TJ", "'", "BI", "Q"]
        );
        assert_eq!(seen[1].1, [Operand::Name(b"F1".to_vec()), Operand::Number(12.0)]);
        assert_eq!(seen[2].1, [text(b"a(b)(c)"), Operand::Number(-20.5), text(b"A@")]);
        assert_eq!(seen[3].1, [text(b"A\x06")]);
    }
}
