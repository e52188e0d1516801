//! Finding numbers and words in one text, or in texts that stand side by side.
//!
//! Digits are taken in *groups*; groups with one or two spaces or dashes between them form a *chain*. A number is
//! always made of whole groups, so that part of a longer run of digits is not taken for one.
//!
//! LIMIT: digits written as Chinese numerals, and cards and mobiles split over lines or cells, pass.

use crate::hit::What;
use crate::{numbers, words};

/// A find in one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub what: What,
    /// Offset of its first character, in Unicode scalar values.
    pub at: usize,
    /// Number of characters.
    pub len: usize,
    /// The text, letters and digits of a number replaced by `*`.
    pub masked: String,
}

/// What stands between a group and the one before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// Anything else: they don't belong together.
    None,
    Space,
    Dash,
    /// The edge of a cell or a line.
    Edge,
}

/// How far around a group is looked for the digest that it may be part of: SHA-512 in hex.
const FAR: usize = 128;

/// Digits without a gap, and perhaps an `X` at the end.
struct Group {
    joint: Joint,
    /// Index into the folded characters.
    start: usize,
    end: usize,
    digits: String,
    /// Bounded so that it can be a number of its own: no fraction, no amount, no digest.
    plain: bool,
    /// An ASCII letter stands right before or after it.
    lettered: bool,
}

/// Every number and word in a text, in order of kind.
pub fn scan(text: &str) -> Vec<Found> {
    let mut found = numbers(text);
    found.extend(words::find(text));
    found
}

/// Every number in a text.
pub(crate) fn numbers(text: &str) -> Vec<Found> {
    numbers_in(text, false)
}

/// Identity numbers that run over the edge of neighbouring texts: index of the text, and the find in it.
///
/// Only splits that people make count: one edge anywhere, the parts of the number (`440811`, `19900101`, …) or one
/// digit per cell; else a table of plain numbers would be full of finds.
pub fn across(texts: &[&str]) -> Vec<(usize, Found)> {
    let mut starts = Vec::with_capacity(texts.len());
    let mut joined = String::new();
    let mut count = 0;
    for text in texts {
        starts.push(count);
        joined.push_str(text);
        joined.push('\t');
        count += text.chars().count() + 1;
    }
    let place = |mut found: Found| {
        let index = starts.partition_point(|s| *s <= found.at).saturating_sub(1);
        found.at -= starts.get(index).copied().unwrap_or(0);
        (index, found)
    };
    numbers_in(&joined, true).into_iter().map(place).collect()
}

/// A number that a spreadsheet keeps as a number, without its sign: beyond 15 digits the last ones may be rounded
/// away, so that check digits say nothing there.
pub fn of_number(digits: &str) -> Option<Found> {
    let rounded = if numbers::was_id18(digits) {
        Some(What::IdNumber)
    } else if numbers::was_card(digits) {
        Some(What::BankCard)
    } else {
        None
    };
    let len = digits.len();
    let rounded = rounded.map(|what| Found { what, at: 0, len, masked: "*".repeat(len) });
    rounded.or_else(|| numbers_in(digits, false).into_iter().next())
}

/// The character as it is read; none when nothing is seen of it.
fn fold(c: char) -> Option<char> {
    Some(match c {
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' => return None,
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32)?,
        'x' | 'Ｘ' | 'ｘ' | 'Х' | 'х' | 'Χ' | 'χ' | 'Ⅹ' | 'ⅹ' => 'X',
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '－' | '﹣' | '_' => '-',
        other => other,
    })
}

/// Characters as they are read, each with its offset in the text.
struct Folded(Vec<(usize, char)>);

impl Folded {
    fn at(&self, i: usize) -> Option<char> {
        self.0.get(i).map(|(_, c)| *c)
    }

    fn before(&self, i: usize) -> Option<char> {
        i.checked_sub(1).and_then(|i| self.at(i))
    }

    /// The end of a run of characters.
    fn run(&self, from: usize, is: impl Fn(char) -> bool) -> usize {
        from + (from..).take_while(|i| self.at(*i).is_some_and(&is)).count()
    }

