//! Names of natural persons stay out of what an entry says in clear: those of columns are sealed (`people`), those of
//! free text left out; companies, organs and groups are kept. Numbers and words that name a person (`guard`) are faults.
//!
//! LIMIT: a full name in free text is only known when it also stands in a column for people of the same table.

use crate::columns::{PARTY, PEOPLE};
use crate::fault::Fault;
use crate::people;
use crate::table::Table;
use guard::patterns::{self, Found};
use guard::{Hit, What};
use ledger::entry::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// What a name is replaced by.
pub const WITHHELD: &str = "（姓名略）";

/// Surnames before a name is taken for a person's.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余杜叶程苏魏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤温庞麦冼符伍植岑甘";
const DOUBLE_SURNAMES: [&str; 6] = ["欧阳", "司徒", "上官", "诸葛", "司马", "慕容"];
/// Words that stand in columns for people and name no one.
const ROLES: [&str; 14] = [
    "会计",
    "出纳",
    "书记",
    "主任",
    "村主任",
    "支书",
    "报账员",
    "文书",
    "组长",
    "村委会",
    "监委会",
    "理财小组",
    "村支书",
    "监督员",
];
const ORGANS: [&str; 14] = [
    "财政所",
    "水务局",
    "供电所",
    "政府",
    "委员会",
    "村委会",
    "税务",
    "法院",
    "派出所",
    "卫生院",
    "学校",
    "局",
    "办公室",
    "中心",
];
const COMPANIES: [&str; 14] = [
    "公司",
    "经营部",
    "合作社",
    "联合社",
    "商店",
    "商行",
    "厂",
    "场",
    "店",
    "工程队",
    "银行",
    "信用社",
    "工作室",
    "所",
];
const GROUPS: [&str; 6] = ["户", "人", "小组", "全体", "村民", "队"];

/// Persons who are not even named.
const PERSONS: [&str; 3] = ["个人", "村民个人", "自然人"];

/// Who the other side of a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// `person`, `group`, `company` or `organ`.
    pub kind: &'static str,
    /// The name, never a person's.
    pub name: Option<String>,
    /// The names of persons, masked: one of a person, several of those who were listed.
    pub people: Vec<String>,
}

/// The names of a table's people, to be taken out of its free text.
#[derive(Debug, Default)]
pub struct Names {
    /// By first character, longest first.
    exact: BTreeMap<char, Vec<String>>,
}

impl Names {
    /// Every name in the columns for people, and every person among the counterparties.
    pub fn of(table: &Table) -> Self {
        let mut all = BTreeSet::new();
        for row in table.rows() {
            for (column, _) in PEOPLE {
                all.extend(
                    people::named(row.raw(column)).into_iter().filter(|name| people::masked(name).is_some()),
                );
            }
            let parties = parts(&row.code(PARTY).unwrap_or_default());
            all.extend(
                parties.iter().filter(|part| is_person(part)).map(|name| people::bare(name).to_owned()),
            );
        }
        let mut exact: BTreeMap<char, Vec<String>> = BTreeMap::new();
        for name in all {
            exact.entry(name.chars().next().unwrap_or_default()).or_default().push(name);
        }
        exact.values_mut().for_each(|names| names.sort_by_key(|n| std::cmp::Reverse(n.len())));
        Names { exact }
    }

    /// Free text without names.
    pub fn withhold(&self, text: &str) -> String {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(c) = rest.chars().next() {
            let found =
                self.exact.get(&c).and_then(|names| names.iter().find(|n| rest.starts_with(n.as_str())));
            out.push_str(&found.map_or_else(|| c.to_string(), |_| WITHHELD.to_owned()));
            rest = rest.get(found.map_or(c.len_utf8(), String::len)..).unwrap_or_default();
        }
        withhold_masked(&out)
    }
}

/// The one name that was left out of free text, masked; `None` when there are none or several, or when words stand right
/// beside it, so that nobody can tell where it begins and ends.
pub fn only_name(written: &str, without: &str) -> Option<String> {
    let (before, behind) = without.split_once(WITHHELD)?;
    let alone =
        !behind.contains(WITHHELD) && !behind.starts_with(is_ideograph) && !before.ends_with(is_ideograph);
    let name = written.strip_prefix(before)?.strip_suffix(behind)?;
    people::masked(name).filter(|_| alone)
}

