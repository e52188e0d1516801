//! Pages from verified data: every code in every language, figures, corrections, and nothing taken for HTML.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that can't go on should stop")]

use ledger::bundle::{Verified, VerifiedEntry};
use ledger::charter::{Authority, Charter, LedgerId};
use ledger::entry::{Entry, FIELDS};
use ledger::hash::Hash;
use ledger::index::{Line, Row};
use ledger::json::{Object, Value, parse};
use ledger::note::VerifierKey;
use ledger::registry::{Profile, Registry, Standing};
use ledger::unit::UnitId;
use ledger::verdict::{Code, Level, Verdict};
use views::account::{Account, Finding, Reach};
use views::words::{FORBIDDEN, Saying};
use views::{Home, HomeUnit, Lang, Shell, phone};

const UNIT: &str = "440811100391-00";
/// 2026-09-30 in Asia/Shanghai.
const LOGGED: u64 = 1_790_700_000;

/// An entry of the period 2026-08, its JSON as a clerk would have it; `more` replaces envelope fields.
fn entry(seq: u64, kind: &str, body: &str, more: &[(&str, &str)]) -> VerifiedEntry {
    let text = |value: &str| Value::from(value);
    let own = |name: &str| match name {
        "ledger" => Some(text("ledger#1")),
        "unit" => Some(text(UNIT)),
        "seq" => Some(Value::Int(seq as i64)),
        "kind" => Some(text(kind)),
        "period" => Some(text("2026-08")),
        "occurred" => Some(text("2026-08-12")),
        "body" => Some(parse(body).unwrap().into()),
        "signed_at" => Some(Value::Int(LOGGED as i64)),
        _ => None,
    };
    let field =
        |name: &str| more.iter().find(|(n, _)| *n == name).map(|(_, v)| text(v)).or_else(|| own(name));
    let json = FIELDS.iter().fold(Object::new(), |json, name| json.with_some(name, field(name)));
    VerifiedEntry {
        line: Line { seq, index: seq, time: LOGGED + seq, leaf: Hash::EMPTY },
        entry: Entry::of(json).unwrap(),
        standing: Standing::default(),
        corrected_by: Vec::new(),
    }
}

fn voucher(seq: u64, direction: &str, fen: i64, more: &[(&str, &str)]) -> VerifiedEntry {
    let body = format!(
        r#"{{"voucher_no":"1","direction":"{direction}","lines":[{{"account":"a","amount":{fen}}}],"amount":{fen}}}"#
    );
    entry(seq, "voucher", &body, more)
}

