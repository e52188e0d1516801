//! The disclosure catalogue, lateness and the chart of accounts (G-15, G-16, G-19, G-20).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::catalogue::{Accounts, Catalogue, DataError, Item, STANDARD, look};
use ledger::deadline::Due;
use ledger::entry::{Entry, FIELDS};
use ledger::hash::Hash;
use ledger::json::{self, Object, Value};
use ledger::kinds::{KINDS, find};
use ledger::registry::SealRole;
use ledger::rules::{Finding, FindingCode, Said};
use ledger::time::{Date, SHANGHAI};
use support::*;

/// The first second of a day in Asia/Shanghai.
fn midnight(day: &str) -> u64 {
    Date::parse(day).unwrap().days() as u64 * 86_400 - SHANGHAI
}

#[test]
fn g15_the_built_in_catalogue_has_every_item_once() {
    let catalogue = Catalogue::parse(STANDARD).unwrap();
    assert_eq!(catalogue, Catalogue::standard());
    assert_eq!(catalogue.digest(), Hash::of(STANDARD.as_bytes()));
    let numbers = |letter: char, n: u8| (1..=n).map(move |i| format!("{letter}{i:02}"));
    let families = [('F', 13), ('A', 3), ('R', 2), ('C', 3), ('W', 3), ('V', 9), ('D', 3), ('S', 1)];
    let wanted: Vec<String> = families.into_iter().flat_map(|(letter, n)| numbers(letter, n)).collect();
    assert_eq!(catalogue.items().iter().map(|i| i.code.clone()).collect::<Vec<_>>(), wanted);
    let both = [SealRole::Township, SealRole::Supervision];
    for item in catalogue.items() {
        let (class, seals) = match item.code.chars().next().unwrap() {
            'D' => ("party", &both[..1]),
            'V' => ("village", &both[..1]),
            'S' => ("village", &both[1..]),
            _ => ("finance", &both[..]),
        };
        assert_eq!((item.class.as_str(), item.seals.as_slice()), (class, seals), "{}", item.code);
        let posting = if ["D02", "V07"].contains(&item.code.as_str()) { 5 } else { 15 };
        assert_eq!(item.posting_days, posting, "{}", item.code);
        assert!(item.laws.iter().all(|(law, _)| catalogue.law(law).is_some()));
    }
    let organic = catalogue.law("organic").unwrap();
    assert_eq!((organic.zh.as_str(), organic.version.as_str()), ("村民委员会组织法", "2025-10-28"));
    assert_eq!(organic.effective, Date::parse("2025-10-28"));
    let expenses = catalogue.item("F03").unwrap();
    assert_eq!(expenses.laws[0], ("organic".to_owned(), Some("35".to_owned())));
    assert!(expenses.is_default && !catalogue.item("F06").unwrap().is_default);
    assert!(matches!(catalogue.item("F08").unwrap().due, Some(Due::BeforeEvent(span)) if span.working));
    assert_eq!(catalogue.item("Z99"), None);
}

/// What an item wants said has a field, where a kind of its own says it.
#[test]
fn g15_fields_of_the_built_in_catalogue_are_fields_of_its_kinds() {
    for Item { code, fields, kinds, .. } in Catalogue::standard().items() {
        let kinds: Vec<_> = kinds.iter().map(|kind| find(KINDS, kind).unwrap()).collect();
        if kinds.iter().any(|kind| kind.name == "notice") {
            continue;
        }
        for field in fields {
            let known = kinds.iter().any(|kind| kind.fields.iter().any(|f| f.name == field));
            assert!(known || FIELDS.contains(&field.as_str()), "{code}: {field}");
        }
    }
}

fn refused(text: &str) -> DataError {
    Catalogue::parse(text).unwrap_err()
}