    fn groups(&self) -> Vec<Group> {
        let (mut groups, mut i): (Vec<Group>, usize) = (Vec::new(), 0);
        while let Some(c) = self.at(i) {
            let joint = groups.last().map_or(Joint::None, |last| self.joint(last.end, i));
            if !c.is_ascii_digit() && (c != 'X' || joint == Joint::None) {
                i += 1;
                continue;
            }
            let mut end = self.run(i, |c| c.is_ascii_digit());
            let is_word = |c: char| c.is_ascii_alphanumeric();
            if self.at(end) == Some('X') && !self.at(end + 1).is_some_and(is_word) {
                end += 1;
            }
            if end == i {
                i += 1;
                continue;
            }
            let digits = self.0.get(i..end).unwrap_or_default().iter().map(|(_, c)| *c).collect();
            let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
            groups.push(Group {
                joint,
                start: i,
                end,
                digits,
                plain: !self.is_fraction(i) && !self.is_amount(end) && !self.is_digest(i, end),
                lettered: letter(self.before(i)) || letter(self.at(end)),
            });
            i = end;
        }
        groups
    }

    fn joint(&self, from: usize, to: usize) -> Joint {
        let between =
            self.0.get(from..to).filter(|between| (1..=3).contains(&between.len())).unwrap_or_default();
        let has = |wanted: char| between.iter().any(|(_, c)| *c == wanted);
        if between.is_empty() || !between.iter().all(|(_, c)| matches!(c, ' ' | '-' | '\t')) {
            Joint::None
        } else if has('\t') {
            Joint::Edge
        } else if has('-') {
            Joint::Dash
        } else {
            Joint::Space
        }
    }

    /// What follows a decimal point.
    fn is_fraction(&self, start: usize) -> bool {
        self.before(start) == Some('.')
            && start >= 2
            && self.before(start - 1).is_some_and(|c| c.is_ascii_digit())
    }

    /// Yuan with one or two decimals.
    fn is_amount(&self, end: usize) -> bool {
        let decimals = self.run(end + 1, |c| c.is_ascii_digit()) - (end + 1);
        self.at(end) == Some('.') && (1..=2).contains(&decimals)
    }

    /// Digits inside a digest in hex: at least 32 characters in which digits and letters take turns.
    fn is_digest(&self, start: usize, end: usize) -> bool {
        let is_hex = |c: char| c.is_ascii_hexdigit();
        let (before, after) = self.0.split_at_checked(start).unwrap_or_default();
        let before = before.iter().rev().take(FAR).take_while(|(_, c)| is_hex(*c)).count();
        let after = after.iter().take(end - start + FAR).take_while(|(_, c)| is_hex(*c)).count();
        let run = self.0.get(start - before..start + after).unwrap_or_default();
        let turns = run.windows(2).filter(|w| match w {
            [(_, a), (_, b)] => a.is_ascii_digit() != b.is_ascii_digit(),
            _ => false,
        });
        run.len() >= 32 && turns.count() >= 6
    }
}

/// Numbers in a text; over the edges between cells only, or within them only.
fn numbers_in(text: &str, edges: bool) -> Vec<Found> {
    let digits = text.chars().filter(|c| fold(*c).is_some_and(|c| c.is_ascii_digit()));
    if digits.take(11).count() < 11 {
        return Vec::new();
    }
    let chars: Vec<char> = text.chars().collect();
    let folded = Folded(chars.iter().enumerate().filter_map(|(i, c)| Some((i, fold(*c)?))).collect());
    let groups = folded.groups();
    let (mut found, mut i) = (Vec::new(), 0);
    while i < groups.len() {
        let rest = groups.get(i..).unwrap_or_default();
        let before = i.checked_sub(1).and_then(|i| groups.get(i));
        let hit = if edges {
            id_over_edges(rest)
        } else {
            id(rest).or_else(|| card(rest, before)).or_else(|| mobile(rest, before))
        };
        let Some((what, taken)) = hit else {
            i += 1;
            continue;
        };
        let last = rest.get(taken - 1).map_or(0, |g| g.end);
        let offset = |i: usize| folded.0.get(i).map_or(chars.len(), |(at, _)| *at);
        let (at, end) = (rest.first().map_or(0, |g| offset(g.start)), offset(last.saturating_sub(1)) + 1);
        let masked = chars.get(at..end).unwrap_or_default().iter();
        let masked = masked.map(|c| if c.is_alphanumeric() { '*' } else { *c }).collect();
        found.push(Found { what, at, len: end - at, masked });
        i += taken;
    }
    found
}

/// The shortest chain from the first group on whose lengths add up to one of `lens` and that passes.
fn chain<'a>(
    groups: &'a [Group],
    max: usize,
    joined: impl Fn(Joint) -> bool,
    is: impl Fn(&str, &'a [Group]) -> bool,
) -> Option<usize> {
    let mut text = String::new();
    for (i, group) in groups.iter().enumerate() {
        if (i > 0 && !joined(group.joint)) || text.ends_with('X') || text.len() + group.digits.len() > max {
            return None;
        }
        text.push_str(&group.digits);
        let taken = groups.get(..=i)?;
        if is(&text, taken) {
            return Some(i + 1);
        }
    }
    None
}

