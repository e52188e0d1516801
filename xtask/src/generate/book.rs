//! One unit's book, month by month: what it has, receives and pays, in fen, and the close that reconciles.

use super::draft::Draft;
use super::matters::{ADMIN, EXPENSE, INCOME, Matter, NOTICES, WELFARE};
use super::places::Place;
use super::random::Random;
use ledger::json::{Object, Value};
use ledger::money::Fen;
use ledger::time::{Date, Period};
use ledger::unit::UnitId;

/// Below this the unit waits for income before it pays more, in fen.
const LEAN: i64 = 5_000_000;
/// Cash is drawn from the bank when there is less, in fen.
const SMALL_CASH: i64 = 100_000;
/// Cash drawn at one time, in fen.
const DRAWN: i64 = 300_000;

/// The book of one unit.
#[derive(Debug)]
pub struct Book {
    unit: UnitId,
    group: bool,
    random: Random,
    seq: u64,
    vouchers: u64,
    cash: i64,
    bank: i64,
}

/// What the month's close adds up.
#[derive(Default)]
struct Sums {
    income: i64,
    expense: i64,
    vouchers: i64,
}

impl Book {
    /// The book of a place, before anything stands in it.
    pub fn new(place: &Place, random: Random) -> Self {
        let group = !place.unit.as_str().ends_with("-00");
        Book { unit: place.unit, group, random, seq: 0, vouchers: 0, cash: 0, bank: 0 }
    }

    /// The opening balance at the beginning of `date`.
    pub fn open(&mut self, date: Date) -> Draft {
        let scale = if self.group { 4 } else { 1 };
        self.bank = self.random.between(12_000_000, 180_000_000) / scale;
        self.cash = self.random.between(60_000, 380_000) / 100 * 100;
        let account = |kind: &str, fen: i64| Object::new().with("account", kind).with("amount", fen).into();
        let all = self.bank + self.cash;
        let body = Object::new()
            .with("accounts", vec![account("bank", self.bank), account("cash", self.cash)])
            .with("amount", all);
        let words =
            (format!("期初余额：{} 元", Fen::new(all).unwrap_or_default()), "账本开始时的银行存款和现金");
        let head = head("opening_balance", "F04", Period::month_of(date), date);
        self.draft(words_of(head, &words.0, words.1).with("body", body))
    }

    /// Everything published for a month, in order; the close comes last.
    pub fn month(&mut self, period: Period) -> Vec<Draft> {
        let (opening, first) = (self.bank + self.cash, period.first_day());
        let mut sums = Sums::default();
        if first.month() == 1 {
            self.vouchers = 0;
        }
        let count = if self.group { self.random.between(6, 14) } else { self.random.between(26, 52) };
        let mut days: Vec<i64> = (0..count).map(|_| self.random.between(0, 27)).collect();
        days.sort_unstable();
        let (mut drafts, mut once) = (Vec::with_capacity(days.len() + 4), Vec::new());
        for day in days {
            let date = first.plus(day);
            if self.cash < SMALL_CASH && self.bank > LEAN {
                drafts.push(self.draw_cash(period, date));
                sums.vouchers += 1;
            }
            let poor = self.cash + self.bank < LEAN;
            let income = poor || self.random.once_in(3);
            let list = if income { INCOME } else { EXPENSE };
            let open: Vec<&Matter> = list.iter().filter(|m| !once.contains(&m.what)).collect();
            let Some(matter) = self.random.pick(&open) else { continue };
            if matter.is_monthly() {
                once.push(matter.what);
            }
            drafts.push(self.settle(matter, income, period, date, &mut sums));
            sums.vouchers += 1;
        }
        if self.random.once_in(2) {
            drafts.extend(self.notice(period));
        }
        if self.random.once_in(12) {
            drafts.extend(self.correct(&drafts, period));
        }
        drafts.push(self.close(opening, &sums, period));
        drafts
    }

    fn settle(
        &mut self,
        matter: &Matter,
        income: bool,
        period: Period,
        date: Date,
        sums: &mut Sums,
    ) -> Draft {
        let (low, high) = matter.steps;
        let mut fen = self.random.between(low, high) * matter.step;
        if !income {
            // A unit never pays more than half of what it has.
            fen = fen.min((self.bank + self.cash) / 200 * 100);
        }
        let cash = matter.method == "cash" && self.cash >= fen;
        match (income, cash) {
            (true, _) => (self.bank, sums.income) = (self.bank + fen, sums.income + fen),
            (false, true) => (self.cash, sums.expense) = (self.cash - fen, sums.expense + fen),
            (false, false) => (self.bank, sums.expense) = (self.bank - fen, sums.expense + fen),
        }
        let method = if matter.method == "cash" && !cash { "transfer" } else { matter.method };
        let party = self.random.pick(matter.parties).copied().unwrap_or_default();
        let month = date.month();
        let money = Fen::new(fen).unwrap_or_default();
        let (title, summary) = if income {
            (format!("收{month}月{}", matter.what), format!("{month}月收到{party}{}{money}元", matter.what))
        } else {
            (format!("付{month}月{}", matter.what), format!("{month}月付给{party}{}{money}元", matter.what))
        };
        let (code, account) = matter.account;
        let contract =
            matter.contract.then(|| format!("HT-{}-{:03}", date.year(), self.random.between(1, 60)));
        let body = self
            .voucher(if income { "income" } else { "expense" }, (code, account), fen)
            .with("fund_source", matter.fund)
            .with("method", method)
            .with("counterparty", Object::new().with("kind", matter.party_kind).with("name", party))
            .with_some("contract_no", contract)
            .with("balance", self.bank + self.cash)
            .with("invoice_count", self.random.between(1, 4));
        let head = head("voucher", if income { "F02" } else { "F03" }, period, date);
        self.draft(posted(words_of(head, &title, &summary), period).with("body", body))
    }