#[test]
fn g15_what_is_not_of_the_form_is_refused_by_its_line() {
    let changed = |old: &str, new: &str| {
        assert!(STANDARD.contains(old), "{old}");
        refused(&STANDARD.replacen(old, new, 1))
    };
    for (old, new, line, path) in [
        ("catalogue/v1", "catalogue/v2", 1, ""),
        (r#"{"version":"2026-01","#, r#"{"version": "2026-01","#, 2, ""),
        (r#""effective":"2026-01-01""#, r#""effective":"2026-13-01""#, 2, "effective"),
        (r#""id":"collective""#, r#""id":"organic""#, 2, "laws"),
        (r#"{"item":"F01""#, r#"{"item":"f01""#, 3, "item"),
        (r#"{"item":"F02""#, r#"{"item":"F01""#, 4, "item"),
        (r#"{"item":"F02","class":"finance""#, r#"{"class":"finance","item":"F02""#, 4, "class"),
        (r#""class":"finance""#, r#""class":"money""#, 3, "class"),
        (r#""month":3"#, r#""month":13"#, 3, "due"),
        (r#""month":3,"#, r#""month":"3","#, 3, "due.month"),
        (r#""frequency":"yearly""#, r#""frequency":"often""#, 3, "frequency"),
        (r#""posting_days":5"#, r#""posting_days":0"#, 33, "posting_days"),
        (r#""posting_days":5"#, r#""posting_days":367"#, 33, "posting_days"),
        (r#""kinds":["budget"]"#, r#""kinds":["bugdet"]"#, 3, "kinds"),
        (r#""kinds":["budget"]"#, r#""kinds":["budget","budget"]"#, 3, "kinds"),
        (r#""seals":["township","supervision"]"#, r#""seals":["township","village"]"#, 3, "seals.1"),
        (r#""seals":["township","supervision"]"#, r#""seals":["township","township"]"#, 3, "seals"),
        (r#""seals":["township","supervision"]"#, r#""seals":[]"#, 3, "seals"),
        (r#""privacy":"P0""#, r#""privacy":"P4""#, 3, "privacy"),
        (r#""laws":[{"law":"disclosure"}"#, r#""laws":[{"law":"hearsay"}"#, 3, "laws"),
        (r#""default":true}"#, r#""default":true,"more":1}"#, 3, "more"),
        ("\n{\"item\":\"F03\"", "\n\n{\"item\":\"F03\"", 5, ""),
        ("\n{\"item\":\"F03\"", "\r\n{\"item\":\"F03\"", 4, ""),
    ] {
        let error = changed(old, new);
        assert_eq!((error.line, error.path.as_str()), (line, path), "{new}: {error}");
    }
    assert_eq!(refused("").line, 1);
    assert_eq!(refused(STANDARD.trim_end()).line, 39, "the last newline");
    let header: String = STANDARD.lines().take(2).map(|line| format!("{line}\n")).collect();
    assert_eq!((refused(&header).line, refused("village-ledger/catalogue/v1\n").line), (2, 2));
    let large = refused(&format!("{STANDARD}{}", " ".repeat(1 << 20)));
    assert!(large.what.contains("larger") && large.line == 1);
    let error = changed(r#""month":3"#, r#""month":13"#).to_string();
    assert!(error.contains("第 3 行 due") && error.contains("line 3"), "{error}");
    // On the other side of each limit.
    for days in ["1", "366"] {
        let text = STANDARD.replacen(r#""posting_days":5"#, &format!(r#""posting_days":{days}"#), 1);
        assert_eq!(Catalogue::parse(&text).unwrap().item("V07").unwrap().posting_days.to_string(), days);
    }
}

#[test]
fn g15_the_specifications_example_stands_in_the_file() {
    let spec = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../SPEC.md")).unwrap();
    let line = STANDARD.lines().find(|line| line.starts_with(r#"{"item":"D02""#)).unwrap();
    assert!(spec.contains(&format!("\n    {line}\n")), "SPEC.md lacks: {line}");
}

/// The entry that puts a catalogue in force passes its kind, fits a leaf, and says what the file says.
#[test]
fn g16_the_registrys_entry_names_the_file() {
    let mut world = World::demo();
    let catalogue = Catalogue::standard();
    let body = catalogue.body();
    assert_eq!(body.text_of("digest"), Some(catalogue.digest().to_hex().as_str()));
    assert_eq!(world.state.registry.catalogue(u64::MAX), None);
    let index = world.state.books.size();
    world.take(vec![world.act(DISTRICT, 1, "catalogue", body, &[])], NOW);
    let registry = &world.state.registry;
    assert_eq!(registry.catalogue(index), None, "it counts above its own leaf");
    assert_eq!(registry.catalogue(index + 1), Some(catalogue.digest()));
    let [county, terms] = registry.terms(index + 1);
    assert_eq!(terms.version(), Some("2026-01"));
    assert_eq!(county.version(), None);
    for item in catalogue.items() {
        assert_eq!(terms.seals(&item.code).as_ref(), Some(&item.seals), "{}", item.code);
    }
    assert_eq!(terms.postings().collect::<Vec<_>>(), [("V07", 5), ("D02", 5)]);
}

/// A ledger of which one unit's profile was logged on 2026-09-21.
struct Desk {
    world: World,
    catalogue: Catalogue,
}

impl Desk {
    fn new() -> Self {
        let desk = Desk { world: World::demo(), catalogue: Catalogue::standard() };
        let since = desk.world.state.registry.since(&unit(UNIT)).unwrap();
        assert_eq!((since, Date::of_unix(since).to_string()), (CREATED + 100, "2026-09-21".into()));
        desk
    }

    /// An entry of the unit with these fields of the envelope.
    fn of_kind(&self, kind: &str, fields: &[(&str, &str)]) -> Entry {
        let draft = self.world.draft(UNIT, 9, kind, example(kind));
        Entry::of(fields.iter().fold(draft, |draft, (name, value)| set(&draft, name, Some((*value).into()))))
            .unwrap()
    }

    fn look(&self, entry: &Entry, index: u64, time: u64) -> Vec<Finding> {
        look(&self.catalogue, &self.world.state.registry, index, entry, time)
    }

    fn late(&self, fields: &[(&str, &str)], index: u64, time: u64) -> Option<Finding> {
        let mut found = self.look(&self.of_kind("notice", fields), index, time);
        assert!(found.len() < 2, "{found:?}");
        found.pop().filter(|finding| finding.code == FindingCode::Late)
    }

    /// Puts an act of the district's registry into the log.
    fn put(&mut self, seq: u64, kind: &str, body: Object) -> u64 {
        let index = self.world.state.books.size();
        let act = self.world.act(DISTRICT, seq, kind, body, &[]);
        self.world.take(vec![act], CREATED + 400);
        index
    }

    /// Deadline and days late of an entry logged at the first second of a day.
    fn on(&self, fields: &[(&str, &str)], day: &str) -> Option<(String, i64)> {
        self.late(fields, u64::MAX, midnight(day)).map(|finding| match finding.values.as_slice() {
            [Said::Date(due), Said::Count(days)] => (due.to_string(), *days),
            other => panic!("{other:?}"),
        })
    }
}

#[test]
fn g19_late_from_the_first_second_after_the_last_day() {
    let desk = Desk::new();
    let september = [("item", "F03"), ("period", "2026-09")];
    let end = midnight("2026-10-16");
    assert_eq!(desk.late(&september, u64::MAX, end - 1), None);
    let finding = desk.late(&september, u64::MAX, end).unwrap();
    assert_eq!((finding.code, finding.seq, finding.field), (FindingCode::Late, 9, "period"));
    assert_eq!(finding.values, [Said::Date(Date::parse("2026-10-15").unwrap()), Said::Count(1)]);
    let late = |fields: &[(&str, &str)], day| desk.on(fields, day);
    let some = |due: &str, days| Some((due.to_owned(), days));
    assert_eq!(late(&september, "2026-11-15"), some("2026-10-15", 31));
    assert_eq!(late(&[("item", "F02"), ("period", "2026-Q3")], "2026-10-17"), some("2026-10-15", 2));
    assert_eq!(late(&[("item", "V01"), ("occurred", "2026-09-26")], "2026-10-01"), None);
    assert_eq!(late(&[("item", "V01"), ("occurred", "2026-09-26")], "2026-10-02"), some("2026-10-01", 1));
    assert_eq!(late(&[("item", "F01"), ("period", "2027")], "2027-03-31"), None);
    assert_eq!(late(&[("item", "F01"), ("period", "2027")], "2027-04-01"), some("2027-03-31", 1));
    assert_eq!(late(&[("item", "V08"), ("occurred", "2026-05-01")], "2027-01-01"), some("2026-12-31", 1));
}

#[test]
fn g19_a_ledger_is_not_late_with_what_it_takes_over() {
    let desk = Desk::new();
    let of = |occurred| desk.on(&[("item", "V01"), ("occurred", occurred)], "2026-12-31");
    assert_eq!(of("2026-09-15"), None, "its last day was the day before the profile");
    assert_eq!(of("2026-09-16"), Some(("2026-09-21".into(), 101)));
    assert_eq!(desk.on(&[("item", "F03"), ("period", "2026-08")], "2026-12-31"), None);
    // A unit without a profile has no book here.
    let mut entry = desk.of_kind("notice", &[("item", "F03"), ("period", "2026-09")]);
    entry.envelope.unit = unit("440811100399-00");
    assert_eq!(desk.look(&entry, u64::MAX, u64::MAX), []);
}

#[test]
fn g19_where_there_is_no_last_day_nothing_is_late() {
    let desk = Desk::new();
    for fields in [
        &[("period", "2026-09")][..],
        &[("item", "Z99"), ("period", "2026-09")],
        &[("item", "F13"), ("period", "2026-09")],
        &[("item", "F08"), ("occurred", "2026-09-25")],
        &[("item", "F08")],
    ] {
        assert_eq!(desk.look(&desk.of_kind("notice", fields), u64::MAX, midnight("2027-12-31")), []);
    }
}

/// What an entry does not say, or says too widely, does not spare it its deadline.
#[test]
fn g18_g19_a_deadline_without_or_with_a_wide_period() {
    let desk = Desk::new();
    // Kind, item, period, occurred, a day of the body; the last day, and the field that it is counted from.
    for (kind, item, period, occurred, day, last, field) in [
        ("voucher", "F03", "", "2026-10-25", "", "2026-11-15", "occurred"),
        ("voucher", "F03", "2026", "2026-10-25", "", "2026-11-15", "occurred"),
        ("voucher", "F03", "2026-Q4", "2026-10-25", "", "2027-01-15", "period"),
        ("voucher", "F03", "2026-12", "2026-10-25", "", "2027-01-15", "period"),
        ("voucher", "F11", "", "2026-10-25", "", "2027-01-15", "occurred"),
        ("voucher", "F11", "2026", "2026-09-30", "", "2026-10-15", "occurred"),
        ("resolution", "V01", "2026", "2027-01-20", "2026-10-25", "2026-10-30", "body.held_on"),
        ("contract", "C01", "", "", "2026-10-25", "2026-10-30", "body.signed_on"),
        ("trade", "R02", "", "2026-10-25", "2026-10-20", "2026-10-30", "occurred"),
        ("trade", "R02", "", "", "2026-10-25", "2026-10-30", "body.closed"),
        ("budget", "F01", "2026", "2026-11-20", "2027", "2027-03-31", "body.year"),
        ("notice", "V08", "2026", "2027-01-20", "", "2026-12-31", "period"),
        ("notice", "V08", "", "2026-10-20", "", "2026-12-31", "occurred"),
        ("notice", "F03", "2026", "", "", "2027-01-15", "period"),
    ] {
        let fields = [("item", item), ("period", period), ("occurred", occurred)];
        let fields: Vec<_> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let mut draft = desk.of_kind(kind, &fields).json;
        if kind == "trade" {
            draft = set(&draft, "body", Some(example(kind).with("closed", day).into()));
        }
        for name in ["held_on", "signed_on"] {
            if draft.at_path(&format!("body.{name}")).is_some() {
                assert!(draft.replace_at(&format!("body.{name}"), day.into()));
            }
        }
        if let Ok(year) = day.parse() {
            assert!(draft.replace_at("body.year", Value::Int(year)));
        }
        let entry = Entry::of(draft).unwrap();
        let end = midnight(last) + 86_400;
        let late = |time| {
            let found = desk.look(&entry, u64::MAX, time);
            found.into_iter().find(|finding| finding.code == FindingCode::Late)
        };
        assert_eq!(late(end - 1), None, "{kind} {item} {period} {occurred}");
        let found = late(end).unwrap();
        let values = [Said::Date(Date::parse(last).unwrap()), Said::Count(1)];
        assert_eq!(
            (found.field, found.values),
            (field, values.to_vec()),
            "{kind} {item} {period} {occurred}"
        );
    }
}

#[test]
fn g19_a_deadline_that_cannot_be_told_is_found() {
    let desk = Desk::new();
    let told = |fields: &[(&str, &str)], day| {
        let found = desk.look(&desk.of_kind("notice", fields), u64::MAX, midnight(day));
        found.into_iter().map(|f| (f.code, f.field, f.values.len())).collect::<Vec<_>>()
    };
    let unknown = |field| vec![(FindingCode::NoDeadline, field, 0)];
    assert_eq!(told(&[("item", "F03")], "2026-10-01"), unknown(""));
    assert_eq!(told(&[("item", "V01"), ("period", "2026-09")], "2026-10-01"), unknown(""));
    assert_eq!(told(&[("item", "F01")], "2026-10-01"), unknown(""));
    assert_eq!(told(&[("item", "F03"), ("period", "2026")], "2027-01-15"), unknown("period"));
    assert_eq!(
        told(&[("item", "F03"), ("period", "2026")], "2027-01-17"),
        [(FindingCode::Late, "period", 2)]
    );
    for enough in [("period", "2026-Q3"), ("occurred", "2026-09-25")] {
        assert_eq!(told(&[("item", "F03"), enough], "2026-10-01"), []);
    }
}

/// G-21: by a catalogue that the registry names.
#[test]
fn g21_an_entry_names_an_item_of_its_kind() {
    let mut desk = Desk::new();
    let found = |desk: &Desk, kind: &str, item: &str, index| {
        let fields = [("item", item), ("occurred", "2026-09-25")];
        let entry = desk.of_kind(kind, if item.is_empty() { &fields[1..] } else { &fields });
        let mut found = desk.look(&entry, index, midnight("2026-09-26"));
        assert!(found.len() < 2, "{found:?}");
        found.pop()
    };
    let named = desk.put(1, "catalogue", desk.catalogue.body());
    let overrides = json::parse(
        r#"{"version":"1","effective":"2026-01-01","items":[{"item":"Z01","seals":["township"]}]}"#,
    );
    let county = desk.put(2, "overrides", overrides.unwrap());
    assert_eq!(found(&desk, "voucher", "", named), None, "no catalogue is in force below its leaf");
    let missing = found(&desk, "voucher", "", named + 1).unwrap();
    assert_eq!((missing.code, missing.seq, missing.field), (FindingCode::Item, 9, "item"));
    assert_eq!(missing.values, [Said::Text("F02 F03 F09 F10 F11 F12".into())]);
    for (kind, item, is_found) in [
        ("voucher", "F02", false),
        ("voucher", "F12", false),
        ("voucher", "D02", true),
        ("voucher", "F13", true),
        ("voucher", "Z99", true),
        ("voucher", "Z01", true),
        ("correction", "", true),
        ("correction", "F13", false),
        ("notice", "", false),
        ("notice", "V05", false),
        ("notice", "F03", true),
        // The catalogue has nothing for these.
        ("statement_of_no_activity", "", false),
        ("statement_of_no_activity", "F03", false),
        ("audit_note", "", false),
    ] {
        let found = found(&desk, kind, item, named + 1);
        assert_eq!(found.is_some(), is_found, "{kind} {item}: {found:?}");
    }
    assert_eq!(found(&desk, "voucher", "Z01", county + 1), None, "an item of the county's own");
    assert!(found(&desk, "voucher", "Z99", county + 1).is_some());
}

/// A file that the registry does not name judges nothing, unless the registry names none and it is the built-in one.
#[test]
fn g16_a_catalogue_counts_where_it_is_named() {
    let mut desk = Desk::new();
    let other = Catalogue::parse(&STANDARD.replacen("2026-01", "2026-02", 1)).unwrap();
    let entry = desk.of_kind("voucher", &[("item", "D02"), ("period", "2026-09")]);
    let late = desk.of_kind("notice", &[("item", "F03"), ("period", "2026-09")]);
    let codes = |desk: &Desk, catalogue: &Catalogue, index, entry: &Entry| {
        let found = look(catalogue, &desk.world.state.registry, index, entry, midnight("2026-12-01"));
        found.into_iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    let named = desk.put(1, "catalogue", other.body());
    let standard = Catalogue::standard();
    for (index, counting, not) in [(named, &standard, &other), (named + 1, &other, &standard)] {
        let registry = &desk.world.state.registry;
        assert!(counting.counts(registry, index) && !not.counts(registry, index));
        assert!(codes(&desk, counting, index, &late).contains(&FindingCode::Late));
        assert_eq!(codes(&desk, not, index, &late), []);
    }
    assert_eq!(codes(&desk, &other, named + 1, &entry), [FindingCode::Item]);
    assert_eq!(codes(&desk, &standard, named + 1, &entry), []);
}

/// G-17: the county's deadline goes first, from above its leaf on; a later entry takes the place of the earlier.
#[test]
fn g17_g19_the_countys_deadline_goes_first() {
    let mut desk = Desk::new();
    let september = [("item", "F03"), ("period", "2026-09")];
    let body = |text: &str| json::parse(text).unwrap();
    let mut put = |seq, text: &str| desk.put(seq, "overrides", body(text));
    let shorter = r#"{"version":"1","effective":"2030-01-01","items":[{"item":"F03","due":{"rule":"after_period","days":10}}]}"#;
    let first = put(1, shorter);
    let second =
        put(2, r#"{"version":"2","effective":"2026-01-01","items":[{"item":"F03","posting_days":10}]}"#);
    let late = |index| desk.late(&september, index, midnight("2026-10-16")).unwrap().values;
    let values = |day, days| vec![Said::Date(Date::parse(day).unwrap()), Said::Count(days)];
    assert_eq!(late(first), values("2026-10-15", 1));
    assert_eq!(late(first + 1), values("2026-10-10", 6));
    assert_eq!(late(second), values("2026-10-10", 6));
    assert_eq!(
        late(second + 1),
        values("2026-10-15", 1),
        "what the newest does not name is the catalogue's again"
    );
}

#[test]
fn g20_the_chart_of_accounts_names_codes() {
    let accounts = Accounts::standard();
    assert_eq!(accounts.name("101"), Some("库存现金"));
    assert_eq!(accounts.name("514"), Some("公益支出"));
    assert_eq!(accounts.name("541"), None, "of the chart before");
    let old = |code| accounts.account("2004", code).map(|a| (a.zh.as_str(), a.en.as_str(), a.class.as_str()));
    assert_eq!(old("541"), Some(("管理费用", "Administrative expenses", "profit_loss")));
    assert_eq!((old("101").unwrap().0, old("514"), accounts.account("1999", "101")), ("现金", None, None));
    let of = |chart: &str| accounts.iter().filter(|a| a.chart == chart).count();
    assert_eq!((of("2023"), of("2004")), (41, 34));
    let classes = ["asset", "liability", "equity", "cost", "profit_loss"];
    for account in accounts.iter() {
        let digit = account.code[..1].parse::<usize>().unwrap();
        assert_eq!(account.class, classes[digit - 1], "{}", account.code);
    }
}

#[test]
fn g20_a_file_of_charts_is_read_strictly() {
    let file = |rows: &str| {
        let header = r#"{"charts":[{"chart":"a","zh":"甲","en":"A"},{"chart":"b","zh":"乙","en":"B"}]}"#;
        Accounts::parse(&format!("village-ledger/accounts/v1\n{header}\n{rows}"))
    };
    let row = |chart: &str, code: &str, class: &str| {
        format!(
            "{{\"chart\":\"{chart}\",\"code\":\"{code}\",\"zh\":\"名\",\"en\":\"N\",\"class\":\"{class}\"}}\n"
        )
    };
    let good = [row("b", "1", "asset"), row("a", "1", "cost")].concat();
    let accounts = file(&good).unwrap();
    assert_eq!((accounts.name("1"), accounts.name("2")), (Some("名"), None));
    for (rows, line, path) in [
        ([row("b", "1", "asset"), row("c", "1", "cost")].concat(), 4, "chart"),
        ([row("b", "1", "asset"), row("b", "1", "cost")].concat(), 4, "code"),
        (row("a", "1", "income"), 3, "class"),
        (String::new(), 2, ""),
    ] {
        let error = file(&rows).unwrap_err();
        assert_eq!((error.line, error.path.as_str()), (line, path), "{rows}");
    }
}

/// A code that no chart has, and none at all, and an old one: all are taken, and nothing is said about it.
#[test]
fn g20_an_unknown_account_blocks_no_entry() {
    let mut world = World::demo();
    for (seq, code) in [(5, r#""account_code":"999","#), (6, ""), (7, r#""account_code":"541-旧","#)] {
        let old = r#""account_code":"514","#;
        let text = example("voucher").text().replace(old, code);
        let bytes = seal(&world.draft(UNIT, seq, "voucher", json::parse(&text).unwrap()), &[&world.town]);
        let entry = Entry::of_leaf(&bytes).unwrap();
        world.take(vec![bytes], NOW);
        let limits = ledger::rules::Limits::default();
        let found = ledger::rules::Facts::new().take(&entry, NOW, &limits);
        assert!(found.iter().all(|f| f.code == FindingCode::Undated), "{code}: {found:?}");
    }
    assert_eq!(Accounts::standard().name("999"), None);
}
