//! Refusals: stable codes, the rule that was broken, and what to do.

use crate::entry::FieldError;
use crate::leaf::LeafError;
use crate::registry::SealFault;

/// Why an entry was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("[{code}] {field}: {what}")]
pub struct Refusal {
    /// Stable code.
    pub code: RefusalCode,
    /// Dotted path of the field, or empty for the whole entry.
    pub field: String,
    /// What is wrong and what to do, in Chinese and English.
    pub what: String,
    /// For [`RefusalCode::WrongSeq`]: the unit's next number.
    pub next_seq: Option<u64>,
}

macro_rules! refusal_codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal;)*) => {
        /// Stable codes of refusals, as they stand in problem+json and metrics.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RefusalCode { $($(#[$doc])* $code,)* }

        impl RefusalCode {
            /// All codes.
            pub const ALL: &'static [RefusalCode] = &[$(RefusalCode::$code,)*];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(RefusalCode::$code => $name,)* }
            }
        }
    };
}

refusal_codes! {
    /// Not a leaf in the one spelling.
    Spelling = "spelling";
    /// A charter or an index leaf: never taken from a submitter.
    NotAnEntry = "not_an_entry";
    /// Signed for another ledger.
    WrongLedger = "wrong_ledger";
    /// A kind this ledger does not know.
    UnknownKind = "unknown_kind";
    /// A field is not as its kind demands.
    Field = "field";
    /// Text is not in Unicode normal form C.
    NotNfc = "not_nfc";
    /// Not the unit's next number.
    WrongSeq = "wrong_seq";
    /// Another entry already has this number.
    SeqTaken = "seq_taken";
    /// Seals do not suffice.
    Seal = "seal";
    /// A date lies after today.
    Future = "future";
    /// A correction's target is not there, or its old values are not what was published.
    Target = "target";
    /// A reference to an entry that is not there.
    Reference = "reference";
    /// Openings, list or attachments that an entry needs beside it are missing, or do not fit it.
    Beside = "beside";
    /// What may not be published: found by the guard of clerk and server, not here.
    Privacy = "privacy";
    /// A closing does not say what the unit's book is, or who goes on.
    Closing = "closing";
}

impl std::fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Refusal {
    /// The rule that was broken, as SPEC.md numbers it: the one at the end of `what`, else the code's own.
    pub fn rule(&self) -> &str {
        let named = self.what.strip_suffix(']').and_then(|what| what.rsplit_once('['));
        named.map_or(self.code.rule(), |(_, rule)| rule)
    }
}

impl RefusalCode {
    /// The rule of SPEC.md that this code stands for; a refusal may name a narrower one.
    pub fn rule(self) -> &'static str {
        match self {
            RefusalCode::Spelling => "E-50",
            RefusalCode::NotAnEntry => "E-51",
            RefusalCode::WrongLedger => "E-52",
            RefusalCode::UnknownKind | RefusalCode::Field => "E-53",
            RefusalCode::NotNfc => "E-54",
            RefusalCode::WrongSeq | RefusalCode::SeqTaken => "E-55",
            RefusalCode::Seal => "E-58",
            RefusalCode::Future => "E-56",
            RefusalCode::Target => "E-59",
            RefusalCode::Reference => "E-60",
            RefusalCode::Beside => "E-62",
            RefusalCode::Privacy => "E-96",
            RefusalCode::Closing => "E-92",
        }
    }
}

/// A refusal; `what` says what is wrong and what to do, and ends with its rule when that is not the code's own.
pub(super) fn refuse(code: RefusalCode, field: &str, what: impl Into<String>) -> Refusal {
    Refusal { code, field: field.to_owned(), what: what.into(), next_seq: None }
}

impl From<FieldError> for Refusal {
    fn from(e: FieldError) -> Self {
        Refusal { code: RefusalCode::Field, field: e.path, what: e.what, next_seq: None }
    }
}

impl From<LeafError> for Refusal {
    fn from(e: LeafError) -> Self {
        let what = format!(
            "不是规定的唯一写法，请用本账本的工具重新生成 / not in the one spelling ({e}); make it again with the ledger's tools"
        );
        refuse(RefusalCode::Spelling, "", what)
    }
}

impl From<SealFault> for Refusal {
    fn from(e: SealFault) -> Self {
        let (rule, zh, en) = remedy(&e);
        let fault = e.to_string();
        let (fault_zh, fault_en) = fault.split_once(" / ").unwrap_or((&fault, &fault));
        refuse(RefusalCode::Seal, "", format!("{fault_zh}，{zh} / {fault_en}; {en} [{rule}]"))
    }
}

/// The rule that a fault breaks, and what to do about it.
fn remedy(fault: &SealFault) -> (&'static str, &'static str, &'static str) {
    match fault {
        SealFault::Unknown { .. } => ("G-11", "请核对密钥，或先登记", "check the key, or enrol it first"),
        SealFault::Signature { .. } => ("G-11", "请重新签名", "sign again"),
        SealFault::NotHere { .. } => ("G-05", "请换此处有效的密钥签名", "sign with a key that is valid here"),
        SealFault::Missing { .. } => ("G-06", "请补盖后再提交", "add it and submit again"),
        SealFault::Authority { .. } => ("G-02", "请补足签名", "collect the others"),
        SealFault::Possession { .. } => ("G-03", "请用新密钥也签名", "sign with it too"),
        SealFault::Reused { .. } => ("G-04", "请另生成密钥", "make another key"),
        SealFault::Foreign { .. } => ("G-14", "请向该区县的账本提交", "submit it to that district's ledger"),
        SealFault::Misplaced { .. } => {
            ("G-12", "请放到它所管范围的登记簿", "put it into the registry of what it binds")
        }
        SealFault::UnitUnknown { .. } => ("G-07", "请先登记单位信息", "publish its profile first"),
        SealFault::UnitClosed { .. } => ("G-08", "请记入接续的单位", "enter it in the unit that goes on"),
    }
}
