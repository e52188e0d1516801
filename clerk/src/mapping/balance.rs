//! 期初余额 and 结账, and whether the balances of the rows follow from one another.

use super::{Mapped, paragraphs};
use crate::cell;
use crate::columns::{AMOUNT, BALANCE, PERIOD, TEXT};
use crate::fault::Fault;
use crate::matter::{self, Becomes};
use crate::record::{Direction, Record};
use ledger::json::{Object, Value};
use ledger::money::Fen;
use std::collections::BTreeMap;

/// 期初余额: bank and cash, as 摘要 says.
pub fn opening(record: &Record) -> Result<Mapped, Fault> {
    let amount = record.amount.ok_or_else(|| record.fault(AMOUNT, "没有填写 / it is empty"))?;
    let text = record.line();
    let accounts: Vec<(&str, Fen)> = [("银行存款", "bank"), ("库存现金", "cash")]
        .into_iter()
        .filter_map(|(word, account)| Some((account, amount_after(&text, word)?)))
        .collect();
    let sum: i64 = accounts.iter().map(|(_, fen)| fen.get()).sum();
    if accounts.is_empty() || sum != amount.get() {
        let what = format!(
            "应写明“银行存款…元，库存现金…元”，合计等于金额 {amount} 元 / name bank and cash, adding up to the amount"
        );
        return Err(record.fault(TEXT, what));
    }
    let accounts: Vec<Value> = accounts
        .iter()
        .map(|(account, fen)| Object::new().with("account", *account).with("amount", fen.get()).into())
        .collect();
    let body = Object::new()
        .with("accounts", accounts)
        .with("amount", amount.get())
        .with_some("note", paragraphs(record.note.clone()));
    Ok(record.mapped("opening_balance", &text, &format!("期初结存{amount}元"), body))
}

/// 结账: the closing balance as stated; what was there, came in and went out as the table's rows have it.
pub fn close(record: &Record, all: &[Record], warnings: &mut Vec<Fault>) -> Result<Mapped, Fault> {
    let empty = |column| record.fault(column, "没有填写 / it is empty");
    let closing = record.amount.ok_or_else(|| empty(AMOUNT))?;
    let period = record.period.ok_or_else(|| empty(PERIOD))?;
    if record.balance.is_some_and(|b| b != closing) {
        return Err(record.fault(BALANCE, format!("与金额 {closing} 元不同 / not the same as the amount")));
    }
    let (first, last) = (period.first_day(), period.last_day());
    let ours = || all.iter().filter(|r| r.unit == record.unit && moves(r).is_some());
    let within = |r: &&Record| r.occurred.is_some_and(|d| (first..=last).contains(&d));
    let start = |r: &&Record| is_opening(r) && within(r);
    let before = ours()
        .filter(|r| r.occurred.is_some_and(|d| d < first) || start(r))
        .filter_map(|r| r.balance)
        .next_back();
    let sum = |direction| -> i64 {
        let rows = ours().filter(within).filter(|r| moves(r) == Some(Some(direction)));
        rows.filter_map(|r| r.amount).map(Fen::get).sum()
    };
    let (income, expense) = (sum(Direction::Income), sum(Direction::Expense));
    if let Some(opening) = before {
        let left = opening.get() + income - expense;
        if left != closing.get() {
            let shown = |fen| Fen::new(fen).unwrap_or_default();
            let what = format!(
                "期初 {opening} + 收入 {} − 支出 {} = {}，与期末 {closing} 差 {} 元 / the close does not follow from the rows",
                shown(income),
                shown(expense),
                shown(left),
                shown((left - closing.get()).abs()),
            );
            warnings.push(record.fault(AMOUNT, what));
        }
    }
    let figures = before.is_some();
    let body = Object::new()
        .with_some("opening", before.map(Fen::get))
        .with_some("income", figures.then_some(income))
        .with_some("expense", figures.then_some(expense))
        .with("closing", closing.get())
        .with_some("note", paragraphs(record.text.clone().into_iter().chain(record.note.clone())));
    Ok(record.mapped(
        "period_close",
        &format!("{}：{}", record.matter, record.line()),
        &format!("期末结存{closing}元"),
        body,
    ))
}

/// Warns where a row's 货币资金余额 does not follow from the row before.
pub fn chain(records: &[Record], warnings: &mut Vec<Fault>) {
    let mut last: BTreeMap<_, Fen> = BTreeMap::new();
    for record in records {
        let (Some(direction), Some(balance)) = (moves(record), record.balance) else { continue };
        let amount = record.amount.map_or(0, Fen::get);
        let change = match direction {
            Some(Direction::Income) => amount,
            Some(Direction::Expense) => -amount,
            _ => 0,
        };
        let want = last.get(&record.unit).and_then(|b| Fen::new(b.get() + change));
        if want.is_some_and(|want| want != balance && !is_opening(record)) {
            let what = format!(
                "写的是 {balance}，按上一行应为 {} / does not follow from the row before",
                want.unwrap_or_default()
            );
            warnings.push(record.fault(BALANCE, what));
        }
        last.insert(record.unit, balance);
    }
}

fn is_opening(record: &Record) -> bool {
    matter::becomes(&record.matter) == Becomes::OpeningBalance
}

/// Whether a row is about the unit's own money; inside, which way it goes.
fn moves(record: &Record) -> Option<Option<Direction>> {
    match &record.direction {
        Some((Direction::Other, _)) => None,
        Some((direction, _)) => Some(Some(*direction)),
        None => is_opening(record).then_some(None),
    }
}

/// The amount that follows a word in a text, up to 元.
pub fn amount_after(text: &str, word: &str) -> Option<Fen> {
    let (_, rest) = text.split_once(word)?;
    let (number, _) = rest.split_once('元')?;
    cell::money(number.trim_start_matches(['为', '是', '：', ':', ' ']))
}
