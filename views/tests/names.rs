//! Sealed names on pages: each state that a name can be in, P-16 and P-19 as a reader keeps them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::bundle::VerifiedEntry;
use ledger::sealed::{Access, EntryId, Opening, Openings};
use ledger::time::Date;
use ledger::verdict::Code;
use std::slice;
use support::{correction, entry, verified};
use views::{Lang, Names, Shell, phone};

const PATH: &str = "counterparty.name";
const RUNNING: &str = r#"{"from":"2026-09-01","to":"2026-10-31"}"#;
const NAME: &str = "李*明";

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn opening(path: &str, access: Access, value: &str) -> Opening {
    Opening { path: path.to_owned(), salt: [7; 32], value: value.to_owned(), access }
}

/// A contract with a person whose name is sealed as this opening says.
fn sealed(seq: u64, opening: &Opening, posting: &str) -> VerifiedEntry {
    let body = r#"{"contract_no":"x","subject_kind":"resource","subject":"1号虾塘","counterparty":{"kind":"person"},"signed_on":"2026-01-10"}"#;
    let bare = entry(seq, "contract", body, &[]);
    let commitment = EntryId::of(&bare.entry).commit(&opening.path, &opening.salt, &opening.value);
    let field = format!(
        r#"[{{"path":"{}","commitment":"{}","access":"{}"}}]"#,
        opening.path,
        commitment.to_base64(),
        opening.access.name()
    );
    let mut more = vec![("sealed", field.as_str())];
    if !posting.is_empty() {
        more.push(("posting", posting));
    }
    entry(seq, "contract", body, &more)
}

fn redaction(seq: u64, target: u64, path: &str) -> VerifiedEntry {
    let body = format!(
        r#"{{"target":{{"seq":{target},"leaf":"x"}},"paths":["{path}"],"basis":"privacy_law","ordered_by":"榕溪村务监督委员会"}}"#
    );
    entry(seq, "redaction", &body, &[])
}

fn line(seq: u64, openings: &[Opening]) -> String {
    format!("{seq} {}\n", Openings::new(openings.to_vec()).unwrap().text())
}

fn names(entries: &[VerifiedEntry], text: &str, head: &str, today: &str) -> Names {
    Names::of(Lang::Zh, entries.iter().map(|e| &e.entry), [day(head), day(today)], text)
}

fn at(names: &Names, slot: &str) -> String {
    names.slots().find(|(own, _)| own == slot).map(|(_, html)| html.to_owned()).unwrap_or_default()
}

