//! Words that say something about a person's health or about a child: `guard/data/words.txt`.

use crate::hit::What;
use crate::limits::MAX_HITS;
use crate::patterns::Found;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a word is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// An illness (疾病).
    Illness,
    /// A disability (残疾).
    Disability,
    /// Mental health (精神健康).
    Mental,
    /// Minors (未成年人).
    Minors,
}

/// Terms, and names in which they may stand, by their first character.
#[derive(Default)]
struct Words {
    terms: HashMap<char, Vec<(Class, &'static str)>>,
    names: Vec<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::parse(include_str!("../data/words.txt")));

impl Class {
    /// Its name, in Chinese and English.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Class::Illness => ("疾病", "illness"),
            Class::Disability => ("残疾", "disability"),
            Class::Mental => ("精神健康", "mental health"),
            Class::Minors => ("未成年人", "minors"),
        }
    }
}

impl Words {
    /// Reads `<class> <term> …` and `name <name> …`; other lines are passed over (a test sees that there are none).
    fn parse(text: &'static str) -> Self {
        let mut words = Words::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut parts = line.split_whitespace();
            let class = match parts.next() {
                Some("illness") => Class::Illness,
                Some("disability") => Class::Disability,
                Some("mental") => Class::Mental,
                Some("minors") => Class::Minors,
                Some("name") => {
                    words.names.extend(parts);
                    continue;
                }
                _ => continue,
            };
            for term in parts {
                words.terms.entry(term.chars().next().unwrap_or_default()).or_default().push((class, term));
            }
        }
        // The longest reading: `精神残疾` before `精神`.
        words
            .terms
            .values_mut()
            .for_each(|terms| terms.sort_by_key(|(_, term)| std::cmp::Reverse(term.len())));
        words
    }

    fn at(&self, rest: &str, first: char) -> Option<(Class, &'static str)> {
        let is_word = |term: &&str| {
            !term.is_ascii() || !rest.as_bytes().get(term.len()).is_some_and(u8::is_ascii_alphanumeric)
        };
        self.terms.get(&first)?.iter().find(|(_, term)| rest.starts_with(term) && is_word(term)).copied()
    }

    /// Whether the term at a byte offset is part of a name that may be said.
    fn is_named(&self, text: &str, at: usize, term: &str) -> bool {
        self.names.iter().any(|name| {
            name.match_indices(term).any(|(inside, _)| {
                at.checked_sub(inside)
                    .and_then(|start| text.get(start..))
                    .is_some_and(|t| t.starts_with(name))
            })
        })
    }
}

/// The words of the list in a text, [`MAX_HITS`] at most; names of offices and programmes apart.
pub(crate) fn find(text: &str) -> Vec<Found> {
    let (mut found, mut end, mut last) = (Vec::new(), 0, ' ');
    for (offset, (at, first)) in text.char_indices().enumerate() {
        let before = std::mem::replace(&mut last, first);
        let Some((class, term)) = WORDS.at(text.get(at..).unwrap_or_default(), first) else { continue };
        let glued = term.is_ascii() && before.is_ascii_alphanumeric();
        if at >= end && !glued && !WORDS.is_named(text, at, term) {
            end = at + term.len();
            let what = What::Word(class, term);
            if found.len() == MAX_HITS {
                break;
            }
            found.push(Found { what, at: offset, len: term.chars().count(), masked: term.to_owned() });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_every_name_holds_a_term() {
        let text = include_str!("../data/words.txt");
        let known = ["#", "illness ", "disability ", "mental ", "minors ", "name "];
        for line in text.lines().filter(|line| !line.is_empty()) {
            assert!(known.iter().any(|k| line.starts_with(k)), "{line}");
        }
        let terms: Vec<&str> = WORDS.terms.values().flatten().map(|(_, term)| *term).collect();
        assert!(terms.len() > 40 && WORDS.names.len() > 20);
        for name in &WORDS.names {
            assert!(terms.iter().any(|term| name.contains(term)), "{name} needs no exception");
            assert_eq!(find(name), [], "{name}");
        }
    }
}