    /// Money moves from the bank to the cash box; the unit has as much as before.
    fn draw_cash(&mut self, period: Period, date: Date) -> Draft {
        (self.bank, self.cash) = (self.bank - DRAWN, self.cash + DRAWN);
        let body = self
            .voucher("transfer", ("101", "库存现金"), DRAWN)
            .with("method", "transfer")
            .with("balance", self.bank + self.cash);
        let head =
            words_of(head("voucher", "F03", period, date), "提取备用金", "从银行提取现金备用，收支不变");
        self.draft(posted(head, period).with("body", body))
    }

    fn voucher(&mut self, direction: &str, account: (&str, &str), fen: i64) -> Object {
        self.vouchers += 1;
        let line =
            Object::new().with("account_code", account.0).with("account", account.1).with("amount", fen);
        Object::new()
            .with("voucher_no", format!("记-{:04}", self.vouchers))
            .with("direction", direction)
            .with("lines", vec![line.into()])
            .with("amount", fen)
    }

    fn notice(&mut self, period: Period) -> Option<Draft> {
        let (item, subject, text) = self.random.pick(NOTICES)?;
        let date = period.first_day().plus(self.random.between(0, 27));
        let body = Object::new().with("subject", *subject).with("text", vec![Value::from(*text)]);
        let head = words_of(head("notice", item, period, date), subject, text);
        Some(self.draft(posted(head, period).with("body", body)))
    }

    /// Corrects the account of one of the month's vouchers: what was booked as administration was welfare, or
    /// the other way round. Amounts stay, so the month still adds up.
    fn correct(&mut self, drafts: &[Draft], period: Period) -> Option<Draft> {
        let other = |name: &str| match name {
            "公益支出" => Some((WELFARE, ADMIN)),
            "管理费用" => Some((ADMIN, WELFARE)),
            _ => None,
        };
        let (target, (old, new)) = drafts.iter().rev().find_map(|draft| {
            let json = draft.json();
            Some((draft.seq, other(json.at_path("body.lines.0.account")?.as_text()?)?))
        })?;
        let field = |name: &str, old: &str, new: &str| {
            let path = format!("body.lines.0.{name}");
            Value::from(Object::new().with("path", path).with("old", old).with("new", new))
        };
        let fields = vec![field("account_code", old.0, new.0), field("account", old.1, new.1)];
        let (old, new) = (old.1, new.1);
        let body = Object::new()
            .with("target", Object::new().with("seq", target as i64))
            .with("fields", fields)
            .with("reason", "misclass")
            .with("explanation", format!("科目记错，应为{new}，金额不变"));
        let summary = format!("第{target}号的科目由{old}更正为{new}，金额不变");
        let head = head("correction", "F13", period, period.last_day());
        let fields = posted(words_of(head, "更正公告", &summary), period).with("body", body);
        self.seq += 1;
        Some(Draft::correction(self.unit, self.seq, target, fields))
    }

    fn close(&mut self, opening: i64, sums: &Sums, period: Period) -> Draft {
        let closing = self.bank + self.cash;
        let body = Object::new()
            .with("opening", opening)
            .with("income", sums.income)
            .with("expense", sums.expense)
            .with("closing", closing)
            .with("cash", self.cash)
            .with("vouchers", sums.vouchers);
        let money = |fen| Fen::new(fen).unwrap_or_default();
        let summary =
            format!("收入{}元，支出{}元，结余{}元", money(sums.income), money(sums.expense), money(closing));
        let head = head("period_close", "F04", period, period.last_day());
        self.draft(
            posted(words_of(head, &format!("{period} 收支结余表"), &summary), period).with("body", body),
        )
    }

    fn draft(&mut self, fields: Object) -> Draft {
        self.seq += 1;
        Draft::new(self.unit, self.seq, fields)
    }
}

fn head(kind: &str, item: &str, period: Period, occurred: Date) -> Object {
    Object::new()
        .with("kind", kind)
        .with("item", item)
        .with("period", period.to_string())
        .with("occurred", occurred.to_string())
}

fn words_of(head: Object, title: &str, summary: &str) -> Object {
    head.with("title", title).with("summary", summary)
}

/// Posted from the tenth of the following month for 15 days.
fn posted(fields: Object, period: Period) -> Object {
    let from = period.last_day().plus(10);
    let posting = Object::new().with("from", from.to_string()).with("to", from.plus(15).to_string());
    fields.with("posting", posting)
}
