//! Sealed fields and their openings (P-10 to P-17, P-19).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::charter::LedgerId;
use ledger::entry::{Entry, Posting};
use ledger::hash::Hash;
use ledger::json::{self, Object, Value};
use ledger::kinds::{Field, KINDS, Type};
use ledger::sealed::paths::{SEALABLE, is_sealable};
use ledger::sealed::{
    Access, EntryId, MAX_OPENINGS, MAX_OPENINGS_FILE, MAX_SEALED_PATH, MAX_VALUE, Opening, Openings,
    OpeningsError, Salt, Sealed, check,
};
use ledger::time::Date;
use proptest::prelude::*;
use support::*;

fn id() -> EntryId {
    EntryId { ledger: LedgerId::from_text(&format!("{ORIGIN}#9f3c")), unit: unit(UNIT), seq: 17 }
}

/// A salt for a path: fixed here, random in earnest.
fn salt(of: &str) -> Salt {
    *Hash::of(of.as_bytes()).as_bytes()
}

fn opening(path: &str, value: &str) -> Opening {
    Opening { path: path.into(), salt: salt(path), value: value.into(), access: Access::Posted }
}

fn sealed(id: &EntryId, opening: &Opening) -> Sealed {
    let Opening { path, salt, value, access } = opening;
    Sealed { path: path.clone(), commitment: id.commit(path, salt, value), access: *access }
}

fn openings(list: &[Opening]) -> Openings {
    Openings::new(list.to_vec()).unwrap()
}

/// The formula once more, from its words.
#[test]
fn p10_a_commitment_is_the_hash_of_these_bytes() {
    let mut bytes = b"village-ledger/sealed/v1\n".to_vec();
    bytes.extend_from_slice(b"mazhang.example/ledger#9f3c\n440811100391-00\n17\ncounterparty.name\n");
    bytes.extend_from_slice(&salt("x"));
    bytes.extend_from_slice("李*明".as_bytes());
    assert_eq!(id().commit("counterparty.name", &salt("x"), "李*明"), Hash::of(&bytes));
}

/// P-10, P-15: without the salt the log tells nothing about a value, however few values there are.
#[test]
fn low_entropy_values_are_not_guessable() {
    let id = id();
    let (secret, path) = (salt("drawn at random"), "counterparty.name");
    let commitment = id.commit(path, &secret, "4217");
    let all: Vec<String> = (0..10_000).map(|n| format!("{n:04}")).collect();
    let opened: Vec<&String> = all.iter().filter(|v| id.commit(path, &secret, v) == commitment).collect();
    assert_eq!(opened, ["4217"]);
    // What somebody without the salt can try: none, a known one, another field's, anything made from public data.
    let public = [[0; 32], [0xFF; 32], salt(path), salt(UNIT), salt("17"), *commitment.as_bytes()];
    for value in &all {
        let bare = format!("village-ledger/sealed/v1\n{}\n{UNIT}\n17\n{path}\n{value}", id.ledger);
        assert!(Hash::of(value.as_bytes()) != commitment && Hash::of(bare.as_bytes()) != commitment);
        assert!(public.iter().all(|guess| id.commit(path, guess, value) != commitment), "{value}");
    }
}

