//! Entries of every kind as they are drawn: the figures that matter, processes, replacements, zero reports.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::bundle::VerifiedEntry;
use ledger::kinds::KINDS;
use ledger::verdict::Code;
use support::{LOGGED, entry, opening, verified, voucher};
use views::account::Account;
use views::words::Words;
use views::{Lang, Names, Shell, phone};

/// The text of a page, tags left out.
fn text(html: &str) -> String {
    let parts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    parts.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn drawn(lang: Lang, entries: Vec<VerifiedEntry>) -> String {
    phone::holds(lang, &verified(entries), Code::Ok)
}

/// The text of one entry of a page.
fn of(html: &str, seq: u64) -> String {
    let start = html.find(&format!("<li id=\"e{seq}\">")).unwrap();
    let end = html[start..].find("<li id=\"e").filter(|at| *at > 0);
    let rest = &html[start + 1..];
    let end = rest.find("<li id=\"e").or(end).unwrap_or(rest.len());
    text(&format!("<{}", &rest[..end]))
}

fn example(seq: u64, kind: &str) -> VerifiedEntry {
    let kind = KINDS.iter().find(|k| k.name == kind).unwrap();
    entry(seq, kind.name, kind.example, &[])
}

#[test]
fn every_kind_is_drawn_in_words_and_never_in_keys() {
    for lang in Lang::ALL {
        for kind in KINDS {
            let html = drawn(*lang, vec![entry(1, kind.name, kind.example, &[])]);
            let text = of(&html, 1);
            let label = if kind.name == "voucher" { "direction.expense" } else { "" };
            let label = lang.words().choices().get(label).or(lang.words().kinds().get(kind.name)).unwrap();
            assert!(text.contains(label), "{}: {text}", kind.name);
            let keys =
                text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|w| w.contains('_'));
            // Files of a release and lines of a policy are what they are.
            let keys: Vec<&str> = keys.filter(|w| !["viewer_bg"].contains(w)).collect();
            assert_eq!(keys, [""; 0], "{}: {text}", kind.name);
        }
    }
}

#[test]
fn the_figures_that_matter_stand_first() {
    for (kind, zh, en) in [
        (
            "resolution",
            "应到 31 实到 27 同意 26 反对 0 弃权 1 通过",
            "Eligible 31 Present 27 For 26 Against 0 Abstained 1 passed",
        ),
        ("payment_list", "1,098.50 元 户数 2", "1,098.50 yuan Households 2"),
        (
            "distribution",
            "可分的 96,000 元 留下的 28,800 元 分出去的 67,200 元",
            "To divide 96,000 yuan Kept 28,800 yuan Divided 67,200 yuan",
        ),
        (
            "trade",
            "成交价 每年 71,645 元 每亩每年 1,150 元",
            "Awarded at 71,645 yuan a year Per mu and year 1,150 yuan",
        ),
        ("asset_event", "价格 每年 18,000 元", "Price 18,000 yuan a year"),
        ("contract", "合同总额 143,290 元 每亩每年 1,150 元", "In all 143,290 yuan"),
        ("contract_event", "36,000 元", "36,000 yuan"),
        ("receivable_payable", "集体欠别人 余额 43,200 元", "owed by the collective Balance 43,200 yuan"),
        ("resource", "面积 86.50 亩 已发包", "Area 86.50 mu let"),
        ("budget", "计划收 144,000 元 计划花 90,000 元", "Planned in 144,000 yuan Planned out 90,000 yuan"),
        ("project", "合同价 48,500 元", "Contract price 48,500 yuan"),
        ("supervision_opinion", "同意，有保留", "agrees with reservations"),
        ("candidate_review", "提交 2 通过 1 没通过 1", "Submitted 2 Passed 1 Not passed 1"),
        ("deliberation", "意见 11 采纳 8", "Opinions 11 Taken up 8"),
    ] {
        for (lang, wanted) in [(Lang::Zh, zh), (Lang::En, en)] {
            let html = drawn(lang, vec![example(1, kind)]);
            let said = of(&html, 1);
            let (above, details) = said.split_once(lang.words().more()).unwrap();
            assert!(above.contains(wanted), "{kind}: {above}");
            assert!(!details.contains(wanted), "{kind} says it twice: {details}");
        }
    }
}

