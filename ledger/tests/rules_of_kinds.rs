//! Rules of single kinds (E-43, E-63 to E-80): a body on each side of each.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::json::parse;
use ledger::kinds::{KINDS, find};
use support::*;

/// A kind's example with one change in its text must be taken, or refused at this path below the body.
fn changed(kind: &str, from: &str, to: &str, at: &str) {
    let found = find(KINDS, kind).unwrap();
    assert!(found.example.contains(from), "{kind}: {from}");
    body(kind, &found.example.replacen(from, to, 1), at);
}

/// A body must be taken (`at` is empty), or refused at this path below the body.
fn body(kind: &str, text: &str, at: &str) {
    let kind = find(KINDS, kind).unwrap();
    let (of, seq) = place(kind);
    let draft = World::new().draft(of, seq, kind.name, parse(text).unwrap());
    let entry = Entry::of(set(&draft, "period", period_of(kind.name))).unwrap();
    let path = kind.check(&entry).err().map(|e| e.path).unwrap_or_default();
    let wanted = if at.is_empty() { String::new() } else { format!("body.{at}") };
    assert_eq!(path, wanted, "{}: {text}", kind.name);
}

#[test]
fn e43_e63_e64_e65_sums() {
    // Contract: only a schedule beside a total must add up to it.
    changed("contract", "\"amount\":7164500", "\"amount\":7164501", "total");
    changed("contract", "\"total\":14329000,", "", "");
    changed("contract", "\"total\":14329000", "\"total\":14329001", "total");
    let close = |accounts: &str| format!(r#"{{"closing":7,"accounts":[{accounts}]}}"#);
    body("period_close", &close(r#"{"account":"cash","closing":3},{"account":"bank","closing":4}"#), "");
    body(
        "period_close",
        &close(r#"{"account":"cash","closing":3},{"account":"bank","closing":5}"#),
        "closing",
    );
    let flows = r#"{"account":"cash","opening":1,"income":1,"expense":1,"closing":7}"#;
    body("period_close", &close(flows), "");
    // Budget: each direction for itself.
    changed("budget", "\"income\":14400000", "\"income\":14400001", "income");
    changed("budget", "\"expense\":9000000", "\"expense\":9000001", "expense");
    let lines =
        r#"{"direction":"income","account":"x","amount":2},{"direction":"income","account":"y","amount":-1}"#;
    let budget = |income: i64, expense: i64| {
        format!(r#"{{"year":2026,"lines":[{lines}],"income":{income},"expense":{expense}}}"#)
    };
    body("budget", &budget(1, 0), "");
    body("budget", &budget(1, 1), "expense");
    body("budget", &budget(0, 0), "income");
    // Payment list: rows and their number, when there are rows.
    changed("payment_list", "\"amount\":109850", "\"amount\":109851", "amount");
    changed("payment_list", "\"count\":2", "\"count\":3", "count");
    body("payment_list", r#"{"policy":"x","count":30,"amount":5}"#, "");
    // Distribution.
    let distribution = |reserve: &str, distributed: i64| {
        format!(r#"{{"source":"income","distributable":10{reserve},"distributed":{distributed}}}"#)
    };
    for (reserve, distributed, at) in [
        (",\"reserve\":4", 6, ""),
        (",\"reserve\":4", 5, "distributable"),
        (",\"reserve\":4", 7, "distributable"),
        ("", 10, ""),
        ("", 9, ""),
        ("", 11, "distributable"),
    ] {
        body("distribution", &distribution(reserve, distributed), at);
    }
}

#[test]
fn e66_resolutions() {
    changed("resolution", "\"present\":27", "\"present\":31", "");
    changed("resolution", "\"present\":27", "\"present\":32", "present");
    changed("resolution", "\"against\":0", "\"against\":1", "for");
    changed("resolution", "\"present\":27", "\"present\":27,\"proxies\":4", "");
    changed("resolution", "\"present\":27", "\"present\":27,\"proxies\":5", "proxies");
    changed("resolution", "\"present\":27", "\"present\":27,\"proxies\":9007199254740991", "proxies");
    let more = "\"present\":27,\"proxies\":1,\"for\":26,\"against\":1,\"abstain\":1";
    let votes = "\"present\":27,\"for\":26,\"against\":0,\"abstain\":1";
    changed("resolution", votes, more, "");
    changed("resolution", votes, &more.replace("\"against\":1", "\"against\":2"), "for");
    let huge = more.replace("\"against\":1", "\"against\":9007199254740991");
    changed("resolution", votes, &huge, "for");
    // Without quorum or majority it is published all the same.
    changed("resolution", "\"present\":27,\"for\":26", "\"present\":2,\"for\":1", "");
    // So is what the wrong meeting decided (S-21).
    changed("resolution", "\"track\":\"village\"", "\"track\":\"collective\"", "");
}

#[test]
fn e67_e68_e69_e70_e76_counts_and_what_belongs_together() {
    changed("deliberation", "\"adopted\":8", "\"adopted\":11", "");
    changed("deliberation", "\"adopted\":8", "\"adopted\":12", "adopted");
    changed("candidate_review", "\"submitted\":2", "\"submitted\":3", "");
    changed("candidate_review", "\"submitted\":2", "\"submitted\":1", "submitted");
    changed("candidate_review", "\"passed\":1", "\"passed\":9007199254740991", "submitted");
    for (event, needs) in [("payment", true), ("arrears", true), ("expire", false), ("amend", false)] {
        let text = |amount: &str| format!(r#"{{"contract_no":"x","event":"{event}"{amount}}}"#);
        body("contract_event", &text(",\"amount\":1"), "");
        body("contract_event", &text(""), if needs { "amount" } else { "" });
    }
    for (opinion, needs) in [("agree", false), ("agree_with_reservations", true), ("object", true)] {
        let text = |why: &str| format!(r#"{{"opinion":"{opinion}"{why},"signers":3}}"#);
        body("supervision_opinion", &text(r#","objections":["x"]"#), "");
        body("supervision_opinion", &text(""), if needs { "objections" } else { "" });
    }
    let trade = |more: &str| {
        format!(r#"{{"subject_kind":"resource","subject":"x","method":"auction","floor_price":5{more}}}"#)
    };
    body("trade", &trade(""), ""); // announced, or without a taker
    body("trade", &trade(r#","winner":{"kind":"person"},"price":5"#), "");
    body("trade", &trade(r#","winner":{"kind":"person"}"#), "price");
}

#[test]
fn e80_prices_are_not_below_zero() {
    let trade = r#""subject_kind":"works","subject":"x","method":"direct""#;
    let contract = r#""contract_no":"x","subject_kind":"works","subject":"x","counterparty":{"kind":"person"},"signed_on":"2026-01-10""#;
    for (kind, begin, name) in [
        ("trade", trade, "price"),
        ("trade", trade, "unit_price"),
        ("asset_event", r#""name":"x","event":"sell""#, "price"),
        ("project", r#""name":"x""#, "price"),
        ("contract", contract, "total"),
        ("contract", contract, "unit_price"),
        ("contract", contract, "deposit"),
    ] {
        body(kind, &format!("{{{begin},\"{name}\":0}}"), "");
        body(kind, &format!("{{{begin},\"{name}\":-1}}"), name);
    }
    // What was saved on the works is below zero.
    body("project", r#"{"name":"x","variation":-1}"#, "");
}

/// E-47: wherever a kind has a counterparty.
#[test]
fn e47_counterparties_of_every_kind() {
    for (kind, from, path) in [
        ("asset_event", r#"{"kind":"company","#, "counterparty.name"),
        ("contract_event", r#"{"kind":"company","#, "counterparty.name"),
        ("receivable_payable", r#"{"kind":"company","#, "counterparty.name"),
        ("project", r#"{"kind":"company","#, "contractor.name"),
        ("resource", r#"{"kind":"company","#, "holder.name"),
    ] {
        changed(kind, from, r#"{"kind":"organ","#, "");
        changed(kind, from, r#"{"kind":"person","#, path);
    }
    for (kind, path) in [("contract", "counterparty.name"), ("trade", "winner.name")] {
        changed(kind, r#"{"kind":"person"}"#, r#"{"kind":"person","name":"某人"}"#, path);
    }
    let bids = |second: &str| {
        let bids = format!(r#""bids":[{{"amount":1}},{{"bidder":{second},"amount":2}}],"winner""#);
        find(KINDS, "trade").unwrap().example.replacen("\"winner\"", &bids, 1)
    };
    body("trade", &bids(r#"{"kind":"company","name":"某公司"}"#), "");
    body("trade", &bids(r#"{"kind":"person","name":"某人"}"#), "bids.1.bidder.name");
    body("trade", &bids(r#"{"kind":"person","code":"440811198001011234"}"#), "bids.1.bidder.code");
}

#[test]
fn e71_terms() {
    for kind in ["asset_event", "contract", "contract_event", "trade"] {
        for (term, fits) in [
            (r#"{"months":1}"#, true),
            (r#"{"from":"2026-01-01"}"#, true),
            (r#"{"from":"2026-01-02","to":"2026-01-02"}"#, true),
            (r#"{"from":"2026-01-02","to":"2026-01-01"}"#, false),
            ("{}", false),
        ] {
            let mut json = parse(find(KINDS, kind).unwrap().example).unwrap();
            let term = parse(term).unwrap();
            if !json.replace_at("term", term.clone().into()) {
                json = json.with("term", term);
            }
            body(kind, &json.text(), if fits { "" } else { "term" });
        }
    }
}

#[test]
fn e72_e73_targets() {
    let leaf = Hash::EMPTY.to_base64();
    let target = |seq: u64| format!(r#"{{"seq":{seq},"leaf":"{leaf}"}}"#);
    // The entry itself has number 40.
    for (seq, fits) in [(0, false), (1, true), (39, true), (40, false), (41, false), (1 << 52, false)] {
        let redaction =
            format!(r#"{{"target":{},"paths":["a.b"],"basis":"court","ordered_by":"x"}}"#, target(seq));
        body("redaction", &redaction, if fits { "" } else { "target.seq" });
        let supersede = |old, new| format!(r#"{{"target":{old},"by":{new},"reason":"x"}}"#);
        body("supersede", &supersede(target(seq), target(2)), if fits { "" } else { "target.seq" });
        body("supersede", &supersede(target(2), target(seq)), if fits { "" } else { "by.seq" });
    }
    body("supersede", &format!(r#"{{"target":{0},"by":{0},"reason":"x"}}"#, target(2)), "by.seq");
}

#[test]
fn e74_lists_without_doubles() {
    let digest = Hash::EMPTY.to_hex();
    changed("redaction", "[\"counterparty.name\"]", "[\"a\",\"b\"]", "");
    changed("redaction", "[\"counterparty.name\"]", "[\"a\",\"b\",\"a\"]", "paths.2");
    changed("statement_of_no_activity", "[\"finance\"]", "[\"finance\",\"party\"]", "");
    changed("statement_of_no_activity", "[\"finance\"]", "[\"finance\",\"finance\"]", "classes.1");
    let heir = |of: &str| format!(r#"{{"unit":"{UNIT}","name":"x","predecessors":["{of}","{GROUP}"]}}"#);
    body("unit", &heir("440811100392-00"), "");
    body("unit", &heir(GROUP), "predecessors.1");
    let file = |path: &str| format!(r#"{{"path":"{path}","digest":"{digest}"}}"#);
    let release =
        |second: &str| format!(r#"{{"version":"1","files":[{},{}],"hosts":["a"]}}"#, file("a"), file(second));
    body("release", &release("b"), "");
    body("release", &release("a"), "files.1");
    let catalogue = |second: &str| {
        let item = |item: &str| format!(r#"{{"item":"{item}","seals":["township"]}}"#);
        format!(r#"{{"version":"1","digest":"{digest}","items":[{},{}]}}"#, item("F02"), item(second))
    };
    body("catalogue", &catalogue("F03"), "");
    body("catalogue", &catalogue("F02"), "items.1");
    body("catalogue", &catalogue("F3"), "items.1.item");
    for (list, same, other) in [
        ("items", r#"{"item":"F02"}"#, r#"{"item":"F03"}"#),
        ("limits", r#"{"limit":"tender","amount":1}"#, r#"{"limit":"resolution","amount":1}"#),
        ("tiers", r#"{"from":1,"approver":"x"}"#, r#"{"from":2,"approver":"x"}"#),
    ] {
        let text = |second: &str| {
            format!(r#"{{"version":"1","effective":"2026-01-01","{list}":[{same},{second}]}}"#)
        };
        body("overrides", &text(other), "");
        body("overrides", &text(same), &format!("{list}.1"));
    }
}

#[test]
fn e77_deadlines() {
    for (due, fits) in [
        (r#"{"rule":"after_event","days":5}"#, true),
        (r#"{"rule":"after_event","days":5,"working":true}"#, true),
        (r#"{"rule":"before_event","days":20}"#, true),
        (r#"{"rule":"after_period"}"#, false),
        (r#"{"rule":"after_period","month":3,"day":1}"#, false),
        (r#"{"rule":"after_period","days":5,"day":1}"#, false),
        (r#"{"rule":"yearly","month":3,"day":31}"#, true),
        (r#"{"rule":"yearly","month":2,"day":30}"#, false),
        (r#"{"rule":"yearly","month":13,"day":1}"#, false),
        (r#"{"rule":"yearly","month":300,"day":1}"#, false),
        (r#"{"rule":"yearly","month":3}"#, false),
        (r#"{"rule":"yearly","days":5,"month":3,"day":31}"#, false),
        (r#"{"rule":"yearly","working":true,"month":3,"day":31}"#, false),
    ] {
        let items = format!(r#"[{{"item":"F01"}},{{"item":"F02","due":{due}}}]"#);
        let text = format!(r#"{{"version":"1","effective":"2026-01-01","items":{items}}}"#);
        body("overrides", &text, if fits { "" } else { "items.1.due" });
    }
}