fn correction(seq: u64, target: u64, old: i64, new: i64, more: &[(&str, &str)]) -> VerifiedEntry {
    let field = |path: &str| format!(r#"{{"path":"{path}","old":{old},"new":{new}}}"#);
    let (amount, line) = (field("body.amount"), field("body.lines.0.amount"));
    let body = format!(
        r#"{{"target":{{"seq":{target},"leaf":"x"}},"fields":[{amount},{line}],"reason":"typo","explanation":"录入数字颠倒"}}"#
    );
    entry(seq, "correction", &body, more)
}

fn opening(seq: u64, fen: i64) -> VerifiedEntry {
    entry(
        seq,
        "opening_balance",
        &format!(r#"{{"accounts":[{{"account":"bank","amount":{fen}}}],"amount":{fen}}}"#),
        &[],
    )
}

fn close(seq: u64, [opening, income, expense, closing]: [i64; 4]) -> VerifiedEntry {
    let body =
        format!(r#"{{"opening":{opening},"income":{income},"expense":{expense},"closing":{closing}}}"#);
    entry(seq, "period_close", &body, &[])
}

fn verified(entries: Vec<VerifiedEntry>) -> Verified {
    // The base point and its double: any two keys will do.
    let key = |name: &str, first: u8| {
        let mut bytes = [0x66; 32];
        bytes[0] = first;
        VerifierKey::ed25519(name, &bytes).unwrap()
    };
    let log = key("mazhang.example/ledger", 0x58);
    let charter = Charter {
        origin: "mazhang.example/ledger".to_owned(),
        authority: Authority { keys: vec![log.clone()], threshold: 1 },
        log,
        district: "440811".to_owned(),
        policy: vec!["quorum none".to_owned()],
        catalogue: None,
        created: 0,
    };
    let unit = UnitId::parse(UNIT).unwrap();
    let from = entries.first().map_or(1, |e| e.line.seq);
    let count = entries.last().map_or(0, |e| e.line.seq);
    let row = Row { unit, count, root: Hash::EMPTY, amendments: 0, amendment_root: Hash::EMPTY };
    let contacts = vec![("榕溪村务监督委员会".to_owned(), "0759-0000001".to_owned())];
    Verified {
        ledger: LedgerId::new(&charter.origin, &Hash::EMPTY),
        charter: Hash::EMPTY,
        unit,
        profile: Some(Profile {
            name: "榕溪村".to_owned(), parent: Some("麻章镇".to_owned()), contacts
        }),
        row,
        from,
        since: (from > 1).then_some(LOGGED),
        entries,
        division: vec![row],
        registry: Registry::new(&charter),
        size: 20,
        time: LOGGED + 100,
        quorum_time: None,
        witnesses: Vec::new(),
        remembered: false,
        head: Vec::new(),
    }
}

fn contacts() -> Vec<views::Contact> {
    vec![("榕溪村务监督委员会".to_owned(), "0759-0000001".to_owned())]
}

#[test]
fn every_code_has_title_body_and_next_step_in_the_words_of_the_village() {
    for lang in Lang::ALL {
        for code in Code::ALL {
            let Saying { icon, title, body, next } = lang.verdict(*code);
            assert!(![icon, title, next].contains(&"") && !body.is_empty(), "{code}");
            for text in body.iter().copied().chain([title, next]) {
                let lower = text.to_lowercase();
                assert!(!FORBIDDEN.iter().any(|word| lower.contains(word)), "{code}: {text}");
                let loud = text.contains('!') || text.contains('！');
                assert!(!loud || code.level() == Level::Red, "{code}: {text}");
            }
            if *lang == Lang::Zh {
                assert!(title.chars().count() <= 18, "{code}: {title}");
                assert!(body.iter().all(|p| p.chars().count() <= 60), "{code}: {body:?}");
            }
        }
    }
}

#[test]
fn every_code_is_drawn_with_its_name_title_and_role() {
    let unit = verified(vec![opening(1, 100)]);
    for lang in Lang::ALL {
        for code in Code::ALL {
            let verdict = Verdict::new(*code, "detail");
            let red = code.level() == Level::Red;
            let draw = if red { phone::failed } else { phone::strip };
            let html = draw(*lang, &verdict, &contacts());
            let role = if red { "role=\"alert\"" } else { "role=\"status\"" };
            assert!(html.contains(&format!("data-code=\"{code}\"")) && html.contains(role), "{html}");
            assert!(html.contains(lang.verdict(*code).title), "{html}");
            if code.level() == Level::Calm {
                let html = phone::holds(*lang, &unit, *code);
                assert!(html.contains(lang.verdict(*code).title) && html.contains(lang.words().limits[0]));
            }
        }
    }
}

#[test]
fn a_ledger_without_witnesses_says_so_on_every_page() {
    let unit = verified(vec![opening(1, 100)]);
    for lang in Lang::ALL {
        let said = lang.words().no_witnesses;
        for scripts in [false, true] {
            let shell = Shell { lang: *lang, scripts };
            assert!(shell.unit(&unit, Code::OkUnwitnessed).contains(said));
            assert!(!shell.unit(&unit, Code::OkFirstVisit).contains(said));
            let home = |unwitnessed| shell.home(&Home { units: Vec::new(), unwitnessed });
            assert!(home(true).contains(said) && !home(false).contains(said));
        }
        assert!(phone::holds(*lang, &unit, Code::OkUnwitnessed).contains(said));
    }
}

#[test]
fn failed_dials_the_remembered_offices_first_and_names_no_unit() {
    let html = phone::failed(Lang::Zh, &Verdict::new(Code::FailedRewritten, ""), &contacts());
    let numbers: Vec<&str> = html.split("tel:").skip(1).map(|t| t.split('"').next().unwrap()).collect();
    assert_eq!(numbers, ["07590000001", "12345", "12388"]);
}

#[test]
fn figures_add_up_and_a_close_that_agrees_says_nothing() {
    let unit = verified(vec![
        opening(1, 48_850_050),
        voucher(2, "income", 3_600_000, &[]),
        voucher(3, "expense", 128_640, &[]),
        voucher(4, "transfer", 999, &[]),
        close(5, [48_850_050, 3_600_000, 128_640, 52_321_410]),
    ]);
    let account = Account::of_all(&unit);
    assert_eq!((account.income, account.expense, account.left), (3_600_000, 128_640, Some(52_321_410)));
    assert_eq!((account.reach, account.findings.as_slice()), (Reach::All, &[][..]));
    let html = phone::holds(Lang::Zh, &unit, Code::Ok);
    for text in ["36,000 元", "1,286.40 元", "523,214.10 元", "2026年8月的账"] {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn a_close_that_does_not_add_up_is_told() {
    let unit =
        verified(vec![opening(1, 1_000), voucher(2, "expense", 300, &[]), close(3, [1_000, 0, 400, 500])]);
    let account = Account::of_all(&unit);
    let findings = [Finding::Close { counted: 700, stated: 500 }, Finding::Flows { income: 0, expense: 400 }];
    assert_eq!(account.findings, findings);
    assert_eq!(account.left, Some(500));
}

#[test]
fn a_correction_is_shown_old_beside_new_and_counts_where_it_stands() {
    let july = [("period", "2026-07"), ("occurred", "2026-07-03")];
    let unit = verified(vec![
        opening(1, 1_000_000),
        voucher(2, "expense", 486_000, &july),
        correction(3, 2, 486_000, 846_000, &[]),
    ]);
    let account = Account::of_all(&unit);
    assert_eq!((account.income, account.expense, account.left), (0, 360_000, Some(154_000)));
    assert_eq!(account.earlier.len(), 1);
    let html = phone::holds(Lang::Zh, &unit, Code::OkUnwitnessed);
    for text in ["<del>4,860 元</del>", "<ins>8,460 元</ins>", "录入数字颠倒", "这笔账后来更正过"]
    {
        assert!(html.contains(text), "{text} in {html}");
    }
}

#[test]
fn a_correction_of_what_is_not_here_is_told_and_not_counted() {
    let unit = verified(vec![voucher(7, "expense", 100, &[]), correction(8, 2, 486_000, 846_000, &[])]);
    let account = Account::of_all(&unit);
    assert_eq!((account.expense, account.left), (100, None));
    assert_eq!(account.findings, [Finding::Earlier { seq: 8, target: 2, difference: 360_000 }]);
    assert_eq!(account.reach, Reach::Since(LOGGED));
    assert!(phone::holds(Lang::Zh, &unit, Code::Ok).contains("这一期可能不全"));
}

#[test]
fn a_period_is_complete_when_what_was_logged_before_lies_before_its_first_day() {
    let october = [("period", "2026-10"), ("occurred", "2026-10-02")];
    let unit = verified(vec![voucher(7, "income", 100, &october)]);
    assert_eq!(Account::of_all(&unit).reach, Reach::Period(LOGGED));
}

#[test]
fn nothing_of_an_entry_is_taken_for_html() {
    let evil = "<script>alert(1)</script>\"'&";
    let body = r#"{"subject":"<b>","text":["<img src=x onerror=alert(1)>"]}"#;
    let mut unit = verified(vec![entry(1, "notice", body, &[("title", evil), ("summary", evil)])]);
    if let Some(profile) = &mut unit.profile {
        profile.name = evil.to_owned();
        profile.contacts = vec![(evil.to_owned(), evil.to_owned())];
    }
    for html in [
        Shell { scripts: true, ..Shell::default() }.unit(&unit, Code::OkUnwitnessed),
        phone::holds(Lang::Zh, &unit, Code::StaleHead),
        phone::failed(Lang::Zh, &Verdict::new(Code::FailedSeal, evil), &[(evil.to_owned(), evil.to_owned())]),
        Shell::default().home(&Home {
            units: vec![HomeUnit { unit: UNIT, name: evil, parent: Some(evil), count: 1 }],
            unwitnessed: true,
        }),
    ] {
        assert!(
            !html.contains("<script>alert") && !html.contains("<img") && !html.contains("<b>\""),
            "{html}"
        );
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }
}

#[test]
fn facts_are_what_a_page_that_knew_less_must_have_shown() {
    let entries = vec![opening(1, 1_000), voucher(2, "income", 500, &[]), voucher(3, "expense", 200, &[])];
    let whole = verified(entries.clone());
    let early = Shell::default().unit(&verified(entries[..2].to_vec()), Code::OkUnwitnessed);
    let facts = phone::facts(Lang::Zh, &whole, 1, 2).unwrap();
    assert!(early.contains(&facts), "{facts}\n\n{early}");
    assert!(phone::facts(Lang::Zh, &whole, 1, 4).is_none(), "more entries than are verified");
}

#[test]
fn contacts_are_remembered_as_they_were() {
    let text = views::write_contacts(&contacts());
    assert_eq!(views::read_contacts(&format!("{text}no tab\n")), contacts());
    assert_eq!(views::contacts_of(&verified(Vec::new())), Vec::new(), "profiles come from the registry");
}
