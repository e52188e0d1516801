//! `GET /trust.toml` and `GET /policy.txt`: what a reader may start from, to be held against other sources.

use crate::app::{App, Shared};
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use client::trust::{Contact, Trust};
use ledger::unit::UnitId;

/// The policy in force for the published head, as text.
pub fn policy_text(app: &App) -> String {
    let published = app.log.published();
    published.registry.policy(published.size.saturating_sub(1)).iter().map(|l| format!("{l}\n")).collect()
}

/// `GET /policy.txt`: the C2SP tlog-policy in force, as the registry has it.
pub async fn policy(State(app): State<Shared>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], policy_text(&app))
}

/// `GET /trust.toml`: what the charter says, the policy in force, and the district's telephone numbers.
pub async fn trust(State(app): State<Shared>) -> impl IntoResponse {
    let published = app.log.published();
    let district = UnitId::of_division(&format!("{:0<12}", app.charter.district), 0);
    let profile = district.and_then(|unit| published.registry.profile(&unit));
    let contacts = profile.map(|p| p.contacts.as_slice()).unwrap_or_default();
    let trust = Trust {
        policy: policy_text(&app),
        viewer: app.viewers.clone(),
        contacts: contacts
            .iter()
            .map(|(office, phone)| Contact { office: office.clone(), phone: phone.clone() })
            .collect(),
        ..Trust::of_charter(&app.charter, app.charter_hash)
    };
    ([(header::CONTENT_TYPE, "application/toml; charset=utf-8")], trust.text())
}
