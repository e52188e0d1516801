//! What stands after a key in 摘要 and 备注: `应到31人`, `年租1150元/亩`, `期限5年`, `编号RX-ZC-012`.
//!
//! A key that is denied (`未收到`, `不通过`, `可分配`) is another word and is not found under the bare one.

use crate::cell::{self, fold};
use crate::privacy::WITHHELD;
use ledger::money::Fen;
use ledger::time::Date;

/// What before a key makes another word of it.
const DENIALS: [&str; 9] = ["不", "未", "没", "没有", "无", "可", "非", "未经", "未公开"];
/// What may stand between a key and its value.
const LINKS: [char; 7] = [':', ' ', '为', '是', '共', '计', '约'];

/// Folded text in which keys are looked up, earlier paragraphs first.
#[derive(Debug)]
pub struct Words(String);

impl Words {
    /// Texts, paragraph by paragraph.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t String>) -> Self {
        let plain = |text: &String| format!("{}\n", fold(text).replace(&fold(WITHHELD), WITHHELD));
        Words(texts.into_iter().map(plain).collect())
    }

    /// What follows each key, in the order of the keys.
    fn after<'w>(&'w self, keys: &'w [&str]) -> impl Iterator<Item = &'w str> {
        keys.iter().flat_map(|key| {
            self.0.match_indices(key).filter_map(|(at, found)| {
                let before = self.0.get(..at)?;
                let denied = DENIALS.iter().any(|d| before.ends_with(d));
                (!denied).then(|| self.0.get(at + found.len()..)).flatten()
            })
        })
    }

    /// Whether one of the keys is there.
    pub fn has(&self, keys: &[&str]) -> bool {
        self.after(keys).next().is_some()
    }

    /// The rest of the clause after a key, not empty.
    pub fn text(&self, keys: &[&str]) -> Option<String> {
        self.after(keys).find_map(|rest| some(clause(rest)))
    }

    /// The rest of the sentence after a key, commas included, not empty.
    pub fn sentence(&self, keys: &[&str]) -> Option<String> {
        self.after(keys).find_map(|rest| some(rest.split([';', '。', '\n']).next()?))
    }

    /// What stands before the first of the keys in its paragraph, not empty.
    pub fn head(&self, keys: &[&str]) -> Option<String> {
        let at = keys.iter().filter_map(|key| self.0.find(key)).min()?;
        some(self.0.get(..at)?.lines().next_back()?)
    }

    /// The text from a key on.
    pub fn from(&self, key: &str) -> Self {
        Words(self.0.find(key).and_then(|at| self.0.get(at..)).unwrap_or_default().to_owned())
    }

    /// The whole number right after a key.
    pub fn count(&self, keys: &[&str]) -> Option<i64> {
        self.after(keys).find_map(|rest| whole(number(value(rest))?.0))
    }

    /// The whole number right before a key: `3人报价`.
    pub fn count_before(&self, keys: &[&str]) -> Option<i64> {
        keys.iter().flat_map(|key| self.0.match_indices(key)).find_map(|(at, _)| {
            let before = self.0.get(..at)?;
            let digits = before.len() - before.bytes().rev().take_while(u8::is_ascii_digit).count();
            whole(number(before.get(digits..)?)?.0)
        })
    }

    /// The first sum of 元 or 万元 in the clause after a key.
    pub fn amount(&self, keys: &[&str]) -> Option<Fen> {
        self.yuan(keys, |rest| !rest.starts_with(['/', '每']))
    }

    /// The first 元/亩 in the clause after a key.
    pub fn rate(&self, keys: &[&str]) -> Option<Fen> {
        self.yuan(keys, |rest| ["/亩", "每亩"].iter().any(|per| rest.starts_with(per)))
    }

    fn yuan(&self, keys: &[&str], fits: fn(&str) -> bool) -> Option<Fen> {
        self.after(keys).find_map(|rest| {
            numbers(clause(rest)).find_map(|(n, rest)| {
                let (factor, rest) = rest.strip_prefix('万').map_or((1, rest), |rest| (10_000, rest));
                fits(rest.strip_prefix('元')?).then(|| Fen::new(n.checked_mul(factor)?)).flatten()
            })
        })
    }

    /// An area right after a key, in 0.01 亩.
    pub fn area(&self, keys: &[&str]) -> Option<i64> {
        self.after(keys).find_map(|rest| {
            let (n, rest) = number(value(rest))?;
            rest.starts_with('亩').then_some(n)
        })
    }

    /// How long, in months: `5年`, `18个月`, `2年6个月`.
    pub fn months(&self, keys: &[&str]) -> Option<i64> {
        self.after(keys).find_map(|rest| {
            let (n, rest) = number(value(rest))?;
            if let Some(rest) = rest.strip_prefix('年') {
                let more = number(rest).filter(|(_, rest)| rest.starts_with("个月"));
                let years = whole(n).filter(|n| *n < 1_000)?;
                return Some(years * 12 + more.and_then(|(m, _)| whole(m)).unwrap_or(0));
            }
            rest.starts_with("个月").then(|| whole(n)).flatten()
        })
    }

    /// The first date in the sentence after a key.
    pub fn date(&self, keys: &[&str]) -> Option<Date> {
        self.after(keys).find_map(|rest| dates(rest.split([';', '。', '\n']).next()?).next())
    }

    /// The two dates after a key, as in `期限2026-01-10至2031-01-09`.
    pub fn span(&self, keys: &[&str]) -> Option<(Date, Date)> {
        self.after(keys).find_map(|rest| {
            let mut dates = dates(clause(rest));
            dates.next().zip(dates.next())
        })
    }

    /// The year of `2026年…`.
    pub fn year(&self) -> Option<i64> {
        numbers(&self.0).find_map(|(n, rest)| whole(n).filter(|_| rest.starts_with('年'))).filter(is_year)
    }

    /// The clauses, one by one.
    pub fn clauses(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.0.as_str();
        std::iter::from_fn(move || {
            let clause = (!rest.is_empty()).then(|| clause(rest))?;
            rest = rest.get(clause.len()..)?.trim_start_matches([',', '、', ';', '。', '\n']);
            Some(clause)
        })
    }
}

