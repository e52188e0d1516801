//! Rules over one entry and the limits in force (S-10 to S-13, S-15 to S-17).

use super::contracts;
use super::finding::{FindingCode, Found};
use super::limits::Limits;
use super::payment::Payment;
use crate::entry::Entry;
use crate::json::{Object, Value};
use crate::time::Date;

/// Looks at an entry by itself.
pub(super) fn look(entry: &Entry, time: u64, limits: &Limits, found: &mut Found) {
    let body = entry.body();
    if let Some(posting) = entry.posting {
        let days = posting.to.days() - posting.from.days() + 1;
        let wanted = limits.posting(entry.item.as_deref());
        if days < wanted {
            found.counts(FindingCode::PostingShort, "posting", &[days, wanted]);
        }
    }
    let term = body.get("term").and_then(Value::object).map(|term| months(term, time));
    if let Some(months) = term {
        // 农村土地承包法 art. 21: as the longest for which woodland is contracted.
        let most = if body.text_of("subject_kind") == Some("resource") { 840 } else { limits.lease_months };
        if months == 0 {
            found.say(FindingCode::OpenTerm, "body.term", Vec::new());
        } else if months > most {
            found.counts(FindingCode::LeaseTerm, "body.term", &[months, most]);
        }
    }
    let years = term.map_or(1, |months| ((months + 11) / 12).max(1));
    match entry.kind() {
        "voucher" => Payment::of(entry, 0).look(None, limits, found),
        "resolution" => resolution(body, found),
        "distribution" => {
            resolved(body, "body.distributed", body.int_of("distributed").unwrap_or_default(), 0, found);
        }
        "contract" => {
            let rent = || rate(body).map(|rent| rent.saturating_mul(years));
            let worth = body.int_of("total").or(contracts::scheduled(body)).or_else(rent).unwrap_or_default();
            resolved(body, "body.total", worth, limits.resolution, found);
        }
        "period_close" => {
            let cash = body.int_of("cash").unwrap_or_default();
            if cash > limits.cash_holding {
                found.fen(FindingCode::CashHolding, "body.cash", &[cash, limits.cash_holding]);
            }
        }
        "trade" | "asset_event" | "project" => award(body, years, limits, found),
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
    let voting = present.saturating_add(count("proxies"));
    let two_thirds = |n: i64| n.saturating_mul(2).saturating_add(2) / 3;
    let collective = body.text_of("track") == Some("collective");
    let (of_members, quorum) = match body.text_of("organ") {
        Some("villagers_meeting") => (collective, eligible / 2 + 1),
        Some("villager_representatives") => (false, two_thirds(eligible)),
        Some("members_meeting") => (true, two_thirds(eligible)),
        Some("member_representatives") => (true, 0),
        _ => return,
    };
    let majority = if collective { two_thirds(eligible) } else { voting / 2 + 1 };
    let present = if collective { voting } else { present };
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

/// A year's rent in fen, from the price of a mu and hundredths of a mu.
fn rate(body: &Object) -> Option<i64> {
    Some(body.int_of("unit_price")?.saturating_mul(body.int_of("area")?) / 100)
}

/// S-15, S-17: an award names its resolution, and a large one was competed for.
fn award(body: &Object, years: i64, limits: &Limits, found: &mut Found) {
    let event = body.text_of("event");
    let Some(price) = body.int_of("price").or(rate(body)) else { return };
    if matches!(event, Some("inventory_gain" | "inventory_loss")) {
        return;
    }
    let leased = event == Some("lease") || matches!(body.text_of("subject_kind"), Some("asset" | "resource"));
    let worth = price.saturating_mul(if leased { years } else { 1 });
    resolved(body, "body.price", worth, limits.resolution, found);
    let bidders = body.int_of("bidders").unwrap_or(body.list_of("bids").len() as i64);
    let open = matches!(body.text_of("method"), Some("tender" | "auction" | "listing"));
    if !open && bidders < 3 && worth >= limits.tender {
        found.fen(FindingCode::NoCompetition, "body.method", &[worth, limits.tender]);
    }
}

/// The months of a term, begun ones counted; what it says in months or in days, whichever is more; from the logged
/// time on when it says only an end. 0: it says no end.
fn months(term: &Object, time: u64) -> i64 {
    let day = |name| term.text_of(name).and_then(Date::parse);
    let from = day("from").unwrap_or_else(|| Date::of_unix(time));
    let spanned = day("to").map_or(0, |to| {
        let whole = |d: Date| i64::from(d.year()) * 12 + i64::from(d.month());
        (whole(to) - whole(from) + i64::from(to.day() > from.day())).max(1)
    });
    spanned.max(term.int_of("months").unwrap_or_default())
}