#[test]
fn the_rest_is_said_by_what_it_is() {
    for (kind, wanted) in [
        ("contract", "2026年1月20日 71,645 元 2027年1月20日 71,645 元"),
        ("contract", "2026年1月10日 – 2031年1月9日 60 个月"),
        ("contract", "对方 个人"),
        ("asset", "是否经营用 是"),
        ("payment_list", "一组 612 元 一组 486.50 元"),
        ("party_notice", "应缴党员 38 已缴党员 38"),
        ("asset_event", "数量 820 平方米"),
        ("resource", "使用人 ××水产养殖专业合作社"),
    ] {
        let said = of(&drawn(Lang::Zh, vec![example(1, kind)]), 1);
        assert!(said.contains(wanted), "{kind}: {said}");
    }
}

#[test]
fn a_zero_report_says_that_there_was_nothing() {
    let html = drawn(Lang::Zh, vec![example(1, "statement_of_no_activity")]);
    assert!(of(&html, 1).contains("2026年8月没有收支"), "{html}");
    let both = entry(1, "statement_of_no_activity", r#"{"classes":["party","village"]}"#, &[]);
    assert!(of(&drawn(Lang::En, vec![both]), 1).contains("Aug 2026: no party affairs, village affairs"));
}

#[test]
fn a_kind_that_this_version_does_not_know_is_shown_by_its_title() {
    let strange = entry(1, "petition", r#"{"receipt_no":"S-7","amount":1200}"#, &[("title", "诉求一件")]);
    let said = of(&drawn(Lang::Zh, vec![strange]), 1);
    assert!(said.contains("其他") && said.contains("诉求一件") && said.contains("S-7"), "{said}");
}

fn stage(seq: u64, stage: &str) -> VerifiedEntry {
    entry(
        seq,
        "notice",
        &format!(r#"{{"text":["3号虾塘"],"process":{{"id":"RW-3","stage":"{stage}"}}}}"#),
        &[],
    )
}

#[test]
fn a_process_is_a_line_with_its_skipped_stages_in_their_places() {
    let html = drawn(Lang::Zh, vec![stage(1, "propose"), stage(2, "resolve"), stage(3, "contract")]);
    let line = of(&html, 3);
    let wanted = "● 支部提议 第 1 号 ○ 两委商议 没有公布 ○ 党员会审议 没有公布 ● 代表会决议 第 2 号 ○ 公示 没有公布 ○ 交易 没有公布 ● 签合同";
    assert!(line.contains(wanted), "{line}");
    assert!(
        !line.contains("收付款") && !line.contains("办完"),
        "what is yet to come was not skipped: {line}"
    );
    let earlier = of(&html, 1);
    assert!(earlier.contains("办到这一步： 支部提议 全过程看第 3 号") && !earlier.contains('○'), "{earlier}");
}

#[test]
fn in_a_part_of_a_book_a_stage_that_is_not_here_is_not_called_skipped() {
    let line = of(&drawn(Lang::Zh, vec![stage(7, "resolve"), stage(8, "contract")]), 8);
    assert!(line.contains("支部提议 不在这一页") && !line.contains("没有公布"), "{line}");
}

#[test]
fn a_replaced_entry_leads_to_the_new_one_and_back_and_counts_no_more() {
    let by = r#"{"target":{"seq":2,"leaf":"x"},"by":{"seq":3,"leaf":"y"},"reason":"合同编号写错"}"#;
    let entries = vec![
        opening(1, 1_000),
        voucher(2, "expense", 300, &[]),
        voucher(3, "expense", 300, &[]),
        entry(4, "supersede", by, &[]),
    ];
    let html = drawn(Lang::Zh, entries.clone());
    assert!(of(&html, 2).contains("这笔已经由第 3 号代替") && of(&html, 3).contains("代替第 2 号"), "{html}");
    assert!(of(&html, 4).contains("第 2 号 → 第 3 号") && of(&html, 4).contains("合同编号写错"), "{html}");
    let unit = verified(entries);
    let account = Account::of_all(&unit);
    assert_eq!((account.expense, account.left), (300, Some(700)));
}

#[test]
fn phone_and_server_draw_the_same_book() {
    let accounts = KINDS.iter().filter(|k| !matches!(k.place, ledger::kinds::Place::Registry(_)));
    let entries: Vec<_> =
        accounts.enumerate().map(|(i, kind)| entry(i as u64 + 1, kind.name, kind.example, &[])).collect();
    let unit = verified(entries);
    let page = Shell::default().unit(&unit, Code::Ok, &Names::coming(Lang::Zh));
    // The phone has its words from the network.
    let words = Words::read(include_str!("../data/words.zh.txt")).unwrap();
    let facts = phone::facts(Lang::Fetched(Box::leak(Box::new(words))), &unit, 1, unit.row.count).unwrap();
    assert!(page.contains(&facts));
    let ours = ledger::time::Date::of_unix(LOGGED);
    assert!(facts.contains(&format!("{}年{}月{}日", ours.year(), ours.month(), ours.day())));
}
