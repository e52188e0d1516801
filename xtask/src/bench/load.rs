//! The load generator: batches, a thousand connections with one entry at a time, and a lone entry.

use super::WINDOW;
use super::http::{Connection, fetch, post};
use super::report::{Goal, Report};
use super::sealing::{Sealed, Sealer};
use crate::generate::{District, Draft};
use anyhow::{Context as _, Result, ensure};
use ledger::unit::UnitId;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// Entries of a batch.
const BATCH: usize = 256;
/// Connections that submit batches side by side; each has units of its own, whose numbers it keeps in order.
const LANES: usize = 8;
/// Connections that submit single entries, each for a unit of its own.
pub const SINGLES: usize = 1_000;
/// Entries of each of them.
const OF_EACH: usize = 20;
/// Least time between two publications while single entries come in.
pub const INTERVAL: Duration = Duration::from_millis(200);
/// How much more the last entries may cost than the first and still be called the same.
const FLAT: Goal = Goal::Under(1.25);
/// Lone entries, one after the other on an idle ledger.
const LONE: usize = 12;

/// A sealed request and how many entries it carries.
pub struct Request {
    bytes: Vec<u8>,
    entries: usize,
}

fn request(notes: &[String]) -> Request {
    Request { bytes: post(&json!({ "entries": notes }).to_string()), entries: notes.len() }
}

/// A clock that runs only while entries are published.
#[derive(Default)]
pub struct Clock {
    before: Duration,
    /// Entries of each segment, and the server's seconds of processor time for them.
    cpu: Vec<(usize, f64)>,
    /// When each batch was answered, and how many entries it had.
    answered: Vec<(Duration, usize)>,
}

impl Clock {
    /// Entries answered so far.
    pub fn entries(&self) -> usize {
        self.answered.iter().map(|(_, n)| n).sum()
    }

    /// Time that it ran.
    pub fn total(&self) -> Duration {
        self.before
    }

    /// Notes what a segment cost the server.
    pub fn used(&mut self, entries: usize, cpu: f64) {
        self.cpu.push((entries, cpu));
    }

    /// Adds throughput, and the cost of the log's end beside that of its beginning: in time of the clock on the
    /// wall, which other work on the machine and the disk disturb, and in processor time, which they hardly do.
    pub fn report(&mut self, report: &mut Report) {
        let (entries, seconds) = (self.entries() as f64, self.before.as_secs_f64());
        let rate = entries / seconds;
        report.add("batches", "publishing in batches of 256", rate, "entries/s", Goal::AtLeast(10_000.0));
        let share = rate / report.bare.1;
        report.add("batches", "publishing : bare verification on all cores", share, "", Goal::None);
        let windows = self.windows();
        let tenth = (windows.len() / 10).max(1);
        let mean = |w: &mut dyn Iterator<Item = &f64>| w.take(tenth).sum::<f64>() / tenth as f64;
        let (first, last) = (mean(&mut windows.iter()), mean(&mut windows.iter().rev()));
        let times: Vec<String> = windows.iter().map(|s| format!("{:.0}", s * 1e3)).collect();
        report.progress(&format!("ms per {WINDOW} entries: {}", times.join(" ")));
        report.add("flat", "first tenth, ms per 10k entries", first * 1e3, "ms", Goal::None);
        report.add("flat", "last tenth : first tenth", last / first, "", FLAT);
        let (entries, cpu) = self.cpu.iter().fold((0, 0.0), |(n, c), (entries, cpu)| (n + entries, c + cpu));
        let cost = |entries: usize, cpu: f64| cpu * 1e6 / entries as f64;
        report.add("flat", "server's processor time per entry", cost(entries, cpu), "µs", Goal::None);
        if let [(first, cpu), .., (last, late)] = self.cpu.as_slice() {
            let ratio = cost(*last, *late) / cost(*first, *cpu);
            report.add("flat", "processor time, last segment : first", ratio, "", FLAT);
        }
    }

    /// Seconds of each whole window of entries, in order.
    fn windows(&mut self) -> Vec<f64> {
        self.answered.sort_unstable();
        let (mut windows, mut begun, mut count) = (Vec::new(), Duration::ZERO, 0);
        for (at, entries) in &self.answered {
            count += entries;
            if count >= WINDOW {
                windows.push(at.saturating_sub(begun).as_secs_f64() * WINDOW as f64 / count as f64);
                (begun, count) = (*at, 0);
            }
        }
        windows
    }
}

/// Divides sealed entries among the lanes by unit, and each lane's into batches.
pub fn lanes(sealed: Vec<Sealed>) -> Result<Vec<Vec<Request>>> {
    let mut of: BTreeMap<UnitId, usize> = BTreeMap::new();
    let mut notes: Vec<Vec<String>> = (0..LANES).map(|_| Vec::new()).collect();
    for entry in sealed {
        let count = of.len();
        let lane = *of.entry(entry.unit).or_insert(count % LANES);
        notes.get_mut(lane).context("no such lane")?.push(entry.note);
    }
    Ok(notes.iter().map(|lane| lane.chunks(BATCH).map(request).collect()).collect())
}