/// Sorts a counterparty; `李明等3人` becomes a group without the name, `李明、王芳` one of two persons.
///
/// # Errors
/// A person's name that can't be sealed; what to write instead.
pub fn party(text: &str) -> Result<Party, &'static str> {
    let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
    if let Some((first, rest)) = text.split_once('等')
        && is_person(first)
    {
        return Ok(Party { kind: "group", name: Some(format!("{WITHHELD}等{rest}")), people: Vec::new() });
    }
    let parts = parts(text);
    let persons = parts.iter().filter(|part| is_person(part)).count();
    if persons > 0 && persons == parts.len() {
        let masked: Option<Vec<String>> = parts.iter().map(|name| people::masked(name)).collect();
        let people = masked.ok_or(people::WANT)?;
        let group = (people.len() > 1).then(|| format!("{WITHHELD}等{}人", people.len()));
        return Ok(Party { kind: if group.is_some() { "group" } else { "person" }, name: group, people });
    }
    let without = || {
        let shown: Vec<&str> =
            parts.iter().map(|part| if is_person(part) { WITHHELD } else { part }).collect();
        if persons > 0 { shown.join("、") } else { text.to_owned() }
    };
    let named = |kind| Ok(Party { kind, name: Some(withhold_masked(&without())), people: Vec::new() });
    if PERSONS.contains(&text) {
        Ok(Party { kind: "person", name: None, people: Vec::new() })
    } else if has(&ORGANS) {
        named("organ")
    } else if has(&GROUPS) && !has(&COMPANIES) {
        named("group")
    } else {
        named("company")
    }
}

/// Whom a counterparty's cell lists. `李 明` is one name that is set apart, `李明 王芳` are two.
fn parts(text: &str) -> Vec<String> {
    let parts = text.split(['、', ',', ';', '/']).map(str::trim).filter(|part| !part.is_empty());
    let split = |part: &str| {
        let words: Vec<&str> = part.split_whitespace().collect();
        match words.concat() {
            _ if words.iter().all(|word| is_person(word)) => words.into_iter().map(str::to_owned).collect(),
            whole if is_person(&whole) => vec![whole],
            _ => vec![part.to_owned()],
        }
    };
    parts.flat_map(split).collect()
}

/// Whether a cell for people names an office, or a role and nobody; 张建厂 is a name.
pub fn is_office(text: &str) -> bool {
    let short = has_surname(text) && text.chars().count() < 4;
    ROLES.contains(&text) || !short && ORGANS.iter().chain(&COMPANIES).any(|word| text.ends_with(word))
}

/// A name without the role before it: `会计李明`, `村主任：李明`.
pub fn strip_role(text: &str) -> &str {
    let roles = ROLES.iter().filter_map(|role| text.strip_prefix(role));
    roles.min_by_key(|rest| rest.len()).unwrap_or(text).trim_start_matches([':', ' '])
}

/// What may not be published in a cell.
pub fn of_cell(row: usize, column: &str, text: &str) -> Vec<Fault> {
    let fault = |found: &Found| Fault::new(row, column, banned(found.what, &found.masked));
    patterns::scan(text).iter().map(fault).collect()
}

/// What may not be published in an entry, by the paths of its texts.
pub fn of_entry(row: usize, entry: &Entry) -> Vec<Fault> {
    let fault = |hit: &Hit| Fault::new(row, &hit.place.to_string(), banned(hit.what, &hit.masked));
    guard::entry(entry).iter().map(fault).collect()
}

/// What it is, masked, and what to do.
fn banned(what: What, masked: &str) -> String {
    let ((zh, en), (do_zh, do_en)) = (what.name(), what.advice());
    // The name of a word quotes it.
    let masked = if let What::Word(..) = what { String::new() } else { format!(" {masked}") };
    format!("疑似{zh}{masked}，不得公布：{do_zh} / {en}{masked}, may not be published: {do_en}")
}

fn is_person(text: &str) -> bool {
    let folded = crate::cell::fold(text);
    let bare = people::bare(&folded);
    let known = ORGANS.iter().chain(&COMPANIES).any(|w| bare.contains(w));
    let surnamed = || has_surname(bare) && bare.chars().count() <= 4 && is_name(bare);
    let parted = || bare.contains(['·', '•', '‧', '・']) && people::masked(bare).is_some();
    folded.ends_with("(个人)") || (!known && (has_mask(bare) || surnamed() || parted()))
}

/// Whether a cell of a column for people holds a name, not a role.
fn is_name(text: &str) -> bool {
    let letters = |c: char| is_ideograph(c) || matches!(c, '*' | '×' | '·');
    (2..=6).contains(&text.chars().count()) && text.chars().all(letters) && !ROLES.contains(&text)
}

fn has_surname(text: &str) -> bool {
    text.chars().next().is_some_and(|c| SURNAMES.contains(c))
        || DOUBLE_SURNAMES.iter().any(|s| text.starts_with(s))
}

fn has_mask(text: &str) -> bool {
    withhold_masked(text) != text
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{2FFFF}')
}

