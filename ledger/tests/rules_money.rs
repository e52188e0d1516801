//! Soft rules over contracts and large amounts (S-14 to S-17), what a part of a book finds (S-18, S-20), and that
//! nothing is refused for it (S-19).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

#[path = "support/book.rs"]
mod book;
mod support;

use book::*;
use ledger::rules::{Facts, FindingCode as F, Limits};

fn contract(no: &str, more: &str) -> String {
    format!(
        r#"{{"contract_no":"{no}","subject_kind":"resource","subject":"1号虾塘","counterparty":{{"kind":"person"}},"signed_on":"2026-01-10"{more}}}"#
    )
}

fn event(no: &str, event: &str, more: &str) -> String {
    format!(r#"{{"contract_no":"{no}","event":"{event}"{more}}}"#)
}

const DUE: &str = r#","schedule":[{"due":"2026-01-20","amount":60},{"due":"2027-01-20","amount":40}]"#;

fn over(together: i64, due: i64, field: &'static str) -> Vec<Told> {
    vec![(F::OverSchedule, field, fen([together, due]))]
}

#[test]
fn s14_more_than_the_contract_has_due() {
    let mut book = Book::new();
    let rent = |amount, no: &str| voucher("x", "income", amount, &format!(r#","contract_no":"{no}""#));
    // Before the contract stands in the book, nothing is known of it.
    book.quiet("voucher", DAY, &rent(999, "A"));
    book.quiet("contract", "", &contract("A", DUE));
    let first = book.quiet("voucher", DAY, &rent(60, "A"));
    book.quiet("voucher", DAY, &rent(40, "A"));
    book.quiet("voucher", DAY, &rent(50, "B"));
    // The same money, told as events.
    book.quiet("contract_event", "", &event("A", "payment", r#","amount":60"#));
    book.quiet("contract_event", "", &event("A", "payment", r#","amount":40"#));
    book.quiet("contract_event", "", &event("A", "arrears", r#","amount":40"#));
    let found = book.add("contract_event", "", &event("A", "payment", r#","amount":1"#));
    assert_eq!(found, over(101, 100, "body.amount"));
    assert_eq!(book.add("voucher", DAY, &rent(2, "A")), over(102, 100, "body.amount"));
    // A correction upwards is looked at, one downwards is not.
    book.quiet("correction", "", &fix(first, "body.amount", 60, 59));
    assert_eq!(book.add("correction", "", &fix(first, "body.amount", 59, 62)), over(104, 100, "body.fields"));
    // A change of the contract raises what is due.
    let more = DUE.replace("60", "200");
    book.quiet("contract_event", "", &event("A", "amend", &more));
    book.quiet("voucher", DAY, &rent(136, "A"));
    assert_eq!(book.add("voucher", DAY, &rent(1, "A")), over(241, 240, "body.amount"));
    book.quiet("contract_event", "", &event("A", "renew", DUE));
    book.quiet("voucher", DAY, &rent(99, "A"));
    assert_eq!(book.add("voucher", DAY, &rent(1, "A")), over(341, 340, "body.amount"));
    // A change without amounts changes no amount; a renewal without them leaves it open.
    book.quiet("contract_event", "", &event("A", "amend", ""));
    assert_eq!(book.add("voucher", DAY, &rent(1, "A")), over(342, 340, "body.amount"));
    // What is booked back goes down, on whichever side it stands.
    book.quiet("voucher", DAY, &rent(-2, "A"));
    let back = |amount| voucher("x", "expense", amount, r#","contract_no":"A""#);
    assert_eq!(book.add("voucher", DAY, &back(-1)), over(341, 340, "body.amount"));
    book.quiet("contract_event", "", &event("A", "renew", ""));
    book.quiet("voucher", DAY, &rent(9_999, "A"));
}

#[test]
fn s14_what_is_due() {
    let paid = |amount| voucher("x", "expense", amount, r#","contract_no":"A","resolution_no":"r""#);
    for (more, due) in [
        (DUE, Some(100)),
        (r#","total":100"#, Some(100)),
        (&*DUE.replace(",\"sch", ",\"total\":100,\"sch"), Some(100)),
        (r#","total":100,"deposit":10"#, Some(110)),
        ("", None),
    ] {
        let mut book = Book::new();
        book.quiet("contract", "", &contract("A", more));
        book.quiet("voucher", DAY, &paid(due.unwrap_or(9_999)));
        let wanted = due.map(|due| over(due + 1, due, "body.amount")).unwrap_or_default();
        assert_eq!(book.add("voucher", DAY, &paid(1)), wanted, "{more}");
    }
    // A refund counts the other way; a contract corrected or published anew is due what it says now.
    let mut book = Book::new();
    let first = book.quiet("contract", "", &contract("A", DUE));
    book.quiet("voucher", DAY, &paid(100));
    book.quiet("voucher", DAY, &voucher("x", "income", 10, r#","contract_no":"A""#));
    book.quiet("voucher", DAY, &paid(10));
    let found = book.add("correction", "", &fix(first, "body.schedule.0.amount", 60, 65));
    assert_eq!(found, [(F::Recheck, "body.fields", counts([first as i64]))]);
    book.quiet("voucher", DAY, &paid(5));
    assert_eq!(book.add("voucher", DAY, &paid(1)), over(106, 105, "body.amount"));
    // Published again, it has the same payments; a correction of what it replaced moves nothing.
    let again = book.quiet("contract", "", &contract("A", &DUE.replace("60", "67")));
    book.add("correction", "", &fix(first, "body.schedule.0.amount", 65, 99));
    book.quiet("voucher", DAY, &paid(1));
    assert_eq!(book.add("voucher", DAY, &paid(1)), over(108, 107, "body.amount"));
    book.quiet("supersede", "", &supersede(first, again));
    assert_eq!(book.add("voucher", DAY, &paid(1)), over(109, 107, "body.amount"));
    // Replaced by something else, nothing is due under it that is known.
    let other = book.quiet("contract", "", &contract("B", DUE));
    book.quiet("supersede", "", &supersede(again, other));
    book.quiet("voucher", DAY, &paid(9_999));
    // A part of a book knows of no payment before it, and so finds nothing.
    let mut part = Book { facts: Facts::of_part(), seq: 8, ..Book::new() };
    part.quiet("contract", "", &contract("A", DUE));
    part.quiet("voucher", DAY, &paid(101));
}

#[test]
fn s15_s16_large_payments() {
    let mut book = Book::new();
    let none = |amount| vec![(F::NoResolution, "body.amount", fen([amount, 2_000_000]))];
    let cash = |amount| vec![(F::Cash, "body.amount", fen([amount, 500_000]))];
    for (direction, amount, more, wanted) in [
        ("expense", 1_999_999, "", vec![]),
        ("expense", 2_000_000, "", none(2_000_000)),
        ("expense", 2_000_000, r#","resolution_no":"x""#, vec![]),
        ("income", 9_000_000, "", vec![]),
        ("transfer", 9_000_000, "", vec![]),
        ("expense", 500_000, r#","method":"cash""#, vec![]),
        ("expense", 500_001, r#","method":"cash""#, cash(500_001)),
        ("expense", 500_001, r#","method":"transfer""#, vec![]),
        ("income", 900_000, r#","method":"cash""#, vec![]),
        ("expense", 3_000_000, r#","method":"cash""#, [none(3_000_000), cash(3_000_000)].concat()),
        // Less than nothing that came in went out.
        ("income", -3_000_000, r#","method":"cash""#, [none(3_000_000), cash(3_000_000)].concat()),
        ("income", -500_000, r#","method":"cash""#, vec![]),
        ("expense", -9_000_000, r#","method":"cash""#, vec![]),
    ] {
        // In the kind's order: method, contract_no, resolution_no.
        let body = voucher("x", direction, amount, more);
        assert_eq!(book.add("voucher", DAY, &body), wanted, "{direction} {amount} {more}");
    }
    // Made large by a correction: found there, once.
    let small = book.quiet("voucher", DAY, &voucher("x", "expense", 1, r#","method":"cash""#));
    let found = book.add("correction", "", &fix(small, "body.amount", 1, 2_000_000));
    let codes: Vec<_> = found.iter().map(|f| (f.0, f.1)).collect();
    assert_eq!(codes, [(F::NoResolution, "body.fields"), (F::Cash, "body.fields")]);
    book.quiet("correction", "", &fix(small, "body.amount", 2_000_000, 2_000_001));
    // Another limit is in force elsewhere.
    book.limits = Limits { cash_payment: 100, ..Limits::default() };
    let found = book.add("voucher", DAY, &voucher("x", "expense", 101, r#","method":"cash""#));
    assert_eq!(found, [(F::Cash, "body.amount", fen([101, 100]))]);
}

#[test]
fn s15_s17_awards() {
    let mut book = Book::new();
    let trade = |method: &str, price: i64, more: &str| {
        format!(r#"{{"subject_kind":"works","subject":"x","method":"{method}","price":{price}{more}}}"#)
    };
    let none = |worth| (F::NoResolution, "body.price", fen([worth, 2_000_000]));
    let alone = |worth| (F::NoCompetition, "body.method", fen([worth, 5_000_000]));
    let resolved = r#","resolution_no":"x""#;
    assert_eq!(book.add("trade", "", &trade("tender", 1_999_999, "")), []);
    assert_eq!(book.add("trade", "", &trade("tender", 2_000_000, "")), [none(2_000_000)]);
    assert_eq!(book.add("trade", "", &trade("tender", 2_000_000, resolved)), []);
    for (method, bidders, price, found) in [
        ("direct", "", 5_000_000, true),
        ("negotiation", r#","bidders":2"#, 5_000_000, true),
        ("negotiation", r#","bidders":3"#, 5_000_000, false),
        ("negotiation", r#","bids":[{"amount":1},{"amount":2},{"amount":3}]"#, 5_000_000, false),
        ("direct", "", 4_999_999, false),
        ("tender", r#","bidders":1"#, 9_000_000, false),
    ] {
        let body = trade(method, price, resolved).replace(",\"price", &format!("{bidders},\"price"));
        let wanted: Vec<Told> = found.then(|| alone(price)).into_iter().collect();
        assert_eq!(book.add("trade", "", &body), wanted, "{body}");
    }
    // A lease is worth its whole term; works are worth their price.
    let pond = r#"{"subject_kind":"resource","subject":"3号虾塘","method":"negotiation","price":1557000,"term":{"months":180}}"#;
    assert_eq!(book.add("trade", "", pond), [none(23_355_000), alone(23_355_000)]);
    assert_eq!(book.add("trade", "", &pond.replace("180", "12")), []);
    assert_eq!(book.add("trade", "", &pond.replace("180", "13")), [none(3_114_000)]);
    assert_eq!(book.add("trade", "", &trade("direct", 1_557_000, r#","term":{"months":180}"#)), []);
    let asset =
        |event: &str| format!(r#"{{"name":"x","event":"{event}","method":"direct","price":6000000}}"#);
    for event in ["sell", "lease"] {
        assert_eq!(book.add("asset_event", "", &asset(event)), [none(6_000_000), alone(6_000_000)]);
    }
    for event in ["purchase", "scrap", "mortgage", "transfer_in", "transfer_out"] {
        let body = asset(event).replace(r#""method":"direct","#, "");
        assert_eq!(book.add("asset_event", "", &body), [none(6_000_000), alone(6_000_000)], "{event}");
    }
    book.quiet("asset_event", "", &asset("inventory_gain"));
    book.quiet("asset_event", "", &asset("inventory_loss"));
    book.quiet("asset_event", "", &asset("sell").replace(r#""price":6000000"#, r#""note":["x"]"#));
    // Without a price it is worth its rent: fen for a mu, hundredths of a mu, years.
    let rent = r#","unit_price":115000,"area":6230,"term":{"months":60}"#;
    let leased = pond.replace(r#","price":1557000,"term":{"months":180}"#, rent);
    assert_eq!(book.add("trade", "", &leased), [none(35_822_500), alone(35_822_500)]);
    book.quiet("trade", "", &leased.replace("6230", "623").replace("60}", "24}"));
    let order = r#","term":{"months":60},"unit_price":115000,"area":6230"#;
    let found = book.add("contract", "", &contract("R", order));
    assert_eq!(found, [(F::NoResolution, "body.total", fen([35_822_500, 2_000_000]))]);
    book.quiet("contract", "", &contract("R", &order.replace("6230", "62")));
    let project = |price: i64| format!(r#"{{"name":"x","method":"direct","price":{price}}}"#);
    book.quiet("project", "", &project(1_999_999));
    assert_eq!(book.add("project", "", &project(5_000_000)), [none(5_000_000), alone(5_000_000)]);
    // A contract by its total or schedule; a distribution always.
    book.quiet("contract", "", &contract("A", r#","total":1999999"#));
    let found = book.add("contract", "", &contract("A", r#","total":2000000"#));
    assert_eq!(found, [(F::NoResolution, "body.total", fen([2_000_000, 2_000_000]))]);
    let scheduled = contract("A", &DUE.replace("60", "2000000"));
    assert_eq!(book.add("contract", "", &scheduled)[0].0, F::NoResolution);
    let shares = r#"{"source":"income","distributable":9,"distributed":9}"#;
    let found = book.add("distribution", "", shares);
    assert_eq!(found, [(F::NoResolution, "body.distributed", fen([9, 0]))]);
    book.quiet("distribution", "", &shares.replace("9}", &format!("9{resolved}}}")));
}

#[test]
fn s18_what_a_part_does_not_have() {
    let mut part = Book { facts: Facts::of_part(), seq: 8, ..Book::new() };
    part.pay("2026-03-01", "9", "income", 5, r#","balance":105"#);
    assert_eq!(part.facts.left(), Some(105));
    // Titles and texts of old entries move nothing.
    part.quiet("correction", "", &correction(3, &[("title", "x".into(), "y".into())]));
    assert_eq!(part.facts.left(), Some(105));
    let unknown = |target| vec![(F::Unknown, "body.target.seq", counts([target]))];
    assert_eq!(part.add("correction", &on("2026-03-02"), &fix(3, "body.amount", 5, 6)), unknown(3));
    assert_eq!(part.facts.left(), None);
    part.pay("2026-03-03", "10", "income", 5, r#","balance":777"#);
    assert_eq!(part.add("supersede", &on("2026-03-04"), &supersede(4, 12)), unknown(4));
    assert_eq!(part.facts.left(), None);
    // A replaced notice moved no money.
    part.pay("2026-03-05", "11", "income", 5, r#","balance":778"#);
    let notice = part.quiet("notice", "", r#"{"text":["x"]}"#);
    part.quiet("supersede", &on("2026-03-06"), &supersede(4, notice));
    assert_eq!(part.facts.left(), Some(778));
}

#[test]
fn s19_findings_refuse_nothing() {
    use support::*;
    let mut world = World::demo();
    let body = ledger::json::parse(&voucher("记-0001", "expense", 9_999_999, r#","method":"cash""#)).unwrap();
    let draft = world.draft(UNIT, 5, "voucher", body);
    let note = seal(&draft, &[&world.town]);
    let entry = ledger::entry::Entry::of_leaf(&note).unwrap();
    assert_eq!(Facts::new().take(&entry, NOW, &Limits::default()).len(), 3);
    assert!(world.submit(vec![note], NOW).is_ok());
}