#[test]
fn p16_every_sealed_path_opens_or_is_named() {
    let id = id();
    let (a, b) = (opening("bids.0.bidder.name", "李*明"), opening("winner.name", "黄*"));
    let fields = [sealed(&id, &a), sealed(&id, &b)];
    let all = openings(&[b.clone(), a.clone()]);
    let report = check(&id, &fields, &all);
    assert_eq!(report.opened, [&a, &b]);
    assert!(report.is_sound() && report.missing.is_empty());

    // Withheld: named, and only a redaction explains it.
    let rest = all.without(&["winner.name"]);
    let report = check(&id, &fields, &rest);
    assert_eq!((report.opened.as_slice(), report.missing.as_slice()), (&[&a][..], &[&fields[1]][..]));
    assert!(report.is_sound());
    let day = |text| Date::parse(text).unwrap();
    let posting = Some(Posting { from: day("2026-03-18"), to: day("2026-04-02") });
    let withheld = |redacted: &[&str]| report.withheld(redacted, posting, [day("2026-03-18"); 2]);
    assert_eq!(withheld(&[]), ["winner.name"]);
    assert_eq!(withheld(&["bids.0.bidder.name"]), ["winner.name"]);
    assert_eq!(withheld(&["win", "winner.name.x", "winner.", ""]), ["winner.name"]);
    assert!(withheld(&["winner.name"]).is_empty() && withheld(&["winner"]).is_empty());
    // Amber only when it must be there, by the head's day and by the reader's.
    for (head, reader, due) in [
        ("2026-03-18", "2026-04-02", 1),
        ("2026-03-17", "2026-03-18", 0),
        ("2026-03-18", "2026-03-17", 0),
        ("2026-04-02", "2026-04-03", 0),
        ("2026-04-03", "2026-04-02", 0),
    ] {
        let days = [day(head), day(reader)];
        assert_eq!(report.withheld(&[], posting, days).len(), due, "{head} {reader}");
        assert!(report.withheld(&[], None, days).is_empty(), "nothing is posted");
    }
    for access in [Access::Household, Access::Inspectors] {
        let (fields, none) = ([Sealed { access, ..fields[1].clone() }], Openings::default());
        let report = check(&id, &fields, &none);
        assert_eq!(report.missing, [&fields[0]]);
        assert!(report.withheld(&[], posting, [day("2026-03-18"); 2]).is_empty());
    }
    assert_eq!(all.without(&["bids", "win"]), openings(std::slice::from_ref(&b)));
    assert!(rest.without(&["bids.0.bidder.name"]).is_empty());
    assert_eq!(check(&id, &fields, &Openings::default()).missing.len(), 2);

    // No opening without a path.
    let stray = openings(&[a.clone(), b.clone(), opening("holder.name", "陈*")]);
    let report = check(&id, &fields, &stray);
    assert_eq!(
        (report.stray.as_slice(), report.opened.len(), report.is_sound()),
        (&["holder.name"][..], 2, false)
    );
    assert_eq!(check(&id, &[], &all).stray.len(), 2);
}

/// P-16: an opening that is not this field's is wrong, not missing, and is never among the opened ones.
#[test]
fn openings_swapped_transplanted_or_altered_are_told_from_missing_ones() {
    let here = id();
    let (a, b) = (opening("bids.0.bidder.name", "李*明"), opening("bids.1.bidder.name", "黄*"));
    let fields = [sealed(&here, &a), sealed(&here, &b)];
    let is_wrong = |id: &EntryId, given: &[Opening], wrong: &[&str]| {
        let given = openings(given);
        let report = check(id, &fields, &given);
        assert_eq!(report.wrong, wrong);
        assert!(!report.is_sound() && report.missing.is_empty() && report.stray.is_empty());
        assert_eq!(report.opened.len(), 2 - wrong.len());
    };
    let swapped =
        [Opening { path: b.path.clone(), ..a.clone() }, Opening { path: a.path.clone(), ..b.clone() }];
    is_wrong(&here, &swapped, &["bids.0.bidder.name", "bids.1.bidder.name"]);
    let altered = Opening { value: "李*朋".into(), ..a.clone() };
    is_wrong(&here, &[altered, b.clone()], &["bids.0.bidder.name"]);
    let opened = Opening { access: Access::Household, ..a.clone() };
    is_wrong(&here, &[opened, b.clone()], &["bids.0.bidder.name"]);
    let mut salted = a.clone();
    salted.salt[31] ^= 1;
    is_wrong(&here, &[salted, b.clone()], &["bids.0.bidder.name"]);
    // From another entry, unit or ledger; the field there has the same path, and its opening is right there.
    for there in [
        EntryId { seq: 18, ..id() },
        EntryId { unit: unit(GROUP), ..id() },
        EntryId { ledger: LedgerId::from_text(&format!("{ORIGIN}#9f3d")), ..id() },
    ] {
        let theirs = Sealed { commitment: there.commit(&a.path, &a.salt, &a.value), ..fields[0].clone() };
        assert_eq!(check(&there, &[theirs], &openings(std::slice::from_ref(&a))).opened, [&a]);
        is_wrong(&there, &[a.clone(), b.clone()], &["bids.0.bidder.name", "bids.1.bidder.name"]);
    }
}

