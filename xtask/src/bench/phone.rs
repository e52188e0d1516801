//! What a phone meets: the bundle of a village with 1,000 entries, and the size of the checking code.

use super::http::fetch;
use super::report::{Goal, Report};
use crate::generate::District;
use crate::viewer;
use anyhow::{Context as _, Result, ensure};
use ledger::bundle::{Ask, verify};
use ledger::verdict::Code;
use std::net::SocketAddr;
use std::time::Instant;

/// Entries of the bundle.
const ENTRIES: u64 = 1_000;
/// Rounds; the fastest counts, the others met other work on the machine.
const ROUNDS: usize = 5;

/// Fetches a bundle and verifies it natively, with the code that the phone runs as WASM.
pub async fn bundle(address: SocketAddr, district: &District, report: &mut Report) -> Result<()> {
    let unit = district.units.first().context("a district without units")?.unit;
    let numbers = fetch(address, &format!("/api/v1/units/{unit}")).await?;
    let numbers: serde_json::Value = serde_json::from_slice(&numbers)?;
    let count = numbers.get("count").and_then(|c| c.as_u64()).context("the unit's answer has no count")?;
    let from = count.saturating_sub(ENTRIES - 1).max(1);
    let asked = Instant::now();
    let bytes = fetch(address, &format!("/api/v1/units/{unit}/bundle?from={from}")).await?;
    let answered = asked.elapsed();
    let mut fastest = f64::INFINITY;
    let mut carried = 0;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let outcome = verify(&bytes, &Ask { unit: Some(unit), ..Ask::default() });
        fastest = fastest.min(began.elapsed().as_secs_f64() * 1e3);
        ensure!(outcome.verdict.code == Code::OkUnwitnessed, "the bundle: {:?}", outcome.verdict);
        carried = outcome.verified.map_or(0, |v| v.entries.len());
    }
    let what = |what: &str| format!("bundle of {carried} entries, {} kB: {what}", bytes.len() / 1_000);
    report.add("bundle", &what("served"), answered.as_secs_f64() * 1e3, "ms", Goal::None);
    report.add("bundle", &what("verified natively"), fastest, "ms", Goal::Under(500.0));
    report.skip("bundle", "in a browser: measured by the browser tests");
    Ok(())
}

/// The size of the viewer's WASM as a phone fetches it, when the viewer was built.
pub fn wasm_size(report: &mut Report) -> Result<()> {
    let wasm = viewer::wasm();
    if !wasm.is_file() {
        report.skip("wasm", "the viewer is not built (cargo xtask viewer)");
        return Ok(());
    }
    let size = viewer::size(&wasm)?;
    let what = format!("the viewer's WASM, {} kB, compressed", size.raw / 1_000);
    let goal = Goal::Under(viewer::MAX_WASM as f64 / 1e3);
    report.add("wasm", &what, size.compressed as f64 / 1e3, "kB", goal);
    Ok(())
}
