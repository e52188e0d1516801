//! Rule ids of SPEC.md: where one is defined, and where code cites it.

use super::files::File;

/// A rule that code speaks of.
pub struct Cited {
    /// Its id, `E-41`.
    pub name: String,
    /// Whether it is only meant along in `E-41 to E-49`.
    pub is_inside_range: bool,
}

/// The rule that a line of SPEC.md defines.
pub fn defined(line: &str) -> Option<String> {
    let id = line.strip_prefix('[')?.split_once(']')?.0;
    parse(id).map(|(letter, number)| name(letter, number))
}

/// The rules that a file cites: `E-41`, `E-41 to E-49`, and names of tests, `fn e41_e42_…`.
pub fn cited(file: &File) -> Vec<Cited> {
    let mut cited = Vec::new();
    for line in file.text.lines() {
        in_words(line, &mut cited);
        if let Some((_, function)) = line.split_once("fn ") {
            let parts = function.split('_').map_while(|part| {
                let (letter, number) = part.split_at_checked(1)?;
                let is_id = number.len() == 2 && letter.chars().all(|c| c.is_ascii_lowercase());
                is_id.then(|| parse(&format!("{}-{number}", letter.to_ascii_uppercase())))?
            });
            cited.extend(parts.map(|(l, n)| Cited { name: name(l, n), is_inside_range: false }));
        }
    }
    cited
}

fn in_words(line: &str, cited: &mut Vec<Cited>) {
    let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).filter(|w| !w.is_empty());
    let words: Vec<&str> = words.collect();
    for (at, word) in words.iter().enumerate() {
        let Some((letter, number)) = parse(word) else { continue };
        cited.push(Cited { name: name(letter, number), is_inside_range: false });
        let end = words.get(at + 1).filter(|to| **to == "to").and_then(|_| parse(words.get(at + 2)?));
        if let Some((same, last)) = end
            && same == letter
        {
            let between = (number + 1..last).map(|n| Cited { name: name(letter, n), is_inside_range: true });
            cited.extend(between);
        }
    }
}

/// A capital letter, `-`, two digits.
fn parse(id: &str) -> Option<(char, u8)> {
    let (letter, number) = id.split_once('-')?;
    let mut letters = letter.chars();
    let letter = letters.next().filter(|c| c.is_ascii_uppercase() && letters.next().is_none())?;
    let is_number = number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
    Some((letter, is_number.then(|| number.parse().ok())??))
}

fn name(letter: char, number: u8) -> String {
    format!("{letter}-{number:02}")
}