#[test]
fn p14_p15_the_file_has_one_spelling() {
    let (a, b) = (opening("a", "李*明"), Opening { access: Access::Household, ..opening("a.b", "黄\"\\*") });
    let file = openings(&[b.clone(), a.clone()]);
    let text = file.text();
    let salt = |path| Hash::from_bytes(salt(path)).to_base64();
    let want = format!(
        r#"[{{"path":"a","salt":"{}","value":"李*明","access":"posted"}},{{"path":"a.b","salt":"{}","value":"黄\"\\*","access":"household"}}]"#,
        salt("a"),
        salt("a.b")
    );
    assert_eq!(text, want);
    assert_eq!(Openings::parse(text.as_bytes()).unwrap(), file);
    assert_eq!(Openings::parse(b"[]").unwrap(), Openings::default());
    let (first, second) =
        text[1..text.len() - 1].split_once("},").map(|(a, b)| (format!("{a}}}"), b)).unwrap();
    for (bad, why) in [
        (format!("[{second},{first}]"), OpeningsError::Order(1)),
        (format!("[{first},{first}]"), OpeningsError::Order(1)),
        (format!("[{first},{}]", second.replace(&salt("a.b"), &salt("a"))), OpeningsError::Salt),
        (format!("[{first},1]"), OpeningsError::Item(1)),
        (format!("[{},{second}]", first.replace("posted", "public")), OpeningsError::Item(0)),
        (format!("[{},{second}]", first.replace("\"a\"", "\"A\"")), OpeningsError::Item(0)),
        (format!("[{},{second}]", first.replace("李*明", "")), OpeningsError::Item(0)),
        (format!("[{},{second}]", first.replace("=\"", "\"")), OpeningsError::Item(0)),
        (format!("[{},{second}]", first.replace("\"path\":\"a\",", "")), OpeningsError::Item(0)),
        (format!("[{},{second}]", first.replace("{", "{\"more\":1,")), OpeningsError::Item(0)),
        (
            format!("[{}]", first.replace("\"access\":\"posted\"}", "\"access\":\"posted\",\"x\":1}")),
            OpeningsError::Item(0),
        ),
    ] {
        assert_eq!(Openings::parse(bad.as_bytes()), Err(why), "{bad}");
    }
    for bad in [
        "",
        "{}",
        "[",
        "[]]",
        "[]}",
        " []",
        "[]\n",
        "[ ]",
        r#"[],"openings":[]"#,
        r#"[],"more":[]"#,
        "1",
        "null",
        "[\"\u{200B}\"]",
    ] {
        assert!(matches!(Openings::parse(bad.as_bytes()), Err(OpeningsError::Spelling(_))), "{bad}");
    }
    assert!(matches!(Openings::parse(b"[\xFF]"), Err(OpeningsError::Spelling(_))));
    // Where it went wrong is counted in the file.
    assert!(Openings::parse(b"[ ]").unwrap_err().to_string().ends_with("at byte 1"));
    // A log of what was read holds no name and no salt.
    assert_eq!(format!("{file:?}"), "Openings([Opening(a, posted), Opening(a.b, household)])");
}

