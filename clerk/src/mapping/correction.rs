//! 更正: which earlier row it is about, and what the right value is.

use super::{Mapped, voucher};
use crate::cell::{cut, fold};
use crate::columns::MATTER;
use crate::fault::Fault;
use crate::record::{Direction, Record};
use ledger::entry::{Entry, MAX_SUMMARY};
use ledger::json::{Object, Value};
use ledger::money::Fen;

/// Maps a correction of an amount; `earlier` are the records before it, `mapped` what they became.
///
/// # Errors
/// Why it can't be tied to an earlier row, in Chinese and English.
pub fn map(record: &Record, earlier: &[Record], mapped: &[Mapped]) -> Result<Mapped, &'static str> {
    let text: String = record.note.iter().chain(&record.text).map(|t| format!("{};", fold(t))).collect();
    let named = |r: &&Record| {
        r.unit == record.unit
            && r.voucher != record.voucher
            && r.voucher.as_deref().is_some_and(|v| names(&text, v))
    };
    let target = earlier
        .iter()
        .rev()
        .find(named)
        .ok_or("找不到更正的是本表哪一行 / no earlier row of this table is named")?;
    let other_party = record.party.is_some() && record.party != target.party;
    if other_party || record.account.is_some() && record.account != target.account {
        return Err(
            "对方或科目与原条目不同，只能更正金额 / not the same counterparty or account: only amounts are corrected",
        );
    }
    let of_target = |m: &&Mapped| m.row == target.row && m.content.text_of("kind") == Some("voucher");
    let entry = mapped.iter().find(of_target).ok_or("更正的不是收支凭证 / not a voucher")?;

    // Earlier corrections of the same row count: the old value is what stands there now.
    let mut now = entry.content.clone();
    for before in mapped.iter().filter(|m| m.target == Some(target.row)) {
        apply(&mut now, before);
    }
    let old =
        now.at_path("body.amount").and_then(|v| if let Value::Int(n) = v { Fen::new(*n) } else { None });
    let old = old.ok_or("原金额不可读 / the old amount can't be read")?;
    let new = right_amount(record, target, old)?;
    if new == old {
        return Err("更正前后金额相同 / nothing is changed");
    }
    let word = match target.direction {
        Some((Direction::Income, _)) => "收到",
        Some((Direction::Expense, _)) => "支出",
        _ => "转账",
    };
    let summary = voucher::summary(word, new, &target.line());
    let mut fields = Vec::new();
    let changes = [
        ("summary", Value::from(summary)),
        ("body.amount", Value::Int(new.get())),
        ("body.lines.0.amount", Value::Int(new.get())),
    ];
    for (path, new) in changes {
        let old = now.at_path(path).filter(|old| **old != new).cloned();
        if let Some(old) = old {
            fields.push(Value::from(Object::new().with("path", path).with("old", old).with("new", new)));
        }
    }
    let body = Object::new()
        .with("fields", fields)
        .with("reason", reason(&text))
        .with("explanation", cut(&explanation(record), 200))
        .with_some("voucher_no", record.voucher.as_deref());
    let what = target.voucher.as_deref().unwrap_or_default();
    let plain = cut(&format!("更正{what}：{old}元应为{new}元"), MAX_SUMMARY);
    let mut out = record.mapped("correction", &record.line(), &plain, body);
    out.target = Some(target.row);
    Ok(out)
}

/// The warning that a correction becomes a notice.
pub fn warning(record: &Record, why: &str) -> Fault {
    record.fault(MATTER, format!("{why}，按公告公开 / published as a notice"))
}

/// Whether a text names a voucher number, and not only one that begins so.
fn names(text: &str, voucher: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_digit());
    text.match_indices(voucher).any(|(at, found)| text.get(at + found.len()..).is_some_and(ends))
}

/// 应为…元, held against the difference in 金额 when both are there.
fn right_amount(record: &Record, target: &Record, old: Fen) -> Result<Fen, &'static str> {
    let same = record.direction.as_ref().map(|d| d.0) == target.direction.as_ref().map(|d| d.0);
    let change = record.amount.map_or(0, Fen::get) * if same { 1 } else { -1 };
    let by_difference = (change != 0).then(|| Fen::new(old.get() + change)).flatten();
    match (record.words().amount(&["应为"]), by_difference) {
        (Some(stated), Some(sum)) if stated != sum => {
            Err("“应为”的金额与差额对不上 / the stated amount and the difference disagree")
        }
        (Some(new), _) | (None, Some(new)) => Ok(new),
        (None, None) => Err("没有写明应为多少元 / the right amount is not stated"),
    }
}

fn reason(text: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
    if has(&["科目"]) {
        "misclass"
    } else if has(&["漏"]) {
        "omission"
    } else if has(&["红字", "冲销"]) {
        "reversal"
    } else {
        "typo"
    }
}

/// 备注, the voucher that books the difference, 摘要, and the cells that a correction has no field for.
///
/// LIMIT: an explanation has 200 characters; a longer one is cut.
fn explanation(record: &Record) -> String {
    let booked = record.voucher.as_ref().zip(record.amount);
    let booked = booked.map(|(voucher, amount)| format!("差额凭证{voucher}，{amount}元"));
    // Account and counterparty are those of the corrected entry.
    let held = Object::new()
        .with_some("voucher_no", record.voucher.clone())
        .with_some("account", record.account.as_ref().map(|(_, name)| name.clone()))
        .with_some("counterparty", record.counterparty());
    let rest = record.leftover("correction", &held);
    let parts = record.note.iter().cloned().chain(booked).chain(record.text.iter().cloned()).chain(rest);
    parts.collect::<Vec<_>>().join("；")
}

fn apply(content: &mut Object, correction: &Mapped) {
    let target = Some((1, ledger::hash::Hash::EMPTY));
    let ledger = ledger::charter::LedgerId::from_text("draft");
    if let Ok(entry) = Entry::of(crate::draft::complete(&correction.content, &ledger, 2, 0, target)) {
        ledger::amend::apply_correction(content, 1, &entry);
    }
}