fn within(joint: Joint) -> bool {
    matches!(joint, Joint::Space | Joint::Dash)
}

/// Boundaries between groups, counted in digits from the start.
fn cuts(groups: &[Group]) -> impl Iterator<Item = usize> {
    let all = groups.iter().scan(0, |sum, g| {
        *sum += g.digits.len();
        Some(*sum)
    });
    all.take(groups.len().saturating_sub(1))
}

fn id(groups: &[Group]) -> Option<(What, usize)> {
    let natural = |text: &str, groups: &[Group]| {
        (numbers::is_id18(text) && (groups.len() <= 6 || groups.len() == 18))
            || (numbers::is_id15(text)
                && groups.iter().all(|g| g.plain && !g.lettered)
                && cuts(groups).all(|cut| cut == 6 || cut == 12))
    };
    let taken = chain(groups, 18, within, natural).or_else(|| {
        // Run together with what stands beside it: any 18 of a longer group.
        let long = &groups.first()?.digits;
        let mut windows = (0..long.len().checked_sub(17)?).filter_map(|i| long.get(i..i + 18));
        (long.len() <= 48 && windows.any(|w| numbers::is_id18(w) && numbers::has_province(w))).then_some(1)
    });
    taken.map(|taken| (What::IdNumber, taken))
}

fn id_over_edges(groups: &[Group]) -> Option<(What, usize)> {
    let split = |text: &str, groups: &[Group]| {
        groups.iter().skip(1).any(|g| g.joint == Joint::Edge)
            && numbers::is_id18(text)
            && numbers::has_province(text)
            && (groups.len() == 2
                || groups.len() == 18
                || cuts(groups).all(|cut| [6, 10, 12, 14, 17].contains(&cut)))
    };
    chain(groups, 18, |joint| joint != Joint::None, split).map(|taken| (What::IdNumber, taken))
}

/// Whether groups stand for themselves: not the middle of a code such as `HT-2026-138-0013-8000`. LIMIT: `HT-138-2026-0117`
/// reads like a mobile behind a word and is taken for one.
fn stands_alone(groups: &[Group], taken: usize, before: Option<&Group>) -> bool {
    let (Some(first), used) = (groups.first(), groups.get(..taken).unwrap_or_default()) else { return false };
    let inside = before.is_some() && first.joint == Joint::Dash;
    let goes_on = groups.get(taken).is_some_and(|next| next.joint == Joint::Dash);
    used.iter().all(|g| g.plain) && (taken == 1 || !inside && !goes_on && !used.iter().any(|g| g.lettered))
}

fn card(groups: &[Group], before: Option<&Group>) -> Option<(What, usize)> {
    groups.first().filter(|first| matches!(first.digits.len(), 4 | 6 | 16..=19))?;
    let split = |text: &str, groups: &[Group]| {
        numbers::is_card(text)
            && (cuts(groups).all(|cut| cut % 4 == 0) || text.starts_with("62") && cuts(groups).eq([6]))
    };
    // The longest reading: the first sixteen of nineteen digits may pass by chance.
    let all =
        (16..=19).rev().find_map(|len| chain(groups, len, within, |t, g| t.len() == len && split(t, g)));
    let taken = all.filter(|taken| stands_alone(groups, *taken, before))?;
    Some((What::BankCard, taken))
}

fn mobile(groups: &[Group], before: Option<&Group>) -> Option<(What, usize)> {
    const SPLITS: [&[usize]; 7] = [&[], &[3, 7], &[3], &[4, 8], &[5], &[3, 6], &[7]];
    let first = groups.first().filter(|first| (2..=15).contains(&first.digits.len()))?;
    let country = ["86", "0086"].contains(&first.digits.as_str());
    if country
        && let Some((what, taken)) =
            groups.get(1).filter(|g| within(g.joint)).and_then(|_| mobile(groups.get(1..)?, None))
    {
        return Some((what, taken + 1));
    }
    let prefixed = ["86", "0086"].iter().filter_map(|code| first.digits.strip_prefix(code));
    if first.plain && prefixed.into_iter().any(numbers::is_mobile) {
        return Some((What::Mobile, 1));
    }
    let split = |text: &str, groups: &[Group]| {
        numbers::is_mobile(text) && SPLITS.iter().any(|split| cuts(groups).eq(split.iter().copied()))
    };
    let taken = chain(groups, 11, within, split)?;
    stands_alone(groups, taken, before).then_some((What::Mobile, taken))
}
