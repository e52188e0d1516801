//! What a mapper tells of a record, and how it becomes an entry: nothing of a row is lost on the way.

use super::Mapped;
use super::process::Step;
use super::voucher::is_plain;
use super::words::Words;
use crate::cell::cut;
use crate::columns::{
    ACCOUNT, AMOUNT, ATTACHMENTS, BALANCE, CONTRACT, DIRECTION, FUND, METHOD, PARTY, QUANTITY, RESOLUTION,
    STAGE, TEXT, VOUCHER,
};
use crate::fault::Fault;
use crate::matter;
use crate::names::DraftName;
use crate::record::{Direction, Record};
use ledger::catalogue::Catalogue;
use ledger::entry::{MAX_SUMMARY, MAX_TITLE};
use ledger::json::{Object, Value};
use ledger::kinds::{self, KINDS, Type};
use ledger::money::Fen;
use ledger::sealed::paths::is_sealable;
use std::sync::LazyLock;

/// What a record says as an entry of a kind.
#[derive(Debug)]
pub struct Told {
    /// The kind's name.
    pub kind: &'static str,
    /// 公开事项 and 摘要, as written.
    pub title: String,
    /// The plain sentence.
    pub summary: String,
    /// The body's fields in their order, `note` and `process` left out.
    pub body: Object,
}

/// A piece that a kind must have and the row does not say.
#[derive(Debug)]
pub struct Missing {
    /// The column in which it belongs.
    pub column: &'static str,
    /// What is missing and how it is written, Chinese.
    pub zh: String,
    /// What is missing, English.
    pub en: &'static str,
}

impl Missing {
    /// A piece that belongs into 摘要; `zh` names it, `like` shows how it is written there.
    pub fn text(zh: &str, like: &str, en: &'static str) -> Self {
        Missing { column: TEXT, zh: format!("没有写明{zh}，请写成“{like}”"), en }
    }

    /// An empty cell.
    pub fn cell(column: &'static str) -> Self {
        Missing { column, zh: "没有填写".to_owned(), en: "it is empty" }
    }

    /// The warning that the row becomes a notice.
    pub fn warning(&self, row: usize) -> Fault {
        Fault::new(
            row,
            self.column,
            format!("{}；这次按公告公开 / {}: published as a notice", self.zh, self.en),
        )
    }
}

/// Whether a kind has a field.
pub fn takes(kind: &str, field: &str) -> bool {
    kinds::find(KINDS, kind).is_some_and(|k| k.fields.iter().any(|f| f.name == field))
}

/// Whether the catalogue has receipts and payments under an item.
fn is_of_vouchers(code: &str) -> bool {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::standard);
    CATALOGUE.item(code).is_some_and(|item| item.kinds.iter().any(|kind| kind == "voucher"))
}

/// Paragraphs as a list; `None` when there are none.
pub fn paragraphs(texts: impl IntoIterator<Item = String>) -> Option<Vec<Value>> {
    let list: Vec<Value> = texts.into_iter().map(Value::from).collect();
    (!list.is_empty()).then_some(list)
}

/// What stands before one of the keys and is more than `公开` or `拟`, else what stands after a verb.
pub fn object_of(words: &Words, keys: &[&str], verbs: &[&str]) -> Option<String> {
    let named = words.head(keys).map(|head| {
        let mut head = head.as_str();
        let bare = |text| {
            let before = BEFORE.iter().find_map(|word| str::strip_prefix(text, word));
            before.or_else(|| AFTER.iter().find_map(|word| str::strip_suffix(text, word)))
        };
        while let Some(rest) = bare(head) {
            head = rest;
        }
        head.to_owned()
    });
    named.filter(|head| !head.is_empty()).or_else(|| Some(words.text(verbs)?.split(':').next()?.to_owned()))
}

/// Words before and after a thing's name that are none of it.
const BEFORE: [&str; 5] = ["公开", "对外", "决定", "提议", "拟"];
const AFTER: [&str; 5] = ["公开", "对外", "以", "经", "由"];

/// A plain sentence whose end is kept and whose beginning is cut where it is too long.
pub fn sentence(what: &str, end: &str) -> String {
    format!("{}{end}", cut(what, MAX_SUMMARY.saturating_sub(end.chars().count())))
}

impl Record {
    /// An entry of a kind with the usual title.
    pub(super) fn told(&self, kind: &'static str, summary: String, body: Object) -> Told {
        Told { kind, title: format!("{}：{}", self.matter, self.line()), summary, body }
    }

