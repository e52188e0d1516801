//! Soft rules (S-01 to S-25): an entry on each side of every rule, and what is found is told in full.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

#[path = "support/book.rs"]
mod book;

use book::*;
use ledger::rules::{FindingCode as F, Said};

#[test]
fn s01_a_stated_balance_follows() {
    let mut book = Book::open(10_000);
    book.pay("2026-01-05", "记-0001", "income", 500, r#","balance":10500"#);
    book.pay("2026-01-06", "记-0002", "expense", 300, "");
    book.pay("2026-01-06", "记-0003", "transfer", 9_000, r#","balance":10200"#);
    let body = voucher("记-0004", "expense", 200, r#","balance":10001"#);
    let found = book.add("voucher", &on("2026-01-07"), &body);
    assert_eq!(found, [(F::Balance, "body.balance", fen([10_001, 10_000]))]);
    // Each break shows once: what follows from the stated balance is quiet.
    book.pay("2026-01-08", "记-0005", "income", 99, r#","balance":10100"#);
    assert_eq!(book.facts.left(), Some(10_100));
}

#[test]
fn s01_corrections_move_the_balance_where_they_stand() {
    let mut book = Book::open(10_000);
    let wrong = book.pay("2026-01-05", "1", "expense", 300, r#","balance":9700"#);
    book.pay("2026-01-06", "2", "income", 50, r#","balance":9750"#);
    book.quiet("correction", &on("2026-02-01"), &fix(wrong, "body.amount", 300, 800));
    book.pay("2026-02-02", "3", "income", 50, r#","balance":9300"#);
    assert_eq!(book.facts.flows(Some(ledger::time::Period::parse("2026-01").unwrap())), (50, 300));
    assert_eq!(book.facts.flows(Some(ledger::time::Period::parse("2026-02").unwrap())), (50, 500));
    // It came in, it did not go out.
    book.quiet(
        "correction",
        &on("2026-02-03"),
        &correction(wrong, &[("body.direction", "expense".into(), "income".into())]),
    );
    let last = book.pay("2026-02-04", "4", "income", 1, r#","balance":10901"#);
    // The newest stated balance was mistyped; an older one, corrected, moves nothing any more.
    book.quiet("correction", &on("2026-02-05"), &fix(last, "body.balance", 10_901, 10_909));
    book.quiet("correction", &on("2026-02-05"), &fix(wrong, "body.balance", 9_700, 9_777));
    book.pay("2026-02-06", "5", "income", 1, r#","balance":10910"#);
    // The opening was mistyped, but balances have been stated since.
    book.quiet("correction", &on("2026-02-07"), &fix(1, "body.amount", 10_000, 90_000));
    assert_eq!(book.facts.left(), Some(10_910));
    let mut book = Book::open(10_000);
    book.quiet("correction", &on("2026-02-07"), &fix(1, "body.amount", 10_000, 90_000));
    assert_eq!(book.facts.left(), Some(90_000));
}

#[test]
fn s01_what_was_replaced_counts_no_more() {
    let mut book = Book::open(10_000);
    let old = book.pay("2026-01-05", "1", "expense", 300, "");
    let new = book.pay("2026-01-05", "2", "expense", 400, "");
    book.quiet("supersede", &on("2026-01-06"), &supersede(old, new));
    book.pay("2026-01-07", "3", "income", 0, r#","balance":9600"#);
    // A replacement that states the balance after both has counted it already.
    let new = book.add("voucher", &on("2026-01-08"), &voucher("4", "expense", 1, r#","balance":9999"#));
    assert_eq!(new, [(F::Balance, "body.balance", fen([9_999, 9_599]))]);
    book.quiet("supersede", &on("2026-01-08"), &supersede(3, book.seq));
    assert_eq!(book.facts.left(), Some(9_999));
}

fn close(opening: i64, income: i64, expense: i64, closing: i64) -> String {
    format!(r#"{{"opening":{opening},"income":{income},"expense":{expense},"closing":{closing}}}"#)
}

#[test]
fn s02_s03_s04_s05_closes() {
    let mut book = Book::open(10_000);
    book.pay("2026-01-05", "1", "income", 500, "");
    book.pay("2026-01-06", "2", "expense", 200, "");
    // An entry of February is logged before January is closed: it does not count in January.
    book.pay("2026-02-01", "3", "expense", 1, "");
    book.quiet("period_close", &of("2026-01"), &close(10_000, 500, 200, 10_300));
    assert_eq!(book.facts.left(), Some(10_299));
    book.pay("2026-02-07", "4", "income", 101, "");
    let found = book.add("period_close", &of("2026-02"), &close(10_301, 101, 2, 10_401));
    assert_eq!(
        found,
        [
            (F::CloseSum, "body.closing", fen([10_401, 10_400])),
            (F::Opening, "body.opening", fen([10_301, 10_300])),
            (F::Flows, "body.income", fen([101, 2, 101, 1])),
            (F::Close, "body.closing", fen([10_401, 10_400])),
        ]
    );
    // A close of only a closing; a quarter after its months; the stated balance goes on.
    book.quiet("period_close", &of("2026-03"), r#"{"closing":10401}"#);
    book.quiet(
        "period_close",
        &of("2026-Q1"),
        &close(10_000, 601, 201, 10_401).replace(",\"expense\":201", ""),
    );
    let found = book.add("period_close", &of("2026-Q1"), &close(10_000, 601, 201, 10_400));
    assert_eq!(found, [(F::Close, "body.closing", fen([10_400, 10_401]))]);
    // The earlier close is corrected: the next opening is held against what it says now.
    let february = 7;
    book.quiet("correction", &on("2026-04-01"), &fix(february, "body.closing", 10_401, 10_400));
    let found = book.add("period_close", &of("2026-03"), &close(10_400, 0, 0, 10_400));
    assert_eq!(found, []);
}

/// An entry without any date counts in the month in which it was logged.
#[test]
fn s05_s23_entries_without_any_date() {
    let mut book = Book::open(10_000);
    let found = book.add("voucher", "", &voucher("1", "income", 7, ""));
    assert_eq!(found, [(F::Undated, "occurred", vec![])]);
    book.quiet("voucher", &of("2026-04"), &voucher("2", "income", 1, ""));
    let april = ledger::time::Period::parse("2026-04");
    assert_eq!((book.facts.flows(april), book.facts.flows(None)), ((8, 0), (8, 0)));
    let found = book.add("period_close", &of("2026-03"), &close(10_000, 1, 0, 10_001));
    let flows = (F::Flows, "body.income", fen([1, 0, 0, 0]));
    assert_eq!(found, [flows, (F::Close, "body.closing", fen([10_001, 10_000]))]);
    book.quiet("period_close", &of("2026-04"), &close(10_001, 8, 0, 10_009));
    // Its number counts in that year.
    let found = book.add("voucher", "", &voucher("4", "income", 7, ""));
    assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), [F::VoucherGap, F::Undated, F::AfterClose]);
}

/// What is left is not set anew without a word.
#[test]
fn s02_a_second_opening_balance() {
    let mut book = Book::open(10_000);
    book.pay("2026-01-05", "1", "expense", 1_000, "");
    let open =
        |amount: i64| format!(r#"{{"accounts":[{{"account":"bank","amount":{amount}}}],"amount":{amount}}}"#);
    let found = book.add("opening_balance", &on("2026-02-01"), &open(4_000));
    assert_eq!(found, [(F::Opening, "body.amount", fen([4_000, 9_000]))]);
    // It holds from there on; the next one follows.
    book.quiet("period_close", &of("2026-02"), &close(4_000, 0, 0, 4_000));
    book.pay("2026-03-02", "2", "income", 5, "");
    book.quiet("opening_balance", &on("2026-03-01"), &open(4_000));
    book.quiet("opening_balance", "", &open(4_005));
    assert_eq!(book.add("opening_balance", "", &open(4_004)).len(), 1);
    // Payments before any statement don't say what is left.
    let mut book = Book::new();
    book.pay("2026-01-05", "1", "expense", 1_000, "");
    book.quiet("opening_balance", &on("2026-02-01"), &open(4_000));
}

#[test]
fn s25_cash_in_hand() {
    let mut book = Book::new();
    let close = |cash: i64| format!(r#"{{"closing":900000,"cash":{cash}}}"#);
    book.quiet("period_close", &of("2026-01"), &close(500_000));
    let found = book.add("period_close", &of("2026-01"), &close(500_001));
    assert_eq!(found, [(F::CashHolding, "body.cash", fen([500_001, 500_000]))]);
    book.limits.cash_holding = 10;
    assert_eq!(book.add("period_close", &of("2026-01"), &close(11))[0].2, fen([11, 10]));
}

/// What is not judged again is named: dates, keys, numbers; neither texts nor what is counted anew.
#[test]
fn s22_corrections_of_what_was_judged() {
    let mut book = Book::open(10_000);
    let paid = book.pay("2026-01-05", "记-0001", "income", 5, "");
    let trade = r#"{"subject_kind":"works","subject":"x","method":"tender","bidders":9,"price":1}"#;
    let trade = book.quiet("trade", "", trade);
    for (target, path, old, new, found) in [
        (trade, "body.method", "tender".into(), "direct".into(), true),
        (trade, "body.bidders", 9.into(), 1.into(), true),
        (trade, "body.term.to", "2026-01-01".into(), "2099-01-01".into(), true),
        (trade, "posting.to", "2026-01-01".into(), "2026-01-02".into(), true),
        (trade, "body.passed", false.into(), true.into(), true),
        (trade, "body.subject", "虾塘".into(), "鱼塘".into(), false),
        (paid, "occurred", "2026-01-05".into(), "2026-02-05".into(), true),
        (paid, "body.contract_no", "A".into(), "B".into(), true),
        (paid, "body.lines.0.amount", 5.into(), 6.into(), false),
        (paid, "body.amount", 5.into(), 6.into(), false),
        (paid, "body.voucher_no", "记-0001".into(), "记-0002".into(), false),
        (paid, "body.method", "transfer".into(), "cash".into(), false),
    ] {
        let fields: [(&str, ledger::json::Value, ledger::json::Value); 1] = [(path, old, new)];
        let told = book.add("correction", "", &correction(target, &fields));
        let wanted = found.then(|| (F::Recheck, "body.fields", counts([target as i64])));
        assert_eq!(told, wanted.into_iter().collect::<Vec<_>>(), "{path}");
    }
}

#[test]
fn s06_numbers_are_missing() {
    let mut book = Book::new();
    // What went before the ledger began is not known.
    book.pay("2026-01-05", "记-0007", "income", 1, "");
    book.pay("2026-01-05", "记-0008", "income", 1, "");
    book.pay("2026-01-05", "收-1", "income", 1, "");
    let gap =
        |book: &mut Book, day: &str, no: &str| book.add("voucher", &on(day), &voucher(no, "income", 1, ""));
    let missing = |from: &str, to: &str| {
        let values = vec![Said::Text(from.into()), Said::Text(to.into())];
        vec![(F::VoucherGap, "body.voucher_no", values)]
    };
    assert_eq!(gap(&mut book, "2026-01-06", "记-0010"), missing("记-0009", "记-0009"));
    assert_eq!(gap(&mut book, "2026-01-06", "记-0014"), missing("记-0011", "记-0013"));
    // What comes late fills the gap.
    for no in ["记-0012", "记-0015", "收-2", "记-甲", "记-99999999999999999999999"] {
        assert_eq!(gap(&mut book, "2026-01-07", no), []);
    }
    // A correction is booked by a voucher of its own.
    let fixed = fix(1, "body.amount", 1, 2).replace("录入错误\"", "录入错误\",\"voucher_no\":\"记-0016\"");
    assert_eq!(book.add("correction", &on("2026-01-08"), &fixed), []);
    assert_eq!(gap(&mut book, "2026-01-08", "记-0017"), []);
    // Full-width digits are digits.
    assert_eq!(gap(&mut book, "2026-01-09", "记-００１９"), missing("记-0018", "记-0018"));
    // The next year begins at 1, and so is held against it; another prefix is another series.
    assert_eq!(gap(&mut book, "2027-01-05", "收-0001"), []);
    assert_eq!(gap(&mut book, "2027-01-05", "记-0002"), missing("记-0001", "记-0001"));
    assert_eq!(gap(&mut book, "2027-01-05", "付-0002"), []);
    // A number that was mistyped and corrected does not end the series.
    let typo = book.seq + 1;
    assert_eq!(gap(&mut book, "2027-01-06", "付-9999"), missing("付-0003", "付-9998"));
    let body = correction(typo, &[("body.voucher_no", "付-9999".into(), "付-0003".into())]);
    book.quiet("correction", &on("2027-01-07"), &body);
    assert_eq!(gap(&mut book, "2027-01-08", "付-0005"), missing("付-0004", "付-0004"));
}

#[test]
fn s07_a_number_stands_twice() {
    let mut book = Book::new();
    let first = book.pay("2026-01-05", "记-0001", "income", 1, "") as i64;
    book.pay("2027-01-05", "记-0001", "income", 1, "");
    book.pay("2026-01-05", "付-0001", "income", 1, "");
    let repeat = |no: &str, earlier: i64| {
        vec![(F::VoucherRepeat, "body.voucher_no", vec![Said::Text(no.into()), Said::Count(earlier)])]
    };
    let add =
        |book: &mut Book, no: &str| book.add("voucher", &on("2026-02-05"), &voucher(no, "income", 1, ""));
    let renumber = |book: &mut Book, seq: u64, from: &str, to: &str| {
        let body = correction(seq, &[("body.voucher_no", from.into(), to.into())]);
        book.add("correction", &on("2026-02-06"), &body)
    };
    assert_eq!(add(&mut book, "记-0001"), repeat("记-0001", first)); // 4
    // Corrected, it has the other number, and no longer this one.
    assert_eq!(renumber(&mut book, 4, "记-0001", "记-0002"), []);
    assert_eq!(add(&mut book, "记-0002"), repeat("记-0002", 4)); // 6
    // Of two that had a number, the other has it still.
    assert_eq!(renumber(&mut book, 4, "记-0002", "记-0003"), []);
    assert_eq!(add(&mut book, "记-0002"), repeat("记-0002", 6)); // 8
    // A correction can make a repeat, too; the later of two is named.
    assert_eq!(renumber(&mut book, 6, "记-0002", "记-0003"), repeat("记-0003", 4));
    assert_eq!(add(&mut book, "记-0004"), []); // 10
    assert_eq!(renumber(&mut book, 8, "记-0002", "记-0004"), repeat("记-0004", 10));
    assert_eq!(add(&mut book, "记-0004"), repeat("记-0004", 10));
    // Numbers that don't end in digits are the same when they are spelled the same.
    for no in ["记-0004号", "记-甲", "记-99999999999999999999999"] {
        assert_eq!(add(&mut book, no), []);
        assert_eq!(add(&mut book, no), repeat(no, book.seq as i64 - 1));
    }
    assert_eq!(add(&mut book, "记-0005号"), []);
    assert_eq!(add(&mut book, "记-０００４"), repeat("记-０００４", 12));
}

#[test]
fn s08_a_voucher_of_a_closed_period() {
    let mut book = Book::open(0);
    let close = book.quiet("period_close", &of("2026-01"), r#"{"closing":0}"#) as i64;
    for head in [on("2026-02-01"), on("2025-12-31"), of("2026-02") + &on("2026-01-31")] {
        book.quiet("voucher", &head, &voucher("x", "transfer", 1, ""));
    }
    for (head, field) in [
        (on("2026-01-31"), "occurred"),
        (of("2026-01"), "period"),
        (of("2026-Q1") + &on("2026-01-01"), "occurred"),
    ] {
        let found = book.add("voucher", &head, &voucher("x", "transfer", 1, ""));
        assert_eq!(found, [(F::AfterClose, field, counts([close]))], "{head}");
    }
    // What has no date counts in the month in which it was logged.
    let undated = (F::Undated, "occurred", vec![]);
    let body = || voucher("x", "transfer", 1, "");
    assert_eq!(book.add("voucher", "", &body()), std::slice::from_ref(&undated));
    let april = book.quiet("period_close", &of("2026-04"), r#"{"closing":0}"#) as i64;
    let closed = (F::AfterClose, "occurred", counts([april]));
    assert_eq!(book.add("voucher", "", &body()), [undated, closed]);
    // A correction stands in the period it is made in, and is no voucher; a close that was replaced closes nothing.
    book.quiet("correction", &on("2026-01-31"), &fix(4, "body.amount", 1, 2));
    let other = book.quiet("period_close", &of("2026-03"), r#"{"closing":0}"#);
    book.quiet("supersede", &on("2026-04-01"), &supersede(close as u64, other));
    book.quiet("voucher", &on("2026-01-31"), &voucher("x", "transfer", 1, ""));
}

const RECEIVABLE: &str = r#"{"side":"payable","counterparty":{"kind":"company","name":"湛江市××路桥工程队"},"balance":4320000,"age":"4年以上","account":"211 应付款"}"#;

#[test]
fn s09_nothing_happened_and_something_did() {
    let mut book = Book::new();
    let zero = |classes: &str| format!(r#"{{"classes":[{classes}]}}"#);
    book.pay("2026-01-31", "1", "income", 1, "");
    book.pay("2026-02-05", "2", "income", 1, "");
    let latest = book.pay("2026-02-05", "3", "income", 1, "") as i64;
    // Another month, another class; a close of nothing is no activity.
    book.quiet("period_close", &of("2026-03"), r#"{"closing":3}"#);
    let finance = book.quiet("statement_of_no_activity", &of("2026-03"), &zero(r#""finance""#)) as i64;
    book.quiet("statement_of_no_activity", &of("2026-02"), &zero(r#""party","village""#));
    let found = book.add("statement_of_no_activity", &of("2026-Q1"), &zero(r#""village","finance""#));
    assert_eq!(found, [(F::NotZero, "body.classes", counts([latest]))]);
    // The other order.
    let dues = r#"{"matter":"dues","text":["x"]}"#;
    book.quiet("party_notice", &on("2026-03-05"), dues);
    assert_eq!(
        book.add("party_notice", &on("2026-02-28"), dues),
        [(F::NotZero, "occurred", counts([finance + 1]))]
    );
    let list = r#"{"policy":"x","count":1,"amount":1}"#;
    let found = book.add("payment_list", &of("2026-03"), list);
    assert_eq!(found, [(F::NotZero, "period", counts([finance + 2]))]);
    book.quiet("payment_list", &on("2026-04-01"), list);
    book.quiet("payment_list", "", list);
    // Contracts, trades and what they bring are finance.
    for (kind, body) in [
        ("trade", r#"{"subject_kind":"works","subject":"x","method":"tender"}"#),
        ("asset_event", r#"{"name":"x","event":"scrap"}"#),
        ("project", r#"{"name":"x"}"#),
        ("receivable_payable", RECEIVABLE),
    ] {
        let found = book.add(kind, &on("2026-03-07"), body);
        assert_eq!(found, [(F::NotZero, "occurred", counts([finance + 2]))], "{kind}");
        book.quiet(kind, &on("2026-04-07"), body);
    }
    // The same said again: the newer is named.
    let again = book.add("statement_of_no_activity", &of("2026-03"), &zero(r#""finance""#));
    assert_eq!(again.len(), 1);
    let found = book.add("payment_list", &of("2026-03"), list);
    assert_eq!(found, [(F::NotZero, "period", counts([book.seq as i64 - 1]))]);
}

#[test]
fn s10_posted_for_too_few_days() {
    let mut book = Book::new();
    book.limits.posting = vec![("D02".into(), 5)];
    let notice = r#"{"text":["x"]}"#;
    let mut posted = |item: &str, to: &str| {
        let head = format!(r#"{item}"posting":{{"from":"2026-03-01","to":"{to}"}},"#);
        book.add("notice", &head, notice)
    };
    let short = |days, wanted| vec![(F::PostingShort, "posting", counts([days, wanted]))];
    assert_eq!(posted("", "2026-03-15"), []);
    assert_eq!(posted("", "2026-03-14"), short(14, 15));
    assert_eq!(posted(r#""item":"F03","#, "2026-03-05"), short(5, 15));
    assert_eq!(posted(r#""item":"D02","#, "2026-03-05"), []);
    assert_eq!(posted(r#""item":"D02","#, "2026-03-04"), short(4, 5));
    book.quiet("notice", "", notice);
}

#[test]
fn s11_s12_quorum_and_majority() {
    let mut book = Book::new();
    // organ, eligible, present, for; quorum wanted, majority wanted (0: nothing found).
    let table = [
        ("villager_representatives", 28, 19, 10, 0, 0),
        ("villager_representatives", 28, 18, 10, 19, 0),
        ("villager_representatives", 30, 20, 11, 0, 0),
        ("villager_representatives", 30, 20, 10, 0, 11),
        ("villager_representatives", 28, 17, 17, 19, 0),
        ("villagers_meeting", 100, 51, 26, 0, 0),
        ("villagers_meeting", 100, 50, 26, 51, 0),
        ("villagers_meeting", 101, 51, 25, 0, 26),
        ("member_representatives", 30, 20, 20, 0, 0),
        ("member_representatives", 30, 30, 19, 0, 20),
        ("member_representatives", 31, 25, 20, 0, 21),
        ("members_meeting", 300, 200, 200, 0, 0),
        ("members_meeting", 300, 199, 199, 200, 200),
        ("members_meeting", 300, 300, 199, 0, 200),
        ("members_meeting", 0, 0, 0, 0, 0),
    ];
    for (organ, eligible, present, votes, quorum, majority) in table {
        let track = if organ.starts_with("village") { "village" } else { "collective" };
        let body = |passed: bool| {
            format!(
                r#"{{"resolution_no":"x","track":"{track}","organ":"{organ}","held_on":"2026-01-10","motion":"m","eligible":{eligible},"present":{present},"for":{votes},"against":0,"abstain":0,"passed":{passed}}}"#
            )
        };
        let mut wanted = Vec::new();
        if quorum > 0 {
            wanted.push((F::Quorum, "body.present", counts([present, quorum])));
        }
        if majority > 0 {
            wanted.push((F::Majority, "body.for", counts([votes, majority])));
        }
        assert_eq!(book.add("resolution", "", &body(true)), wanted, "{organ} {eligible} {present} {votes}");
        book.quiet("resolution", "", &body(false));
    }
}

/// Who is there by proxy votes; among the collective's members such a one is present (S-11, S-12).
#[test]
fn s11_s12_proxies() {
    let mut book = Book::new();
    for (organ, present, proxies, votes, wanted) in [
        ("members_meeting", 150, 50, 200, vec![]),
        ("members_meeting", 150, 49, 199, vec![F::Quorum, F::Majority]),
        ("villagers_meeting", 151, 9, 81, vec![]),
        ("villagers_meeting", 151, 9, 80, vec![F::Majority]),
        ("villagers_meeting", 150, 9, 80, vec![F::Quorum]),
    ] {
        let track = if organ.starts_with("village") { "village" } else { "collective" };
        let body = format!(
            r#"{{"resolution_no":"x","track":"{track}","organ":"{organ}","held_on":"2026-01-10","motion":"m","eligible":300,"present":{present},"proxies":{proxies},"for":{votes},"against":0,"abstain":0,"passed":true}}"#
        );
        let found: Vec<F> = book.add("resolution", "", &body).into_iter().map(|f| f.0).collect();
        assert_eq!(found, wanted, "{organ} {present} {proxies} {votes}");
    }
}

/// The collective's property is for its members to decide on, or for all villagers; the majority is that of the track.
#[test]
fn s21_meetings_that_do_not_decide_on_a_track() {
    let mut book = Book::new();
    for (track, organ, votes, wanted) in [
        ("village", "villager_representatives", 16, vec![]),
        ("collective", "member_representatives", 20, vec![]),
        ("village", "member_representatives", 16, vec![(F::Organ, "body.organ", vec![])]),
        ("village", "members_meeting", 16, vec![(F::Organ, "body.organ", vec![])]),
        ("collective", "villager_representatives", 20, vec![(F::Organ, "body.organ", vec![])]),
        ("collective", "villagers_meeting", 19, vec![(F::Majority, "body.for", counts([19, 20]))]),
        ("collective", "villagers_meeting", 20, vec![]),
    ] {
        let body = format!(
            r#"{{"resolution_no":"x","track":"{track}","organ":"{organ}","held_on":"2026-01-10","motion":"m","eligible":30,"present":30,"for":{votes},"against":0,"abstain":0,"passed":true}}"#
        );
        assert_eq!(book.add("resolution", "", &body), wanted, "{track} {organ}");
    }
}

#[test]
fn s13_s24_terms_too_long_and_without_an_end() {
    let mut book = Book::new();
    let lease = |term: &str| {
        format!(r#"{{"name":"旧小学","event":"lease","price":1,"term":{term},"resolution_no":"x"}}"#)
    };
    for (term, months) in [
        (r#"{"months":240}"#, 0),
        (r#"{"months":241}"#, 241),
        (r#"{"from":"2026-01-10","to":"2046-01-09"}"#, 0),
        (r#"{"from":"2026-01-10","to":"2046-01-10"}"#, 0),
        (r#"{"from":"2026-01-10","to":"2046-01-11"}"#, 241),
        (r#"{"from":"2026-01-31","to":"2046-02-28"}"#, 241),
        (r#"{"from":"2026-01-10","to":"2061-01-09","months":60}"#, 420),
        // Only an end: from the day on which it was logged.
        (r#"{"to":"2046-04-10"}"#, 0),
        (r#"{"to":"2026-01-01"}"#, 0),
        (r#"{"from":"2026-01-10","to":"2026-01-10"}"#, 0),
        (r#"{"to":"2099-01-01"}"#, 873),
    ] {
        let found = book.add("asset_event", "", &lease(term));
        let wanted = (months > 0).then(|| (F::LeaseTerm, "body.term", counts([months, 240])));
        assert_eq!(found, wanted.into_iter().collect::<Vec<_>>(), "{term}");
    }
    let open = [(F::OpenTerm, "body.term", vec![])];
    assert_eq!(book.add("asset_event", "", &lease(r#"{"from":"2026-01-10"}"#)), open);
    // Land is contracted for longer (农村土地承包法 art. 21).
    let land = |months: i64| {
        format!(
            r#"{{"subject_kind":"resource","subject":"x","method":"listing","term":{{"months":{months}}}}}"#
        )
    };
    book.quiet("trade", "", &land(840));
    assert_eq!(book.add("trade", "", &land(841)), [(F::LeaseTerm, "body.term", counts([841, 840]))]);
    let found = book.add("trade", "", &land(241).replace("resource", "asset"));
    assert_eq!(found, [(F::LeaseTerm, "body.term", counts([241, 240]))]);
}
