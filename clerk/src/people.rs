//! Names of natural persons as tables give them, brought to the masked form in which they are sealed (SPEC P-17, P-18).
//!
//! Only masked names leave this module: no full name is in a draft, a fault or a warning.

use crate::cell::fold;
use crate::privacy::{is_office, strip_role};
use ledger::sealed::names::{is_masked, mask};

/// What to write instead of a name that can't be sealed.
pub const WANT: &str = "不是可以封存的姓名，请写全名（如 李小明），或写成“姓*末字”“姓*”（如 李*明、李*），多人用顿号隔开；个体户写字号，不加“个人” / not a name that can be sealed: write the full name, or surname, star and last character; several with 、 between them";
/// Signs that tables put in the place of a name's characters.
const MASKS: [char; 12] = ['*', '×', '✕', '✖', '╳', 'x', 'X', '○', '●', '□', '■', '某'];
/// Longest full name without `·` in characters: what is longer is a sentence.
const LONGEST: usize = 6;

/// A name without what does not belong to it, in masked form; `None` when it has none.
pub fn masked(name: &str) -> Option<String> {
    let name: String = bare(&fold(name)).chars().filter(|c| !c.is_whitespace()).collect();
    let first = name.chars().next().filter(|c| !MASKS.contains(c) || c.is_ascii_alphabetic())?;
    let hidden = |c: char| if MASKS.contains(&c) && !first.is_ascii() { '*' } else { c };
    let hidden: String = name.chars().map(hidden).collect();
    if is_masked(&hidden) {
        return Some(hidden);
    }
    let short =
        hidden.is_ascii() || hidden.contains(['·', '•', '‧', '・']) || name.chars().count() <= LONGEST;
    mask(&hidden).filter(|_| short)
}

/// The names in a cell for people, as written: roles and offices are none.
pub fn named(cell: &str) -> Vec<String> {
    let cell = fold(cell);
    let parts = cell.split(['、', ',', ';', '/']).flat_map(|part| {
        let words: Vec<&str> = part.split_whitespace().collect();
        // `李 明` is one name that is set apart, `李明 王芳` are two.
        let several = words.iter().all(|word| word.chars().count() > 1);
        if several { words.into_iter().map(str::to_owned).collect() } else { vec![words.concat()] }
    });
    let names = parts.filter(|part| !is_office(part)).map(|part| strip_role(&part).to_owned());
    names.filter(|name| !name.is_empty()).collect()
}

/// The names in a cell for people, masked.
///
/// # Errors
/// A name has no masked form.
pub fn of_cell(cell: &str) -> Result<Vec<String>, &'static str> {
    named(cell).iter().map(|name| masked(name).ok_or(WANT)).collect()
}

/// A name without `(个人)` behind it.
pub fn bare(text: &str) -> &str {
    text.strip_suffix("(个人)").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_masked_once_however_a_table_writes_them() {
        let cases = [
            ("李小明", "李*明"),
            ("李明", "李*"),
            (" 李 明 ", "李*"),
            ("欧阳小明", "欧阳*明"),
            ("李*明", "李*明"),
            ("李＊明", "李*明"),
            ("李×明", "李*明"),
            ("李某某", "李**"),
            ("李某", "李*"),
            ("李X明", "李*明"),
            ("吴**（个人）", "吴**"),
            ("买买提·吐尔逊", "买*·*逊"),
            ("买买提•吐尔逊", "买*·*逊"),
            ("Xavier", "X*r"),
        ];
        for (name, want) in cases {
            assert_eq!(masked(name).as_deref(), Some(want), "{name}");
        }
        for none in ["", "李", "*明", "某某", "户主李*明", "李明1", "李明(代)", "由李小明代为签字", "12"]
        {
            assert_eq!(masked(none), None, "{none}");
        }
    }

    #[test]
    fn cells_for_people_hold_names_roles_and_both() {
        let of = |cell: &str| of_cell(cell).unwrap_or_else(|_| vec!["?".to_owned()]).join(" ");
        let cases = [
            ("李小明", "李*明"),
            ("李小明、王芳", "李*明 王*"),
            ("李小明 王芳", "李*明 王*"),
            ("李  明", "李*"),
            ("会计", ""),
            ("会计李小明", "李*明"),
            ("村主任：李小明", "李*明"),
            ("理财小组", ""),
            ("张建厂", "张*厂"),
            ("麻章镇财政所", ""),
            ("会计、李小明", "李*明"),
            ("李小明3", "?"),
            ("*明", "?"),
        ];
        for (cell, want) in cases {
            assert_eq!(of(cell), want, "{cell}");
        }
    }
}
