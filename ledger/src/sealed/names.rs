//! Masked names of natural persons (SPEC section 4.7, rules P-17, P-18): 李*明, 李*, 欧阳*明, 买*·*提.

use super::MAX_VALUE;

/// The dot between the parts of a name; what other tables write for it is read as this one.
const DOT: char = '·';
/// Longest full name that is masked, in characters.
const LONGEST: usize = 40;
/// Surnames of two characters (复姓). `LIMIT:` the common ones; another is masked after its first character.
const DOUBLE: &[&str] = &[
    "欧阳", "上官", "司马", "司徒", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "令狐", "慕容", "宇文", "长孙",
    "东方", "独孤", "南宫", "端木", "轩辕", "百里", "东郭", "西门", "呼延", "澹台", "公冶", "宗政", "濮阳",
    "淳于", "单于", "太叔", "申屠", "仲孙", "钟离", "鲜于", "闾丘", "司空", "赫连", "万俟", "闻人", "纳兰",
    "拓跋", "叶赫",
];

/// Masks a full name: surname, one star, and the last character when at least one other is hidden. The star hides how
/// many. Names of several parts keep the first and the last character. Spaces that align a table are dropped.
///
/// `None` for what is no full name: empty, one character, over 40, digits, punctuation, a name that is masked already.
pub fn mask(name: &str) -> Option<String> {
    let letters = name.chars().filter(|c| !matches!(c, ' ' | '\u{3000}'));
    let name: Vec<char> =
        letters.map(|c| if matches!(c, '•' | '‧' | '・' | '．') { DOT } else { c }).collect();
    let parts: Vec<&[char]> = name.split(|c| *c == DOT).collect();
    let fits = (2..=LONGEST).contains(&name.len())
        && parts.iter().all(|part| !part.is_empty() && part.iter().copied().all(is_letter));
    if !fits {
        return None;
    }
    // What stays in front, and how long the last part must be to keep its last character: one other is hidden.
    let (front, least) = if parts.len() > 1 { (1, 2) } else { (surname(&name), surname(&name) + 2) };
    let last = parts.last().filter(|part| part.len() >= least).and_then(|part| part.last());
    let first = name.iter().take(front);
    Some(first.chain(&['*']).chain(['·', '*'].repeat(parts.len() - 1).iter()).chain(last).collect())
}

/// Whether a name is in masked form: surname, stars, at most one more character; of several parts the first begins
/// with one character, the last may end with one, and all else is stars.
pub fn is_masked(name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let parts: Vec<&[char]> = name.split(|c| *c == DOT).collect();
    let last = parts.len() - 1;
    name.len() <= MAX_VALUE
        && parts.iter().enumerate().all(|(at, part)| {
            let before = part.iter().take_while(|c| is_letter(**c)).count();
            let after = part.iter().rev().take_while(|c| is_letter(**c)).count();
            let stars = part.iter().filter(|c| **c == '*').count();
            let whole = before + stars + after == part.len() && stars > 0;
            let head = match (at, last) {
                (0, 0) => (1..=surname(part)).contains(&before),
                (0, _) => before == 1,
                _ => before == 0,
            };
            whole && head && after <= usize::from(at == last)
        })
}

/// How many characters of a name, masked or not, are its surname: 2 for a double surname with something behind it.
fn surname(name: &[char]) -> usize {
    let double =
        name.len() > 2 && DOUBLE.iter().any(|double| double.chars().eq(name.iter().copied().take(2)));
    1 + usize::from(double)
}

/// Han characters and Latin letters: what household registers write names in. Those with a second spelling (the
/// compatibility ideographs) are not among them, so a masked name is in NFC without tables of Unicode.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
        || matches!(c, '〇' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{2F7FF}' | '\u{30000}'..='\u{323AF}')
}