    /// 摘要 and 备注, in which keys are looked up.
    pub(super) fn words(&self) -> Words {
        Words::of(self.text.iter().chain(&self.note))
    }

    /// 摘要 in one line.
    pub(super) fn line(&self) -> String {
        self.text.join("；")
    }

    /// The catalogue code of the row as an entry of a kind. A receipt or payment has one whatever its 公开事项.
    pub(super) fn item(&self, kind: &str) -> Option<&'static str> {
        let code = matter::code(&self.matter).filter(|code| kind != "voucher" || is_of_vouchers(code));
        match &self.direction {
            Some((direction, _))
                if kind == "voucher" && (code.is_none() || matter::is_money(&self.matter)) =>
            {
                Some(if *direction == Direction::Income { "F02" } else { "F03" })
            }
            _ => code,
        }
    }

    /// 对方单位或个人 as the ledger has it; a person's name is sealed.
    pub(super) fn counterparty(&self) -> Option<Object> {
        self.party.as_ref().map(|p| Object::new().with("kind", p.kind).with_some("name", p.name.clone()))
    }

    /// 数量 and 计量单位.
    pub(super) fn amount_of_things(&self) -> Option<Object> {
        let (hundredths, unit) = self.quantity.as_ref()?;
        Some(Object::new().with("hundredths", *hundredths).with("unit", unit.as_str()))
    }

    /// 面积 in 摘要 or 备注, else 数量 in 亩; in 0.01 亩.
    pub(super) fn area(&self) -> Option<i64> {
        let of_cell = self.quantity.as_ref().filter(|(_, unit)| unit == "亩").map(|(n, _)| *n);
        self.words().area(&["面积"]).or(of_cell)
    }

    /// The cells that a body does not hold, as one paragraph.
    pub(super) fn leftover(&self, kind: &str, body: &Object) -> Option<String> {
        let voucher = kind == "voucher";
        let has = |names: &[&str]| names.iter().any(|n| body.get(n).is_some());
        let plain = |text: &Option<String>| text.as_deref().is_some_and(is_plain);
        let fields = kinds::find(KINDS, kind).map_or(&[][..], |k| k.fields);
        let stated = |amount: &Fen| {
            let sums =
                fields.iter().filter(|f| matches!(f.ty, Type::Fen)).filter_map(|f| body.int_of(f.name));
            sums.into_iter().any(|sum| sum == amount.get())
        };
        let area = |(n, unit): &(i64, String)| unit == "亩" && body.int_of("area") == Some(*n);
        let account = self
            .account
            .as_ref()
            .map(|(code, name)| format!("{} {name}", code.as_deref().unwrap_or_default()).trim().to_owned());
        let yuan = |amount: &Option<Fen>| amount.filter(|a| !stated(a)).map(|a| format!("{a}元"));
        let quantity = self.quantity.as_ref().filter(|q| !has(&["quantity"]) && !area(q));
        let party =
            self.party.as_ref().map(|p| p.name.clone().unwrap_or_else(|| "个人（姓名略）".to_owned()));
        let unless = |held: bool, text: Option<String>| text.filter(|_| !held);
        let direction = self.direction.as_ref().map(|(_, word)| word.clone());
        let step = self.step.as_ref().map(Step::to_string);
        let parts = [
            (VOUCHER, unless(has(&["voucher_no"]), self.voucher.clone())),
            (DIRECTION, unless(voucher, direction)),
            (AMOUNT, yuan(&self.amount)),
            (BALANCE, yuan(&self.balance)),
            (ACCOUNT, unless(voucher || has(&["account"]), account)),
            (FUND, unless(has(&["fund_source", "fund_sources"]) && plain(&self.fund), self.fund.clone())),
            (METHOD, unless(voucher && plain(&self.method), self.method.clone())),
            (PARTY, unless(has(&PARTIES) || !self.named(kind, body).is_empty(), party)),
            (QUANTITY, quantity.map(|(n, unit)| format!("{}{unit}", decimal(*n)))),
            (CONTRACT, unless(has(&["contract_no"]), self.contract.clone())),
            (RESOLUTION, unless(has(&["resolution_no"]), self.resolution.clone())),
            (ATTACHMENTS, unless(voucher, self.attachments.filter(|n| *n > 0).map(|n| format!("{n}张")))),
            (STAGE, unless(takes(kind, "process"), step)),
        ];
        let name = |column: &'static str| column.trim_end_matches("(元)");
        let parts: Vec<String> =
            parts.into_iter().filter_map(|(column, v)| Some(format!("{}：{}", name(column), v?))).collect();
        (!parts.is_empty()).then(|| parts.join("；"))
    }

    /// The entry: what was told, then everything that the kind has no field for, then the disposal it is part of.
    pub(super) fn finish(&self, told: Told, step: Option<&Step>) -> Mapped {
        let Told { kind, title, summary, mut body } = told;
        if takes(kind, "note") {
            let long = if title.chars().count() > MAX_TITLE { self.text.clone() } else { Vec::new() };
            let leftover = self.leftover(kind, &body);
            body =
                body.with_some("note", paragraphs(long.into_iter().chain(self.note.clone()).chain(leftover)));
        }
        if takes(kind, "process") {
            body = body.with_some("process", step.map(Step::object));
        }
        self.mapped(kind, &title, &summary, body)
    }

    /// The entry's fields in their order.
    pub(super) fn mapped(&self, kind: &str, title: &str, summary: &str, body: Object) -> Mapped {
        let posting =
            self.posting.map(|p| Object::new().with("from", p.from.to_string()).with("to", p.to.to_string()));
        let approvals = self.occurred.map(|on| {
            let approval =
                |(role, _): &(&str, _)| Object::new().with("role", *role).with("on", on.to_string());
            self.approvals.iter().map(|one| Value::from(approval(one))).collect::<Vec<_>>()
        });
        let names = self.sealed(kind, &body);
        let content = Object::new()
            .with("unit", self.unit.to_string())
            .with("kind", kind)
            .with_some("item", self.item(kind))
            .with_some("period", self.period.map(|p| p.to_string()))
            .with_some("occurred", self.occurred.map(|d| d.to_string()))
            .with("title", cut(title, MAX_TITLE))
            .with("summary", cut(summary, MAX_SUMMARY))
            .with_some("posting", posting)
            .with("body", body)
            .with_some("approvals", approvals.filter(|a| !a.is_empty()));
        let (rows, list) = (Vec::new(), Vec::new());
        Mapped { row: self.row, rows, unit: self.unit, content, names, list, target: None }
    }

    /// Names that are what the entry is about: the candidates who passed, whom a party notice is on.
    fn named(&self, kind: &str, body: &Object) -> Vec<(String, &String)> {
        let people = self.party.as_ref().map_or(&[][..], |party| &party.people);
        match kind {
            // Who is to be admitted is shown, who owes dues is not.
            "party_notice" if people.len() < 2 && body.text_of("matter") == Some("development") => people
                .first()
                .or(self.named.as_ref())
                .map(|name| ("name".to_owned(), name))
                .into_iter()
                .collect(),
            "candidate_review" if i64::try_from(people.len()).ok() == body.int_of("passed") => {
                people.iter().enumerate().map(|(at, name)| (format!("names.{at}"), name)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The row's names at the paths where the entry seals them.
    fn sealed(&self, kind: &str, body: &Object) -> Vec<DraftName> {
        let is_person = |field: &&&str| {
            body.at_path(&format!("{field}.kind")).is_some_and(|kind| kind.as_text() == Some("person"))
        };
        let people = self.party.as_ref().map_or(&[][..], |party| &party.people);
        let of_body: Vec<(String, &String)> = match PARTIES.iter().find(is_person) {
            Some(field) => people.iter().map(|name| (format!("{field}.name"), name)).collect(),
            None => self.named(kind, body),
        };
        let dated = self.occurred.map_or(&[][..], |_| &self.approvals);
        let signers = dated.iter().enumerate().filter_map(|(at, (_, name))| {
            let name = name.as_ref()?;
            Some((format!("approvals.{at}.name"), name))
        });
        let all = of_body.into_iter().chain(signers).filter(|(path, _)| is_sealable(kind, path));
        all.map(|(path, name)| DraftName::new(path, name, self.names)).collect()
    }

    /// A fault of a cell of this row.
    pub(super) fn fault(&self, column: &str, what: impl Into<String>) -> Fault {
        Fault::new(self.row, column, what)
    }
}

/// Fields of a body for the other side of a row.
const PARTIES: [&str; 4] = ["counterparty", "winner", "contractor", "holder"];

/// Hundredths as people write them.
pub fn decimal(hundredths: i64) -> String {
    match hundredths % 100 {
        0 => (hundredths / 100).to_string(),
        part => format!("{}.{part:02}", hundredths / 100),
    }
}
