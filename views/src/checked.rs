//! What was checked, what was not, and the corner for technical readers.

use crate::format::{date, fill, instant, listed};
use crate::words::Lang;
use ledger::bundle::Verified;
use ledger::time::Date;
use ledger::verdict::Code;
use maud::{Markup, html};

/// Seals younger than this when they signed are told, in seconds.
const YOUNG: u64 = 30 * 24 * 3600;

/// The two lists and the corner.
pub(crate) fn checked(lang: Lang, code: Code, verified: &Verified) -> Markup {
    let words = lang.words();
    let everything = match verified.since {
        None => words.check_all().to_owned(),
        Some(time) => fill(words.check_since(), &[&instant(lang, time)]),
    };
    html! {
        h3 { (words.checked()) }
        ul.marks {
            (mark(true, &everything))
            (mark(true, words.check_seals()))
            (mark(verified.remembered, if verified.remembered { words.check_grown() } else { words.check_first() }))
            (witnesses(lang, code, verified))
            @if let Some(young) = young(lang, verified) { (mark(false, &young)) }
        }
        h3 { (words.not_checked()) }
        ul.marks { @for (_, limit) in words.limits().iter() { (mark(false, limit)) } }
        (expert(lang, code, verified))
    }
}

fn mark(done: bool, text: &str) -> Markup {
    html! { li { span.icon aria-hidden="true" { (if done { "✓" } else { "—" }) } " " (text) } }
}

fn witnesses(lang: Lang, code: Code, verified: &Verified) -> Markup {
    let words = lang.words();
    if code == Code::OkUnwitnessed {
        return html! { (mark(false, words.check_unwitnessed())) (mark(false, words.check_not_replayed())) };
    }
    let replayed = matches!(code, Code::Ok | Code::OkFirstVisit);
    let names = listed(lang, &mut verified.witnesses.iter().map(String::as_str));
    html! {
        @if code == Code::OkNotWitnessed {
            (mark(false, words.check_few_witnesses()))
        } @else {
            (mark(true, &fill(words.check_witnesses(), &[&names])))
        }
        (mark(replayed, if replayed { words.check_replayed() } else { words.check_not_replayed() }))
    }
}

/// How many entries carry a seal that was then younger than 30 days, and when the youngest was enrolled.
fn young(lang: Lang, verified: &Verified) -> Option<String> {
    let ages = verified.entries.iter().map(|e| (e.line.time, e.standing.youngest_seal));
    let (mut count, mut newest) = (0_u64, 0);
    for (_, since) in ages.filter(|(logged, since)| *since > 0 && logged.saturating_sub(*since) < YOUNG) {
        (count, newest) = (count + 1, newest.max(since));
    }
    let day = date(lang, Date::of_unix(newest));
    (count > 0).then(|| fill(lang.words().check_young(), &[&count.to_string(), &day]))
}

fn expert(lang: Lang, code: Code, verified: &Verified) -> Markup {
    let words = lang.words();
    let rows = [
        (words.expert_verdict(), code.name().to_owned()),
        (words.expert_ledger(), verified.ledger.to_string()),
        (words.expert_charter(), verified.charter.to_hex()),
        (words.expert_size(), verified.size.to_string()),
        (words.expert_time(), instant(lang, verified.time)),
        (words.expert_root(), verified.row.root.to_base64()),
    ];
    html! {
        details.expert {
            summary { (words.expert_title()) }
            dl { @for (name, value) in rows { div { dt { (name) } dd { (value) } } } }
            p { a.jump href="/checkpoint" { (words.expert_checkpoint()) } }
            p { a.jump href={ "/api/v1/units/" (verified.unit.as_str()) "/bundle?from=" (verified.from.to_string()) } { (words.expert_bundle()) } }
            p { button type="button" data-do="forget" { (words.expert_forget()) } }
        }
    }
}
