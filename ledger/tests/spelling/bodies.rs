//! Any body of any kind, made from its table of fields: what is right for its types, and then for its rule.

use crate::support::{Key, TOWN, TOWN_SCOPE, UNIT, VILLAGE, VILLAGE_SCOPE, place};
use ledger::hash::leaf_hash;
use ledger::json::{MAX_INTEGER, Object, Value, is_allowed};
use ledger::kinds::{Field, Kind, Type};
use ledger::time::Date;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use unicode_normalization::UnicodeNormalization as _;

/// A body of a kind with the unit and number that suit it.
#[derive(Clone, Debug)]
pub struct Made {
    pub unit: &'static str,
    pub seq: u64,
    pub body: Object,
}

/// Any body that a kind takes.
pub fn bodies(kind: &'static Kind) -> impl Strategy<Value = Made> {
    object(kind.fields).prop_map(|body| {
        let (unit, seq) = place(kind);
        let mut making = Making { fields: kind.fields, body };
        let unit = making.mend(kind.name, unit, seq);
        Made { unit, seq, body: making.body }
    })
}

/// Allowed characters in normal form C, 1 to `max` of them; sometimes as many as fit.
pub fn text(max: usize) -> BoxedStrategy<String> {
    let any = any::<char>().prop_filter("allowed", |c| is_allowed(*c));
    let chars = prop_oneof![4 => prop::char::range('\u{4E00}', '\u{9FFF}'), 3 => prop::char::range(' ', '~'), 1 => any];
    let short = vec(chars, 1..12).prop_map(move |chars| {
        let text: String = chars.into_iter().nfc().filter(|c| is_allowed(*c)).take(max).collect();
        if text.is_empty() { "\"\\\"".to_owned() } else { text }
    });
    prop_oneof![7 => short, 1 => Just("村".repeat(max.min(400)))].boxed()
}

fn value(ty: &'static Type) -> BoxedStrategy<Value> {
    let hash = || any::<[u8; 32]>().prop_map(|bytes| leaf_hash(&bytes));
    let unit = || "440811[0-9]{6}-[0-9]{2}";
    match ty {
        Type::Text(max) => text(*max).prop_map(Value::Text).boxed(),
        Type::Paragraphs => vec(text(2_000).prop_map(Value::Text), 1..3).prop_map(Value::List).boxed(),
        // A list of these adds up to an amount.
        Type::Fen => (-1_000_000_000_000..=1_000_000_000_000_i64).prop_map(Value::Int).boxed(),
        Type::Count | Type::Instant => {
            prop_oneof![3 => 0..400_i64, 1 => 0..=MAX_INTEGER].prop_map(Value::Int).boxed()
        }
        Type::Year => (1900..2200_i64).prop_map(Value::Int).boxed(),
        Type::Flag => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Date => (-25_000..80_000_i64).prop_map(|d| Date::of_days(d).to_string().into()).boxed(),
        Type::Choice(keys) => select(*keys).prop_map(Value::from).boxed(),
        Type::Scalar => prop_oneof![
            text(300).prop_map(Value::Text),
            (-MAX_INTEGER..=MAX_INTEGER).prop_map(Value::Int),
            any::<bool>().prop_map(Value::Bool),
        ]
        .boxed(),
        Type::Item => "[A-Z][0-9]{2}".prop_map(Value::Text).boxed(),
        Type::Path => r"[a-z0-9_]{1,9}(\.[a-z0-9_]{1,9}){0,4}".prop_map(Value::Text).boxed(),
        Type::Digest => hash().prop_map(|h| h.to_hex().into()).boxed(),
        Type::Hash => hash().prop_map(|h| h.to_base64().into()).boxed(),
        Type::Vkey => (1..200_u8).prop_map(|n| Key::note("k.example/x", n).vkey.to_string().into()).boxed(),
        Type::Unit => unit().prop_map(Value::Text).boxed(),
        Type::Scope => (unit(), select(&[6, 9, 12, 15][..])).prop_map(|(u, n)| u[..n].into()).boxed(),
        Type::Object(fields) => object(fields).prop_map(Value::Object).boxed(),
        Type::List(fields) => vec(object(fields).prop_map(Value::Object), 1..4).prop_map(Value::List).boxed(),
        Type::Many(ty) => vec(value(ty), 1..4).prop_map(Value::List).boxed(),
    }
}