/// Publishes in batches; every lane sends its next batch when the one before is answered.
pub async fn in_batches(address: SocketAddr, lanes: Vec<Vec<Request>>, clock: &mut Clock) -> Result<()> {
    let mut tasks = JoinSet::new();
    let mut open = Vec::new();
    for lane in lanes {
        open.push((Connection::open(address).await?, lane));
    }
    let began = Instant::now();
    for (mut connection, lane) in open {
        tasks.spawn(async move {
            let mut answered = Vec::with_capacity(lane.len());
            for request in &lane {
                connection.submit(&request.bytes).await?;
                answered.push((began.elapsed(), request.entries));
            }
            anyhow::Ok(answered)
        });
    }
    let before = clock.before;
    while let Some(answered) = tasks.join_next().await {
        clock.answered.extend(answered??.into_iter().map(|(at, n)| (before + at, n)));
    }
    clock.before += began.elapsed();
    Ok(())
}

/// Every entry that was answered is in the published books.
pub async fn check_count(address: SocketAddr, entries: usize) -> Result<()> {
    let units: Value = serde_json::from_slice(&fetch(address, "/api/v1/units").await?)?;
    let units = units.get("units").and_then(Value::as_array).context("the list of units has no units")?;
    let count: u64 = units.iter().filter_map(|u| u.get("count")?.as_u64()).sum();
    ensure!(count == entries as u64, "{entries} entries were answered, {count} are in the books");
    Ok(())
}

/// The single entries of the first units, one list a connection, and those of the last unit.
pub fn of_units(
    district: &District,
    drafts: impl Iterator<Item = Draft>,
    sealer: &mut Sealer<'_>,
) -> Result<(Vec<Vec<Request>>, Vec<Request>)> {
    let mut taken: BTreeMap<UnitId, usize> = BTreeMap::new();
    let drafts: Vec<Draft> = drafts
        .filter(|draft| {
            let count = taken.entry(draft.unit).or_default();
            *count += 1;
            *count <= OF_EACH
        })
        .collect();
    let mut lists: BTreeMap<UnitId, Vec<Request>> = BTreeMap::new();
    for entry in sealer.seal(drafts)? {
        lists.entry(entry.unit).or_default().push(request(&[entry.note]));
    }
    let last = district.units.last().context("a district without units")?;
    let lone = lists.remove(&last.unit).context("the last unit has no entries")?;
    ensure!(lists.len() == SINGLES, "{} units for {SINGLES} connections", lists.len());
    Ok((lists.into_values().collect(), lone))
}

/// Single entries from many connections, each waiting for its answer before the next.
pub async fn singles(address: SocketAddr, lists: Vec<Vec<Request>>, report: &mut Report) -> Result<()> {
    let barrier = Arc::new(Barrier::new(lists.len() + 1));
    let mut tasks = JoinSet::new();
    for list in lists {
        let mut connection = Connection::open(address).await?;
        let barrier = Arc::clone(&barrier);
        tasks.spawn(async move {
            barrier.wait().await;
            let mut latencies = Vec::with_capacity(list.len());
            for request in &list {
                let sent = Instant::now();
                connection.submit(&request.bytes).await?;
                latencies.push(sent.elapsed());
            }
            anyhow::Ok(latencies)
        });
    }
    barrier.wait().await;
    let began = Instant::now();
    let mut latencies = Vec::new();
    while let Some(some) = tasks.join_next().await {
        latencies.extend(some??);
    }
    let rate = latencies.len() as f64 / began.elapsed().as_secs_f64();
    latencies.sort_unstable();
    report.add(
        "singles",
        "single posts, 1000 connections, 200 ms",
        rate,
        "entries/s",
        Goal::AtLeast(3_000.0),
    );
    report.add("singles", "p50", milliseconds(&latencies, 50), "ms", Goal::None);
    report.add("singles", "p99", milliseconds(&latencies, 99), "ms", Goal::Under(500.0));
    Ok(())
}

/// Lone entries on a ledger that has been idle for longer than its interval.
pub async fn lone(address: SocketAddr, list: Vec<Request>, report: &mut Report) -> Result<()> {
    let mut connection = Connection::open(address).await?;
    let mut latencies = Vec::new();
    for request in list.iter().take(LONE) {
        tokio::time::sleep(INTERVAL * 3 / 2).await;
        let sent = Instant::now();
        connection.submit(&request.bytes).await?;
        latencies.push(sent.elapsed());
    }
    latencies.sort_unstable();
    report.add("lone", "a lone entry on an idle ledger, p50", milliseconds(&latencies, 50), "ms", Goal::None);
    report.add("lone", "the slowest of 12", milliseconds(&latencies, 100), "ms", Goal::Under(100.0));
    Ok(())
}

/// A percentile of sorted latencies, in milliseconds.
fn milliseconds(sorted: &[Duration], percent: usize) -> f64 {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).map_or(f64::NAN, |d| d.as_secs_f64() * 1e3)
}