/// Date and sum of a clause such as `2026-01-20付71645元`.
pub fn instalment(clause: &str) -> Option<(Date, Fen)> {
    let paid = ["付", "缴", "交", "收"].iter().any(|word| clause.contains(word));
    let date = dates(clause).next().filter(|_| paid)?;
    let yuan = numbers(clause).find_map(|(n, rest)| rest.starts_with('元').then(|| Fen::new(n)).flatten());
    Some((date, yuan?))
}

fn is_year(year: &i64) -> bool {
    (1900..2200).contains(year)
}

/// What follows a key without what only links it to its value: `应到会人数:31` begins with the number.
fn value(rest: &str) -> &str {
    let rest = rest.trim_start_matches('会').trim_start_matches(LINKS);
    ["人数", "票数"].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest).trim_start_matches(LINKS)
}

/// Text up to the end of its clause; a comma inside a number ends none.
fn clause(text: &str) -> &str {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let ends = |(at, c): (usize, char)| match c {
        ';' | '。' | '、' | '\n' => Some(at),
        ',' => {
            let inside =
                digit(text.get(..at)?.chars().next_back()) && digit(text.get(at + 1..)?.chars().next());
            (!inside).then_some(at)
        }
        _ => None,
    };
    let end = text.char_indices().find_map(ends).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn some(text: &str) -> Option<String> {
    let bare = text.trim_matches([':', ' ', ',', ';', '。', '、']);
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// The number, in hundredths, that a text begins with, and what follows.
fn number(text: &str) -> Option<(i64, &str)> {
    let (digits, rest) = run(text);
    Some((cell::hundredths(digits)?, rest))
}

/// The digits, commas and dots that a text begins with, and what follows.
fn run(text: &str) -> (&str, &str) {
    let run = text.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b',' | b'.')).count();
    let digits = text.get(..run).unwrap_or_default().trim_end_matches([',', '.']);
    text.split_at(digits.len())
}

/// Every number of a text, in hundredths, and what follows it; digits that are no number are passed over whole.
fn numbers(text: &str) -> impl Iterator<Item = (i64, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (before, found) = rest.split_at(rest.find(|c: char| c.is_ascii_digit())?);
            let minus = before.strip_suffix('-').is_some_and(|b| !b.is_empty() || rest.len() == text.len());
            let (digits, after) = run(found);
            rest = after;
            if let Some(n) = cell::hundredths(digits) {
                return Some((if minus { -n } else { n }, after));
            }
        }
    })
}