/// Takes out `李*明`, `李*`, `李**`, `*明` and `李×明`; the `××` of companies stays.
fn withhold_masked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied();
    let star = |i: usize| matches!(at(i), Some('*' | '＊'));
    let ideograph = |i: usize| at(i).is_some_and(is_ideograph);
    let (mut out, mut i) = (String::new(), 0);
    while let Some(c) = at(i) {
        let cross = c == '×' && at(i + 1) != Some('×') && i.checked_sub(1).and_then(at) != Some('×');
        let before = out.chars().next_back();
        let surname = before.filter(|b| is_ideograph(*b));
        let crossed = cross && surname.is_some_and(|b| SURNAMES.contains(b));
        let starred = star(i) && (surname.is_some() || !before.is_some_and(char::is_alphanumeric));
        if !(crossed || starred && (surname.is_some() || (i..i + 3).any(ideograph))) {
            out.push(c);
            i += 1;
            continue;
        }
        if surname.is_some() {
            out.pop();
            if DOUBLE_SURNAMES
                .iter()
                .any(|s| out.ends_with(s.chars().next().unwrap_or(' ')) && s.chars().nth(1) == surname)
            {
                out.pop();
            }
        }
        while star(i) || at(i) == Some('×') {
            i += 1;
        }
        i += usize::from(ideograph(i));
        out.push_str(WITHHELD);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_names_go_and_companies_stay() {
        let cases = [
            ("拟接收预备党员1名:陈*(榕溪村党支部)", "拟接收预备党员1名:（姓名略）(榕溪村党支部)"),
            ("三组莫**120平方米;五组梁**120平方米", "三组（姓名略）120平方米;五组（姓名略）120平方米"),
            ("付李*明工资", "付（姓名略）工资"),
            ("付欧阳*明工资", "付（姓名略）工资"),
            ("付李×明工资", "付（姓名略）工资"),
            ("户主：*明", "户主：（姓名略）"),
            ("湛江市××农贸有限公司", "湛江市××农贸有限公司"),
            ("××建材经营部", "××建材经营部"),
            ("规格5*8厘米", "规格5*8厘米"),
            ("面积3×4米", "面积3×4米"),
        ];
        for (text, want) in cases {
            assert_eq!(withhold_masked(text), want);
        }
    }

    #[test]
    fn the_one_name_of_a_text_is_known_where_it_stands_alone() {
        let only = |text: &str| only_name(text, &withhold_masked(text));
        assert_eq!(only("接收预备党员1名:陈*(榕溪村党支部)").as_deref(), Some("陈*"));
        assert_eq!(only("接收：李*明，公示").as_deref(), Some("李*明"));
        for none in ["接收：陈*为预备党员", "接收李*明，公示", "接收：李小*，公示", "李*明、王*", "接收一名"]
        {
            assert_eq!(only(none), None, "{none}");
        }
    }

    #[test]
    fn counterparties_are_sorted() {
        let cases = [
            ("黄*(个人)", "person"),
            ("李明", "person"),
            ("个人", "person"),
            ("村民个人", "person"),
            ("3个人", "group"),
            ("欧阳明", "person"),
            ("买买提·吐尔逊", "person"),
            ("李明、王芳", "group"),
            ("吴**(个人)", "person"),
            ("张三水产(个人)", "person"),
            ("麻章镇财政所", "organ"),
            ("供电所", "organ"),
            ("湛江市××农贸有限公司", "company"),
            ("××园林经营部", "company"),
            ("××剑麻种植场", "company"),
            ("湛江市××路桥工程队", "company"),
            ("保洁员3人(明细见附表)", "group"),
            ("摊户14户", "group"),
            ("10户(名单脱敏公示)", "group"),
        ];
        for (text, want) in cases {
            let party = party(text).unwrap();
            assert_eq!(party.kind, want, "{text}");
            assert_eq!(party.name.is_none(), want == "person", "{text}");
        }
        assert_eq!(party("李明、欧阳小明").unwrap().people, ["李*", "欧阳*明"]);
        for none in ["村民李*明(个人)", "*明", "阿强水产养殖基地(个人)"] {
            assert_eq!(party(none), Err(people::WANT), "{none}");
        }
        let name = |text: &str| party(text).unwrap().name.unwrap_or_default();
        assert_eq!(name("李明、供电所"), "（姓名略）、供电所");
        assert_eq!(name("供电所,李 明"), "供电所、（姓名略）");
        assert_eq!(party("李明 王芳").unwrap().people, ["李*", "王*"]);
        assert_eq!(party("李 小明").unwrap().people, ["李*明"]);
        assert_eq!(name("李明、王芳"), "（姓名略）等2人");
        assert_eq!(name("李明等3人"), "（姓名略）等3人");
        assert_eq!(name("李*明、王*等3户"), "（姓名略）等3户");
        assert_eq!(name("陈*华家电商店"), "（姓名略）家电商店");
    }
}
