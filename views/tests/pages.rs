//! Pages from verified data: every code in every language, figures, corrections, and nothing taken for HTML.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::rules::FindingCode;
use ledger::verdict::{Code, Level, Verdict};
use support::{LOGGED, UNIT, close, contacts, correction, entry, opening, verified, voucher};
use views::account::{Account, Reach, Shown};
use views::{Home, HomeUnit, Lang, Names, Shell, phone};

/// What should be looked at, and beside which entry.
fn told(account: &Account<'_>) -> Vec<(FindingCode, u64)> {
    let shown = account.earlier.iter().chain(&account.current);
    shown.flat_map(|s| &s.findings).map(|f| (f.code, f.seq)).collect()
}

fn numbers(shown: &[Shown<'_>]) -> Vec<u64> {
    shown.iter().map(|s| s.verified.line.seq).collect()
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
                assert!(
                    html.contains(lang.verdict(*code).title)
                        && html.contains(lang.words().limits().get("1").unwrap())
                );
            }
        }
    }
}

#[test]
fn a_ledger_without_witnesses_says_so_on_every_page() {
    let unit = verified(vec![opening(1, 100)]);
    for lang in Lang::ALL {
        let said = lang.words().no_witnesses();
        for scripts in [false, true] {
            let shell = Shell { lang: *lang, scripts };
            assert!(shell.unit(&unit, Code::OkUnwitnessed, &Names::coming(Lang::Zh)).contains(said));
            assert!(!shell.unit(&unit, Code::OkFirstVisit, &Names::coming(Lang::Zh)).contains(said));
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
    assert_eq!((account.reach, told(&account)), (Reach::All, Vec::new()));
    let html = phone::holds(Lang::Zh, &unit, Code::Ok);
    for text in ["36,000 元", "1,286.40 元", "523,214.10 元", "2026年8月的账"] {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn a_close_that_does_not_add_up_is_told_beside_it_and_at_the_top() {
    let unit =
        verified(vec![opening(1, 1_000), voucher(2, "expense", 300, &[]), close(3, [1_000, 0, 400, 500])]);
    let account = Account::of_all(&unit);
    let told = told(&account);
    for code in [FindingCode::CloseSum, FindingCode::Flows, FindingCode::Close] {
        assert!(told.contains(&(code, 3)), "{code} in {told:?}");
    }
    assert_eq!(account.left, Some(500), "the stated one holds on");
    let html = phone::holds(Lang::Zh, &unit, Code::Ok);
    for text in ["有 1 笔账需要看一下", "结账写的是还剩 5 元，一笔一笔算下来是 7 元。", "href=\"#e3\""]
    {
        assert!(html.contains(text), "{text} in {html}");
    }
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
fn the_list_of_a_period_holds_what_its_sums_count() {
    let dated = |seq, fen, period, occurred| {
        voucher(seq, "expense", fen, &[("period", period), ("occurred", occurred)])
    };
    let quarter = [dated(1, 100, "2026-Q1", "2026-02-05"), dated(2, 200, "2026-Q1", "2026-03-05")];
    // Beside a month's entry: of the quarter's, those that occurred in that month.
    let mut entries = quarter.to_vec();
    entries.push(dated(3, 400, "2026-03", "2026-03-31"));
    let unit = verified(entries);
    let account = Account::of_all(&unit);
    assert_eq!(account.expense, 600);
    assert_eq!((numbers(&account.current), numbers(&account.earlier)), (vec![2, 3], vec![1]));
    // A book by quarters is shown by quarters.
    let unit = verified(quarter.to_vec());
    let account = Account::of_all(&unit);
    assert_eq!((account.period, account.expense), (ledger::time::Period::parse("2026-Q1"), 300));
    assert_eq!((numbers(&account.current), numbers(&account.earlier)), (vec![1, 2], vec![]));
}

#[test]
fn the_account_of_a_long_book_takes_a_time_that_grows_with_its_length() {
    const COUNT: u64 = 40_000;
    let staged = |seq: u64| {
        let body = format!(r#"{{"text":["x"],"process":{{"id":"p{}","stage":"propose"}}}}"#, seq % 100);
        entry(seq, "notice", &body, &[])
    };
    let fields = r#""fields":[{"path":"body.text.0","old":"x","new":"y"}],"reason":"typo","explanation":"x""#;
    let corrected = |seq: u64| {
        let body = format!(r#"{{"target":{{"seq":{},"leaf":"x"}},{fields}}}"#, seq - COUNT);
        entry(seq, "correction", &body, &[])
    };
    let unit = verified((1..=COUNT).map(staged).chain((COUNT + 1..=2 * COUNT).map(corrected)).collect());
    let begun = std::time::Instant::now();
    let account = Account::of_all(&unit);
    // Each entry held against each other one would be 3 billion steps.
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    let new = |s: &Shown<'_>| s.changes.len() == 1 && s.json.at_path("body.text.0") == Some(&"y".into());
    assert_eq!(account.current.iter().filter(|s| new(s)).count() as u64, COUNT);
    assert_eq!(account.lines.get(&"p7".to_owned())[0].by.len() as u64, COUNT / 100);
}

#[test]
fn a_correction_of_what_is_not_here_is_told_and_not_counted() {
    let unit = verified(vec![voucher(7, "expense", 100, &[]), correction(8, 2, 486_000, 846_000, &[])]);
    let account = Account::of_all(&unit);
    assert_eq!((account.expense, account.left), (100, None));
    assert_eq!(told(&account), [(FindingCode::Unknown, 8)]);
    assert_eq!(account.reach, Reach::Since(LOGGED));
    let html = phone::holds(Lang::Zh, &unit, Code::Ok);
    assert!(html.contains("这一期可能不全") && html.contains("被更正的第 2 号不在这一页"), "{html}");
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
        Shell { scripts: true, ..Shell::default() }.unit(
            &unit,
            Code::OkUnwitnessed,
            &Names::coming(Lang::Zh),
        ),
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
    let early = Shell::default().unit(
        &verified(entries[..2].to_vec()),
        Code::OkUnwitnessed,
        &Names::coming(Lang::Zh),
    );
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
