//! Rules over one entry and the limits in force (S-10 to S-13, S-15 to S-17).

use super::contracts;
use super::finding::{FindingCode, Found};
use super::limits::Limits;
use super::payment::Payment;
use crate::entry::Entry;
use crate::json::{Object, Value};
use crate::time::Date;

/// Looks at an entry by itself.
pub(super) fn look(entry: &Entry, limits: &Limits, found: &mut Found) {
    let body = entry.body();
    if let Some(posting) = entry.posting {
        let days = posting.to.days() - posting.from.days() + 1;
        let wanted = limits.posting(entry.item.as_deref());
        if days < wanted {
            found.counts(FindingCode::PostingShort, "posting", &[days, wanted]);
        }
    }
    if let Some(months) = body.get("term").and_then(Value::object).map(months)
        && months > limits.lease_months
    {
        found.counts(FindingCode::LeaseTerm, "body.term", &[months, limits.lease_months]);
    }
    match entry.kind() {
        "voucher" => Payment::of(entry).look(None, limits, found),
        "resolution" => resolution(body, found),
        "distribution" => {
            resolved(body, "body.distributed", body.int_of("distributed").unwrap_or_default(), 0, found);
        }
        "contract" => {
            let worth = body.int_of("total").or(contracts::scheduled(body)).unwrap_or_default();
            resolved(body, "body.total", worth, limits.resolution, found);
        }
        "trade" | "asset_event" | "project" => award(body, limits, found),
        _ => {}
    }
}

/// S-11, S-12, S-21: who was there, who was for it, and whether this meeting decides on such things.
fn resolution(body: &Object, found: &mut Found) {
    let count = |name| body.int_of(name).unwrap_or_default();
    if !matches!(body.get("passed"), Some(Value::Bool(true))) {
        return;
    }
    let (eligible, present) = (count("eligible"), count("present"));
    let two_thirds = |n: i64| n.saturating_mul(2).saturating_add(2) / 3;
    let collective = body.text_of("track") == Some("collective");
    let (of_members, quorum) = match body.text_of("organ") {
        Some("villagers_meeting") => (false, eligible / 2 + 1),
        Some("villager_representatives") => (false, two_thirds(eligible)),
        Some("members_meeting") => (true, two_thirds(eligible)),
        Some("member_representatives") => (true, 0),
        _ => return,
    };
    let majority = if collective { two_thirds(eligible) } else { present / 2 + 1 };
    if of_members != collective {
        found.say(FindingCode::Organ, "body.organ", Vec::new());
    }
    if present < quorum {
        found.counts(FindingCode::Quorum, "body.present", &[present, quorum]);
    }
    if count("for") < majority {
        found.counts(FindingCode::Majority, "body.for", &[count("for"), majority]);
    }
}

/// S-15: what is worth this much names its resolution.
fn resolved(body: &Object, field: &'static str, amount: i64, limit: i64, found: &mut Found) {
    if amount >= limit && body.get("resolution_no").is_none() {
        found.fen(FindingCode::NoResolution, field, &[amount, limit]);
    }
}

/// S-15, S-17: an award names its resolution, and a large one was competed for.
fn award(body: &Object, limits: &Limits, found: &mut Found) {
    let event = body.text_of("event");
    let Some(price) = body.int_of("price").filter(|_| matches!(event, None | Some("sell" | "lease"))) else {
        return;
    };
    let leased = event == Some("lease") || matches!(body.text_of("subject_kind"), Some("asset" | "resource"));
    let years = match body.get("term").and_then(Value::object) {
        Some(term) if leased => (months(term) + 11) / 12,
        _ => 1,
    };
    let worth = price.saturating_mul(years.max(1));
    resolved(body, "body.price", worth, limits.resolution, found);
    let bidders = body.int_of("bidders").unwrap_or(body.list_of("bids").len() as i64);
    let chosen = matches!(body.text_of("method"), Some("negotiation" | "direct"));
    if chosen && bidders < 3 && worth >= limits.tender {
        found.fen(FindingCode::NoCompetition, "body.method", &[worth, limits.tender]);
    }
}

/// The months of a term, begun ones counted; what it says in months or in days, whichever is more.
fn months(term: &Object) -> i64 {
    let day = |name| term.text_of(name).and_then(Date::parse);
    let spanned = day("from").zip(day("to")).map_or(0, |(from, to)| {
        let whole = |d: Date| i64::from(d.year()) * 12 + i64::from(d.month());
        whole(to) - whole(from) + i64::from(to.day() > from.day())
    });
    spanned.max(term.int_of("months").unwrap_or_default())
}