#[test]
fn p16_p19_a_name_is_shown_withheld_or_told_why_not() {
    let words = Lang::Zh.words();
    let withheld = Lang::Zh.verdict(Code::NameWithheld).title;
    let posted = opening(PATH, Access::Posted, NAME);
    let household = opening(PATH, Access::Household, NAME);
    let inspectors = opening(PATH, Access::Inspectors, NAME);
    let full = opening(PATH, Access::Posted, "李小明");
    let altered = Opening { value: "王*明".to_owned(), ..posted.clone() };
    let stray = Opening { salt: [8; 32], ..opening("approvals.0.name", Access::Posted, NAME) };
    let over = r#"{"from":"2026-08-01","to":"2026-09-29"}"#;
    let ahead = r#"{"from":"2026-10-01","to":"2026-10-31"}"#;
    let (head, later) = ("2026-09-30", "2026-10-01");
    let given = |openings: &[Opening]| line(2, openings);
    // sealed as, posting, what came, head's day, phone's day: what stands there, and whether it is withheld.
    for (case, (as_, posting, text, today, said, is_withheld)) in [
        (&posted, RUNNING, given(slice::from_ref(&posted)), head, NAME, false),
        (&posted, RUNNING, String::new(), head, withheld, true),
        (&posted, RUNNING, line(3, slice::from_ref(&posted)), head, withheld, true),
        // Not for everyone: nothing is missing, and what came all the same is not shown.
        (&household, RUNNING, String::new(), head, words.name_private(), false),
        (&inspectors, RUNNING, given(slice::from_ref(&inspectors)), head, words.name_private(), false),
        // The posting does not run, on one of the two days.
        (&posted, "", String::new(), head, words.name_not_posted(), false),
        (&posted, "", given(slice::from_ref(&posted)), head, words.name_not_posted(), false),
        (&posted, over, given(slice::from_ref(&posted)), head, words.name_not_posted(), false),
        (&posted, over, String::new(), head, words.name_not_posted(), false),
        (&posted, ahead, String::new(), later, words.name_not_posted(), false),
        (&posted, ahead, given(slice::from_ref(&posted)), later, NAME, false),
        // Altered, of another access, not masked, of another entry, no openings at all: never shown.
        (&posted, RUNNING, given(slice::from_ref(&altered)), head, words.name_wrong(), false),
        (&posted, RUNNING, given(slice::from_ref(&household)), head, words.name_wrong(), false),
        (&full, RUNNING, given(slice::from_ref(&full)), head, words.name_wrong(), false),
        (&posted, RUNNING, "2 {}\n".to_owned(), head, words.name_wrong(), false),
        (&posted, RUNNING, given(&[posted.clone(), stray]), head, NAME, false),
    ]
    .into_iter()
    .enumerate()
    {
        let entries = [sealed(2, as_, posting)];
        let names = names(&entries, &text, head, today);
        let (inline, beside) = (at(&names, "2 counterparty.name"), at(&names, "2"));
        assert!(inline.contains(said), "{case}: {inline}");
        assert_eq!(names.verdict(), is_withheld.then_some(Code::NameWithheld), "{case}");
        let loud = said != words.name_private() && said != words.name_not_posted();
        assert_eq!(beside.contains(said), loud, "{case}: {beside}");
        for value in [NAME, "王*明", "李小明"].iter().filter(|value| **value != said) {
            assert!(!inline.contains(value) && !beside.contains(value), "{case}: {inline} {beside}");
        }
        assert_eq!(beside.contains(words.name_wrong()), said == words.name_wrong() || case == 15, "{case}");
    }
}

#[test]
fn a_name_of_another_entry_is_wrong_here() {
    let own = opening(PATH, Access::Posted, NAME);
    let entries = [sealed(2, &own, RUNNING), sealed(3, &own, RUNNING)];
    // Entry 4's opening under number 3, and the same bytes that open 2.
    let names = names(
        &entries,
        &(line(2, slice::from_ref(&own)) + &line(3, &[Opening { salt: [9; 32], ..own }])),
        "2026-09-30",
        "2026-09-30",
    );
    assert!(at(&names, "2 counterparty.name").contains(NAME));
    assert!(at(&names, "3 counterparty.name").contains(Lang::Zh.words().name_wrong()));
}

/// P-16, E-99: a posting counts as corrected; a correction that would hide the name does not count.
#[test]
fn a_posting_counts_as_corrected_and_only_longer() {
    let own = opening(PATH, Access::Posted, NAME);
    for (to, today, is_due) in [
        ("2026-11-30", "2026-11-10", true),
        ("2026-09-15", "2026-09-30", true),
        ("2026-11-30", "2026-12-01", false),
    ] {
        let mut fix = correction(3, 2, 1, 2, &[]);
        let body = format!(
            r#"{{"target":{{"seq":2,"leaf":"x"}},"fields":[{{"path":"posting.to","old":"2026-10-31","new":"{to}"}}],"reason":"typo","explanation":"x"}}"#
        );
        fix.entry = entry(3, "correction", &body, &[]).entry;
        let names = names(&[sealed(2, &own, RUNNING), fix], "", today, today);
        assert_eq!(names.verdict(), is_due.then_some(Code::NameWithheld), "{to} {today}");
    }
}

#[test]
fn a_withdrawn_name_is_no_name_withheld_and_leads_to_the_redaction() {
    let own = opening(PATH, Access::Posted, NAME);
    let entries = vec![sealed(2, &own, RUNNING), redaction(3, 2, PATH)];
    // Also when the server still gives it.
    for text in [String::new(), line(2, &[own])] {
        let names = names(&entries, &text, "2026-09-30", "2026-09-30");
        assert_eq!(names.verdict(), None);
        let page = Shell::default().unit(&verified(entries.clone()), Code::Ok, &names);
        assert!(!page.contains(NAME) && !page.contains("data-name=\"2 "), "{page}");
        assert!(page.contains("<a class=\"jump\" href=\"#e3\">第 3 号撤下了内容（隐私撤下）</a>"), "{page}");
    }
}