#[test]
fn p14_limits_of_openings() {
    let many = |n: usize| {
        let with = |i: usize| Opening { path: format!("rows.{i}.name"), ..opening(&i.to_string(), "李*") };
        (0..n).map(with).collect::<Vec<_>>()
    };
    let most = Openings::new(many(MAX_OPENINGS)).unwrap();
    let text = most.text();
    assert!(text.len() < MAX_OPENINGS_FILE);
    assert_eq!(Openings::parse(text.as_bytes()).unwrap(), most);
    assert_eq!(Openings::new(many(MAX_OPENINGS + 1)), Err(OpeningsError::TooLong));
    let sized = |n: usize| Openings::parse(format!("{}]", "[".repeat(n - 1)).as_bytes()).unwrap_err();
    assert!(matches!(sized(MAX_OPENINGS_FILE), OpeningsError::Spelling(_)));
    assert_eq!(sized(MAX_OPENINGS_FILE + 1), OpeningsError::TooLong);
    for (path, value, fits) in [
        ("a".repeat(MAX_SEALED_PATH), "李".repeat(MAX_VALUE), true),
        ("a".repeat(MAX_SEALED_PATH + 1), "李*".into(), false),
        ("a".into(), "李".repeat(MAX_VALUE + 1), false),
        ("a\nb".into(), "李*".into(), false),
        (String::new(), "李*".into(), false),
        ("a".into(), "李\n*".into(), false),
    ] {
        assert_eq!(Openings::new(vec![opening(&path, &value)]).is_ok(), fits, "{path} {value}");
    }
}

#[test]
fn p19_names_are_public_while_they_are_posted() {
    let day = |text| Date::parse(text).unwrap();
    let posting = Some(Posting { from: day("2026-03-18"), to: day("2026-04-02") });
    let id = id();
    let access = |path: &str, access| Opening { access, ..opening(path, "李*明") };
    let list = [
        access("a", Access::Posted),
        access("b", Access::Household),
        access("c", Access::Inspectors),
        Opening { value: "李小明".into(), ..access("d", Access::Posted) },
    ];
    let fields: Vec<Sealed> = list.iter().map(|opening| sealed(&id, opening)).collect();
    let file = openings(&list);
    let report = check(&id, &fields, &file);
    assert_eq!(report.opened.len(), 4);
    for (on, shown) in
        [("2026-03-17", 0), ("2026-03-18", 1), ("2026-04-02", 1), ("2026-04-03", 0), ("2199-01-01", 0)]
    {
        let paths: Vec<&str> = report.shown(posting, day(on)).iter().map(|o| o.path.as_str()).collect();
        assert_eq!(paths, &["a"][..shown], "{on}");
        assert!(report.shown(None, day(on)).is_empty(), "nothing is posted");
    }
    // What does not open is not shown, whatever its access says.
    let wrong = check(&id, &fields[1..], &file);
    assert!(wrong.shown(posting, day("2026-03-18")).is_empty());
    for access in [Access::Posted, Access::Household, Access::Inspectors] {
        assert_eq!(Access::of_name(access.name()), Some(access));
    }
}

/// P-17: a ledger refuses openings with a name in clear.
#[test]
fn a_full_name_is_found_among_openings() {
    assert_eq!(openings(&[opening("a", "李*明"), opening("b", "李小明")]).unmasked(), Some("b"));
    assert_eq!(openings(&[opening("a", "李*明")]).unmasked(), None);
}

