//! What the ledger's soft rules find in a draft.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test stops at the first surprise

mod support;

use clerk::import::import;
use clerk::{Draft, Fault, findings};
use support::demo;
use support::rows::divisions;

const NOW: u64 = 1_795_000_000;

fn draft(text: &str) -> Draft {
    import(text.as_bytes(), &divisions(), "t.csv").unwrap()
}

/// The sample with some of its text changed.
fn sample(changes: &[(&str, &str)]) -> Draft {
    let mut text = std::fs::read_to_string(demo("sample_disclosures.csv")).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    draft(&text)
}

fn found(draft: &Draft) -> Vec<Fault> {
    findings::of(draft, NOW)
}

/// Whether a row has a finding whose sentence has these numbers.
fn has(found: &[Fault], row: usize, numbers: &[&str]) -> bool {
    found.iter().any(|f| f.row == row && numbers.iter().all(|n| f.what.contains(n)))
}

#[test]
fn what_the_sample_plants_is_found_by_row() {
    let found = found(&sample(&[]));
    let planted: [(usize, &[&str]); 9] = [
        (11, &["23,800"]),
        (24, &["6", "15"]),
        (24, &["233,550", "50,000"]),
        (28, &["7,850", "5,000"]),
        (51, &["12,600", "5,000"]),
        (53, &["30,000"]),
        (56, &["420", "240"]),
        (60, &["17", "19"]),
        (62, &["135,160.35", "138,160.35"]),
    ];
    for (row, numbers) in planted {
        assert!(has(&found, row, numbers), "row {row} {numbers:?}: {found:#?}");
    }
    assert!(found.iter().all(|f| f.what.contains(" / ") && !f.what.contains('{')), "{found:#?}");
    assert!(found.is_sorted_by_key(|f| f.row));
    // The books of the other two villages reconcile to the fen, the corrected one among them.
    for row in [2, 14, 15, 20, 21, 46, 47] {
        assert!(!found.iter().any(|f| f.row == row), "row {row}: {found:#?}");
    }
    // Postings that their own rule lets be shorter.
    for row in [18, 44] {
        assert!(!found.iter().any(|f| f.row == row), "row {row}: {found:#?}");
    }
}

#[test]
fn money_that_does_not_follow_is_found_where_it_breaks() {
    let at_3 = |f: &[Fault]| has(f, 3, &["524,500.51", "524,500.50"]);
    assert!(at_3(&found(&sample(&[(",36000.00,524500.50,", ",36000.00,524500.51,")]))));
    assert!(!at_3(&found(&sample(&[]))));
    let twice = found(&sample(&[("记-0002,收镇财政拨", "记-0001,收镇财政拨")]));
    assert!(has(&twice, 4, &["记-0001 在第3行里", "stands in row 3 already"]), "{twice:#?}");
    assert!(twice.iter().all(|f| !f.what.contains(" 号") && !f.what.contains("No. ")), "{twice:#?}");
    let close = found(&sample(&[(",495960.70,495960.70,", ",495960.80,495960.80,")]));
    assert!(has(&close, 20, &["495,960.80", "495,960.70"]), "{close:#?}");
    // Each planted breach mended is found no more.
    let mended = sample(&[
        (",135160.35,135160.35,", ",138160.35,138160.35,"),
        ("期限35年", "期限20年"),
        ("实到17人", "实到19人"),
        ("2026-03-11,2026-03-16", "2026-03-11,2026-03-26"),
    ]);
    let found = found(&mended);
    assert!(
        !found.iter().any(|f| [60, 62].contains(&f.row))
            && !has(&found, 56, &["240 个月"])
            && !has(&found, 24, &["15 天"]),
        "{found:#?}"
    );
}

#[test]
fn a_table_that_begins_in_the_middle_finds_less_and_nothing_else() {
    let bytes = std::fs::read_to_string(demo("disposal_and_zero.csv")).unwrap();
    let found = found(&draft(&bytes));
    assert!(found.is_empty(), "{found:#?}");
}