fn object(fields: &'static [Field]) -> BoxedStrategy<Object> {
    let one = |field: &'static Field| {
        let value = value(&field.ty);
        if field.required { value.prop_map(Some).boxed() } else { proptest::option::of(value).boxed() }
    };
    let values: Vec<_> = fields.iter().map(one).collect();
    let made = values.prop_map(move |values| {
        let named = fields.iter().zip(values);
        let body = named.fold(Object::new(), |o, (field, value)| o.with_some(field.name, value));
        let mut making = Making { fields, body };
        making.mend_shared();
        making.body
    });
    made.boxed()
}

/// A body while its fields are made to fit each other.
struct Making {
    fields: &'static [Field],
    body: Object,
}

impl Making {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.set(name, Some(value.into()));
    }

    fn drop(&mut self, name: &str) {
        self.set(name, None);
    }

    fn set(&mut self, name: &str, value: Option<Value>) {
        let old = std::mem::take(&mut self.body);
        for field in self.fields {
            let kept = if field.name == name { value.clone() } else { old.get(field.name).cloned() };
            self.body = std::mem::take(&mut self.body).with_some(field.name, kept);
        }
    }

    fn int(&self, name: &str) -> i64 {
        self.body.int_of(name).unwrap_or_default()
    }

    fn has(&self, name: &str) -> bool {
        self.body.get(name).is_some()
    }

    /// The sum of a column of those rows that have these words under `direction`.
    fn sum(&self, list: &str, column: &str, direction: Option<&str>) -> i64 {
        let rows = self.body.list_of(list).iter().filter_map(Value::object);
        rows.filter(|r| direction.is_none() || r.text_of("direction") == direction)
            .filter_map(|r| r.int_of(column))
            .sum()
    }

    /// Leaves the first of what stands twice; a list that is then another takes the place of the old one.
    fn undouble(&mut self, list: &str, key: &str) {
        let mut seen = Vec::new();
        let mut left = self.body.list_of(list).to_vec();
        left.retain(|value| {
            let name = value.object().map_or(Some(value), |o| o.get(key)).cloned();
            let is_new = !seen.contains(&name);
            seen.push(name);
            is_new
        });
        if self.has(list) {
            self.put(list, left);
        }
    }

    /// Objects that several kinds share, told by their names.
    fn mend_shared(&mut self) {
        let names: Vec<&str> = self.fields.iter().map(|f| f.name).collect();
        match names[..] {
            ["kind", "name", "code"] => match self.body.text_of("kind") {
                Some("person") => ["name", "code"].iter().for_each(|n| self.drop(n)),
                Some("group") => self.drop("code"),
                _ => {}
            },
            ["from", "to", "months"] => {
                if self.body.text_of("from") > self.body.text_of("to") && self.has("to") {
                    self.drop("to");
                }
                if self.body.fields().is_empty() {
                    self.put("months", 1);
                }
            }
            ["rule", "days", ..] => {
                if self.body.text_of("rule") == Some("yearly") {
                    ["days", "working"].iter().for_each(|n| self.drop(n));
                    self.put("month", self.int("month") % 12 + 1);
                    self.put("day", self.int("day") % 28 + 1);
                } else {
                    ["month", "day"].iter().for_each(|n| self.drop(n));
                    self.put("days", self.int("days"));
                }
            }
            _ => {}
        }
    }

    /// Makes the body fit its kind's own rule; where the entry then stands.
    fn mend(&mut self, kind: &str, unit: &'static str, seq: u64) -> &'static str {
        if ["asset_event", "contract", "project", "trade"].contains(&kind) {
            for name in ["price", "unit_price", "total", "deposit"] {
                if self.has(name) {
                    self.put(name, self.int(name).abs());
                }
            }
        }
        match kind {
            "opening_balance" => self.put("amount", self.sum("accounts", "amount", None)),
            "voucher" => self.put("amount", self.sum("lines", "amount", None)),
            "period_close" if self.has("accounts") => {
                self.put("closing", self.sum("accounts", "closing", None));
            }
            "budget" => {
                for direction in ["income", "expense"] {
                    self.put(direction, self.sum("lines", "amount", Some(direction)));
                }
            }
            "payment_list" if self.has("list") => {
                self.drop("rows");
                self.put("count", self.int("count") % 100_000 + 1);
                self.put("amount", self.int("amount").abs());
            }
            "payment_list" if self.has("rows") => {
                self.put("amount", self.sum("rows", "amount", None));
                self.put("count", self.body.list_of("rows").len() as i64);
            }
            "distribution" => self.put("distributable", self.int("reserve") + self.int("distributed")),
            "contract" if self.has("schedule") && self.has("total") => {
                let total = self.sum("schedule", "amount", None);
                self.set("total", (total >= 0).then_some(total.into()));
            }
            "contract_event" => self.put("amount", self.int("amount")),
            "trade" => self.put("price", self.int("price")),
            "resolution" => {
                let village = self.body.text_of("track") == Some("village");
                self.put("organ", if village { "villagers_meeting" } else { "members_meeting" });
                self.put("present", self.int("present").min(self.int("eligible")));
                if self.has("proxies") {
                    self.put("proxies", self.int("proxies").min(self.int("eligible") - self.int("present")));
                }
                self.put("for", self.int("present"));
                ["against", "abstain"].iter().for_each(|vote| self.put(vote, 0));
            }
            "deliberation" => self.put("adopted", self.int("adopted").min(self.int("opinions"))),
            "candidate_review" => {
                self.put("passed", self.int("passed").min(self.int("submitted")));
                self.put("failed", self.int("submitted") - self.int("passed"));
            }
            "supervision_opinion" if !self.has("objections") => self.put("opinion", "agree"),
            "correction" => self.mend_correction(),
            "supersede" => {
                self.target("target", 1);
                self.target("by", 2);
            }
            "redaction" => {
                self.target("target", 1);
                self.undouble("paths", "");
            }
            "closed" => self.put("count", seq as i64),
            "statement_of_no_activity" => self.undouble("classes", ""),
            "catalogue" => self.undouble("items", "item"),
            "overrides" => {
                [("items", "item"), ("limits", "limit"), ("tiers", "from")]
                    .iter()
                    .for_each(|(l, k)| self.undouble(l, k));
            }
            "release" => self.undouble("files", "path"),
            "unit" => {
                self.put("unit", UNIT);
                self.undouble("predecessors", "");
            }
            "authority" => self.put("threshold", 1),
            "policy" => {
                let comment = |line: &Value| Value::from(format!("# {}", line.as_text().unwrap()));
                let lines = self.body.list_of("lines").iter().map(comment);
                self.put("lines", lines.chain([Value::from("quorum none")]).collect::<Vec<_>>());
            }
            "seal" => return self.mend_seal(),
            _ => {}
        }
        unit
    }

    fn target(&mut self, name: &str, seq: i64) {
        assert!(self.body.replace_at(&format!("{name}.seq"), seq.into()));
    }

    fn mend_correction(&mut self) {
        self.target("target", 1);
        for at in 0..self.body.list_of("fields").len() {
            let path = |name: &str| format!("fields.{at}.{name}");
            let old = self.body.at_path(&path("path")).and_then(Value::as_text).unwrap();
            let new = format!("body.f{at}.{old}").into();
            self.body.replace_at(&path("path"), new);
            if self.body.at_path(&path("old")) == self.body.at_path(&path("new")) {
                self.body.replace_at(&path("old"), "x".into());
                self.body.replace_at(&path("new"), 1.into());
            }
        }
    }

    fn mend_seal(&mut self) -> &'static str {
        let township = self.body.text_of("role") == Some("township");
        let (unit, scope) = if township { (TOWN, TOWN_SCOPE) } else { (VILLAGE, VILLAGE_SCOPE) };
        let name = format!("k.example/{scope}/{}", self.body.text_of("role").unwrap());
        self.put("scope", scope);
        self.put("vkey", Key::note(&name, 7).vkey.to_string());
        let act = self.body.text_of("act").unwrap().to_owned();
        match &*act {
            "rotate" => self.put("replaces", Key::note(&name, 8).vkey.to_string()),
            _ => self.drop("replaces"),
        }
        if act != "revoke" {
            self.drop("compromised_from");
        }
        unit
    }
}
