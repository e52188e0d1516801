//! The guard over an entry.

use crate::hit::{Hit, Place, What};
use crate::patterns;
use ledger::entry::Entry;
use ledger::json::Value;

/// What may not be published in an entry: every text anywhere in its JSON, attachments' names included.
///
/// Only texts are searched. Integers are amounts in fen, areas, counts and times, and eleven digits of fen are no
/// telephone number; an identity number does not fit in an integer of an entry (at most 2^53 − 1).
/// Office telephone numbers in the profile of a unit (`contacts.*.phone`) may be mobiles.
pub fn entry(entry: &Entry) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (name, value) in entry.json.fields() {
        walk(value, name.clone(), &mut hits);
    }
    let is_office = |hit: &Hit| match &hit.place {
        Place::Path(path) => path.starts_with("body.contacts.") && path.ends_with(".phone"),
        _ => false,
    };
    hits.retain(|hit| !(entry.kind() == "unit" && hit.what == What::Mobile && is_office(hit)));
    hits
}

fn walk(value: &Value, path: String, hits: &mut Vec<Hit>) {
    match value {
        Value::Text(text) => hits.extend(patterns::scan(text).into_iter().map(|found| Hit {
            what: found.what,
            place: Place::Path(path.clone()),
            at: found.at,
            masked: found.masked,
        })),
        Value::List(list) => {
            list.iter().enumerate().for_each(|(i, value)| walk(value, format!("{path}.{i}"), hits));
        }
        Value::Object(object) => {
            object.fields().iter().for_each(|(name, value)| walk(value, format!("{path}.{name}"), hits));
        }
        Value::Bool(_) | Value::Int(_) => {}
    }
}
