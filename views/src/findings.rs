//! What should be looked at (疑点提示): one sentence for each finding, never a judgement.

use crate::format::{date, fill, yuan};
use crate::words::Lang;
use ledger::rules::{Finding, FindingCode, Said};

/// The sentence of a finding; its code when this version has no words for it.
pub fn finding(lang: Lang, finding: &Finding) -> String {
    let said = |value: &Said| match value {
        Said::Fen(fen) => yuan(*fen),
        Said::Count(n) => n.to_string(),
        Said::Date(day) => date(lang, *day),
        Said::Text(text) => text.clone(),
    };
    let values: Vec<String> = finding.values.iter().map(said).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let code = match (finding.code, values.as_slice()) {
        (FindingCode::VoucherGap, [first, last]) if first == last => "voucher_missing",
        (FindingCode::NoResolution, [_, "0"]) => "no_resolution_at_all",
        (code, _) => code.name(),
    };
    fill(lang.words().findings().word(code), &values)
}