fn dates(text: &str) -> impl Iterator<Item = Date> {
    let of_date = |c: char| c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | '年' | '月' | '日');
    text.split(move |c| !of_date(c)).filter_map(cell::date)
}

fn whole(hundredths: i64) -> Option<i64> {
    (hundredths % 100 == 0).then_some(hundredths / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Words {
        Words::of([&text.to_owned()])
    }

    #[test]
    fn values_are_read_after_their_keys() {
        let w = words(
            "审议甲、乙：应到３１人，实到 27人，同意26,反对0;年租1,150.50元/亩，租金1.2万元，留存30%计28,800.00元",
        );
        assert_eq!(
            (w.count(&["应到"]), w.count(&["实到"]), w.count(&["反对"])),
            (Some(31), Some(27), Some(0))
        );
        assert_eq!(w.rate(&["年租"]).map(Fen::get), Some(115_050));
        assert_eq!(w.amount(&["年租"]), None);
        assert_eq!(w.amount(&["租金"]).map(Fen::get), Some(1_200_000));
        assert_eq!(w.amount(&["留存"]).map(Fen::get), Some(2_880_000));
        assert_eq!(w.head(&["应到"]).as_deref(), Some("审议甲、乙"));
        assert_eq!(words("应为-300.00元").amount(&["应为"]).map(Fen::get), Some(-30_000));
        assert_eq!(words("金额2026-300元").amount(&["金额"]).map(Fen::get), Some(30_000));
        assert_eq!(words("应到会人数：31").count(&["应到"]), Some(31));
        assert_eq!(words("3人报价").count_before(&["人报价"]), Some(3));
        assert_eq!(words("面积62.30亩").area(&["面积"]), Some(6_230));
        assert_eq!(words("面积62.30平方米").area(&["面积"]), None);
        assert_eq!(words("收2026年租金").year(), Some(2026));
        assert_eq!(words("用了31年").year(), None);
    }

    #[test]
    fn a_denied_key_is_another_word() {
        let w = words("通过1名，不通过2名，未收到，可分配3元，没有同意4");
        assert_eq!((w.count(&["通过"]), w.count(&["不通过"])), (Some(1), Some(2)));
        assert!(!w.has(&["收到"]) && w.has(&["未收到"]) && !w.has(&["分配"]) && !w.has(&["同意"]));
    }

    #[test]
    fn terms_and_dates() {
        for (text, months) in [("期限5年", 60), ("期限：18个月", 18), ("期限2年6个月", 30)] {
            assert_eq!(words(text).months(&["期限"]), Some(months), "{text}");
        }
        for text in ["期限超20年", "期限1.5年", "期限", "期限待定", "期限99999999999年"] {
            assert_eq!(words(text).months(&["期限"]), None, "{text}");
        }
        let date = |text: &str, key: &str| words(text).date(&[key]).map(|d| d.to_string());
        assert_eq!(date("租金36000.00元应于2026-03-31前预缴", "应于").as_deref(), Some("2026-03-31"));
        assert_eq!(date("应于2026年3月31日前", "应于").as_deref(), Some("2026-03-31"));
        assert_eq!((date("应于月底前", "应于"), date("应于2026-13-41前", "应于")), (None, None));
        let (from, to) = words("期限2026-01-10至2031-01-09").span(&["期限"]).unwrap();
        assert_eq!((from.to_string(), to.to_string()), ("2026-01-10".to_owned(), "2031-01-09".to_owned()));
        let w = words("2026-01-20付71,645元，2027-01-20付71645.50元；另议");
        let list: Vec<i64> = w.clauses().filter_map(instalment).map(|(_, fen)| fen.get()).collect();
        assert_eq!(list, [7_164_500, 7_164_550]);
    }

    #[test]
    fn garbage_has_no_values() {
        let garbage =
            ["", "，，；", "人", "一二三", "元元元", "1.1.1元", "99999999999999999元", "\u{3000}", "-元"];
        for text in garbage {
            let w = words(&format!("应到{text}"));
            assert_eq!(
                (w.count(&["应到"]), w.amount(&["应到"]), w.date(&["应到"])),
                (None, None, None),
                "{text}"
            );
            assert!(w.clauses().count() < 10);
        }
    }
}