#[test]
fn what_is_no_text_of_openings_says_that_names_could_not_be_fetched() {
    let own = opening(PATH, Access::Posted, NAME);
    let entries = [sealed(2, &own, RUNNING)];
    let whole = line(2, &[own]);
    let twice = whole.repeat(2);
    for text in ["<!doctype html><p>登录后上网", &whole[..whole.len() - 1], &twice, "x []\n"] {
        let names = names(&entries, text, "2026-09-30", "2026-09-30");
        assert_eq!((names.verdict(), names.slots().count()), (None, 0), "{text}");
        let page = Shell::default().unit(&verified(entries.to_vec()), Code::Ok, &names);
        assert!(page.contains(Lang::Zh.words().names_unfetched()) && !page.contains(NAME), "{page}");
    }
}

#[test]
fn names_stand_in_their_places_and_are_no_facts() {
    let own = opening(PATH, Access::Posted, NAME);
    let unit = verified(vec![sealed(2, &own, RUNNING)]);
    let known = names(&unit.entries, &line(2, &[own]), "2026-09-30", "2026-09-30");
    let page = Shell { scripts: true, ..Shell::default() }.unit(&unit, Code::Ok, &known);
    assert!(
        page.contains("对方</dt><dd>个人 <span data-name=\"2 counterparty.name\"><b>李*明</b></span>"),
        "{page}"
    );
    assert!(
        page.contains("<div data-name=\"2\"><p><span class=\"reason\">对方</span> <b>李*明</b></p></div>"),
        "{page}"
    );
    let drawn = phone::holds(Lang::Zh, &unit, Code::Ok);
    assert!(drawn.contains(Lang::Zh.words().names_coming()) && !drawn.contains(NAME), "{drawn}");
    let facts = |html: &str| {
        let parts = html.split("data-fact=").skip(1).map(|part| part.split("</").next().unwrap().to_owned());
        parts.collect::<Vec<_>>()
    };
    assert_eq!(facts(&page), facts(&drawn));
    assert!(facts(&page).len() > 3 && facts(&page).iter().all(|fact| !fact.contains(NAME)));
}

#[test]
fn names_of_lists_and_of_fields_that_are_nothing_else_have_places() {
    let path = "approvals.1.name";
    let own = opening(path, Access::Posted, NAME);
    let mut signed = sealed(2, &own, RUNNING);
    let json = signed.entry.json.clone();
    let list = r#"{"x":[{"role":"handler","on":"2026-08-01"},{"role":"approver","on":"2026-08-02"}]}"#;
    let list = ledger::json::parse(list).unwrap().get("x").cloned();
    let json = ledger::entry::FIELDS.iter().fold(ledger::json::Object::new(), |out, name| {
        out.with_some(name, if *name == "approvals" { list.clone() } else { json.get(name).cloned() })
    });
    signed.entry = ledger::entry::Entry::of(json).unwrap();
    let body = r#"{"matter":"development","text":["接收预备党员"]}"#;
    let bare = entry(3, "party_notice", body, &[]);
    let whom = Opening { salt: [3; 32], ..opening("name", Access::Posted, "王*") };
    let commitment = EntryId::of(&bare.entry).commit("name", &whom.salt, &whom.value).to_base64();
    let field = format!(r#"[{{"path":"name","commitment":"{commitment}","access":"posted"}}]"#);
    let notice = entry(3, "party_notice", body, &[("sealed", &field), ("posting", RUNNING)]);
    let unit = verified(vec![signed, notice]);
    let text = line(2, &[own]) + &line(3, &[whom]);
    let page =
        Shell::default().unit(&unit, Code::Ok, &names(&unit.entries, &text, "2026-09-30", "2026-09-30"));
    let said = page.replace("<b>", "").replace("</b>", "");
    assert!(
        said.contains("审批人 2026年8月2日 <span data-name=\"2 approvals.1.name\">李*明</span>"),
        "{page}"
    );
    assert!(said.contains("<dt>名字</dt><dd><span data-name=\"3 name\">王*</span></dd>"), "{page}");
}