fn entry(kind: &str, body: &str, sealed: &[(&str, &str)]) -> Entry {
    let item = |(path, commitment): &(&str, &str)| {
        let item = Object::new().with("path", *path).with("commitment", *commitment);
        Value::from(item.with("access", "posted"))
    };
    let list: Vec<Value> = sealed.iter().map(item).collect();
    let draft = World::new().draft(UNIT, 40, kind, json::parse(body).unwrap());
    let approvals = json::parse(r#"{"a":[{"role":"handler","on":"2026-03-18"}]}"#).unwrap();
    let draft = set(&draft, "approvals", approvals.get("a").cloned());
    Entry::of(set(&draft, "sealed", (!list.is_empty()).then_some(list.into()))).unwrap()
}

/// P-11, P-12, P-13: what an entry may seal, one side and the other.
#[test]
fn fields_are_sealed_where_a_natural_person_stands_in_order() {
    let empty = Hash::EMPTY.to_base64();
    let of = |kind: &str, body: &str, paths: &[&str]| {
        let list: Vec<(&str, &str)> = paths.iter().map(|path| (*path, empty.as_str())).collect();
        Sealed::of(&entry(kind, body, &list)).map(|fields| fields.len()).map_err(|e| (e.path, e.what))
    };
    let person = r#"{"counterparty":{"kind":"person"},"lines":[{"amount":1}],"amount":1}"#;
    assert_eq!(of("voucher", person, &[]), Ok(0));
    assert_eq!(of("voucher", person, &["approvals.0.name", "counterparty.name"]), Ok(2));
    let trade = r#"{"bids":[{"amount":1},{"bidder":{"kind":"person"},"amount":2}],"winner":{"kind":"company","name":"甲"}}"#;
    assert_eq!(of("trade", trade, &["bids.1.bidder.name"]), Ok(1));
    assert_eq!(of("party_notice", r#"{"matter":"development"}"#, &["name"]), Ok(1));
    let names: Vec<String> = (0..12).map(|n| format!("names.{n}")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(of("candidate_review", r#"{"post":"主任"}"#, &names), Ok(12));
    let rows = r#"{"rows":[{"amount":1},{"amount":2}]}"#;
    assert_eq!(of("payment_list", rows, &["rows.0.name", "rows.1.name"]), Ok(2));
    for (rule, kind, body, paths) in [
        ("P-11", "voucher", person, &["counterparty.name", "approvals.0.name"][..]),
        ("P-11", "voucher", person, &["counterparty.name", "counterparty.name"]),
        ("P-12", "voucher", person, &["amount"]),
        ("P-12", "voucher", person, &["counterparty.code"]),
        ("P-12", "voucher", person, &["counterparty"]),
        ("P-12", "voucher", person, &["title"]),
        ("P-12", "voucher", person, &["lines.0.amount"]),
        ("P-12", "voucher", person, &["winner.name"]),
        ("P-12", "period_close", r#"{"closing":1}"#, &["counterparty.name"]),
        ("P-12", "payment_list", rows, &["rows.00.name"]),
        ("P-12", "payment_list", rows, &["rows.0.amount"]),
        ("P-12", "nobody_knows", person, &["counterparty.name"]),
        ("P-13", "voucher", r#"{"amount":1}"#, &["counterparty.name"]),
        ("P-13", "voucher", r#"{"counterparty":{"kind":"company"}}"#, &["counterparty.name"]),
        ("P-13", "voucher", r#"{"counterparty":{"kind":"person","name":"李明"}}"#, &["counterparty.name"]),
        ("P-13", "voucher", person, &["approvals.1.name"]),
        ("P-13", "trade", trade, &["bids.0.bidder.name"]),
        ("P-13", "trade", trade, &["bids.2.bidder.name"]),
        ("P-13", "trade", trade, &["winner.name"]),
        ("P-13", "party_notice", r#"{"name":"李明"}"#, &["name"]),
        ("P-13", "candidate_review", r#"{"post":"主任"}"#, &["names.1"]),
        ("P-13", "candidate_review", r#"{"names":["李明"]}"#, &["names.0"]),
    ] {
        let (path, what) = of(kind, body, paths).unwrap_err();
        assert_eq!(path, format!("sealed.{}", paths.len() - 1), "{kind} {paths:?}");
        assert!(what.ends_with(&format!("[{rule}]")), "{kind} {paths:?}: {what}");
    }
}

/// The fields at a dotted pattern's end, or `None` where the kind has no such object.
fn at<'k>(fields: &'k [Field], pattern: &str) -> Option<&'k Type> {
    let (name, rest) = pattern.split_once('.').map_or((pattern, None), |(name, rest)| (name, Some(rest)));
    let ty = &fields.iter().find(|field| field.name == name)?.ty;
    match (ty, rest) {
        (ty, None) => Some(ty),
        (Type::Object(fields), Some(rest)) => at(fields, rest),
        (Type::List(fields), Some(rest)) => at(fields, rest.strip_prefix("#.")?),
        _ => None,
    }
}

/// Patterns of the names below counterparties, wherever a kind has one.
fn counterparties(fields: &[Field], above: &str, found: &mut Vec<String>) {
    for field in fields {
        let path = format!("{above}{}", field.name);
        match field.ty {
            Type::Object(inner) if inner.iter().map(|f| f.name).eq(["kind", "name", "code"]) => {
                found.push(format!("{path}.name"));
            }
            Type::Object(inner) => counterparties(inner, &format!("{path}."), found),
            Type::List(inner) => counterparties(inner, &format!("{path}.#."), found),
            _ => {}
        }
    }
}

#[test]
fn p12_the_table_names_persons_and_nothing_else() {
    assert!(SEALABLE.is_sorted_by(|a, b| a.0 < b.0), "each kind once");
    for (name, patterns) in SEALABLE {
        let kind = KINDS.iter().find(|k| k.name == *name).unwrap();
        assert!(patterns.is_sorted_by(|a, b| a < b), "{name}");
        for pattern in *patterns {
            // Where the kind has a field there, it is a text of a person's length; else the name stands alone.
            match at(kind.fields, pattern) {
                Some(ty) => assert!(matches!(ty, Type::Text(100)), "{name}: {pattern}"),
                None => assert!(["name", "names.#", "rows.#.name"].contains(pattern), "{name}: {pattern}"),
            }
            assert!(is_sealable(name, &pattern.replace('#', "7")), "{name}: {pattern}");
            assert!(!is_sealable(name, pattern) || !pattern.contains('#'));
        }
    }
    for kind in KINDS {
        let mut wanted = Vec::new();
        counterparties(kind.fields, "", &mut wanted);
        for pattern in wanted {
            assert!(is_sealable(kind.name, &pattern.replace('#', "0")), "{}: {pattern}", kind.name);
        }
        for path in [
            "amount",
            "title",
            "summary",
            "counterparty.code",
            "approvals.0.role",
            "",
            ".",
            "approvals..name",
        ] {
            assert!(!is_sealable(kind.name, path), "{}: {path}", kind.name);
        }
        assert!(is_sealable(kind.name, "approvals.12.name"));
    }
}

fn some_openings() -> impl Strategy<Value = Vec<Opening>> {
    let access = prop_oneof![Just(Access::Posted), Just(Access::Household), Just(Access::Inspectors)];
    let value = r#"[李黄*·"\\A-Z]{1,20}"#;
    let opening = (value, any::<Salt>(), access);
    proptest::collection::btree_map("[a-z0-9_.]{1,30}", opening, 0..20).prop_map(|map| {
        map.into_iter().map(|(path, (value, salt, access))| Opening { path, salt, value, access }).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if crate::support::long() { 20_000 } else { 300 }))]

    #[test]
    fn p14_what_is_written_is_read(list in some_openings().prop_shuffle()) {
        let file = Openings::new(list).unwrap();
        let text = file.text();
        prop_assert_eq!(&Openings::parse(text.as_bytes()).unwrap(), &file);
        // Another implementation agrees on what it means.
        let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(theirs.as_array().unwrap().len(), file.iter().count());
    }

    #[test]
    fn p14_what_is_read_was_the_one_spelling(list in some_openings(), at in any::<usize>(), byte in any::<u8>()) {
        let mut bytes = Openings::new(list).unwrap().text().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(read) = Openings::parse(&bytes) {
            prop_assert_eq!(read.text().into_bytes(), bytes);
        }
    }

    /// P-16: the fields that were sealed open; after any one change of an opening that one does not.
    #[test]
    fn what_was_sealed_opens_and_nothing_else_does(list in some_openings(), which in any::<usize>(), bit in 0..256_usize) {
        let id = id();
        let fields: Vec<Sealed> = list.iter().map(|o| sealed(&id, o)).collect();
        let file = openings(&list);
        prop_assert_eq!(check(&id, &fields, &file).opened.len(), list.len());
        if !list.is_empty() {
            let mut changed = list.clone();
            let which = which % list.len();
            changed[which].salt[bit / 8] ^= 1 << (bit % 8);
            let changed = openings(&changed);
            let report = check(&id, &fields, &changed);
            prop_assert_eq!(report.wrong, [list[which].path.as_str()]);
            prop_assert_eq!(report.opened.len(), list.len() - 1);
        }
    }
}
