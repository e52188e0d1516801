//! Telling a webhook, in a thread of its own: no round ever waits for it.
//!
//! The address may hold a secret, so no message names it.

use super::told::Report;
use client::{HttpError, once};
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// For one delivery.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Tries of one delivery in a round; the next round tries again.
const TRIES: u32 = 3;
/// Wait before the second try; doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// Reports that wait for the thread.
const QUEUE: usize = 1_000;

/// What the thread says of reports.
#[derive(Debug, Default)]
struct Done {
    taken: BTreeSet<String>,
    under_way: BTreeSet<String>,
}

/// A webhook, and the thread that posts to it.
#[derive(Debug)]
pub struct Webhook {
    queue: SyncSender<Report>,
    done: Arc<Mutex<Done>>,
}

impl Webhook {
    /// Starts the thread; it ends when this is dropped and all is tried.
    pub fn start(url: String) -> Self {
        let (queue, reports) = sync_channel(QUEUE);
        let done = Arc::new(Mutex::new(Done::default()));
        let shared = Arc::clone(&done);
        thread::spawn(move || deliver(&url, &reports, &shared));
        Webhook { queue, done }
    }

    /// Hands over what waits and is not under way; what finds no room is handed over the next time.
    pub fn send(&self, waiting: &[Report]) {
        for report in waiting {
            let fresh = lock(&self.done).under_way.insert(report.id.clone());
            if fresh && self.queue.try_send(report.clone()).is_err() {
                lock(&self.done).under_way.remove(&report.id);
                return;
            }
        }
    }

    /// Lets go of those that the webhook took.
    pub fn settle(&self, waiting: &mut Vec<Report>) {
        let taken = &mut lock(&self.done).taken;
        waiting.retain(|report| !taken.remove(&report.id));
    }

    /// Waits until nothing is under way, for so long at most.
    pub fn wait(&self, longest: Duration) {
        let until = Instant::now() + longest;
        while !lock(&self.done).under_way.is_empty() && Instant::now() < until {
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn deliver(url: &str, reports: &Receiver<Report>, done: &Mutex<Done>) {
    for report in reports {
        let sent = post(url, &report);
        if let Err(e) = &sent {
            let why = match e {
                HttpError::Status { status, .. } => format!("HTTP {status}"),
                _ => "没有应答 / no answer".to_owned(),
            };
            eprintln!("webhook：{why}；报告 {} 下一轮再送 / the report is sent again next round", report.id);
        }
        let mut done = lock(done);
        done.under_way.remove(&report.id);
        if sent.is_ok() {
            done.taken.insert(report.id);
        }
    }
}

fn post(url: &str, report: &Report) -> Result<(), HttpError> {
    let (json, mut wait) = (report.line(), FIRST_WAIT);
    for _ in 1..TRIES {
        if once::post_json(url, json.as_bytes(), TIMEOUT).is_ok() {
            return Ok(());
        }
        thread::sleep(wait);
        wait *= 2;
    }
    once::post_json(url, json.as_bytes(), TIMEOUT)
}

fn lock(done: &Mutex<Done>) -> MutexGuard<'_, Done> {
    done.lock().unwrap_or_else(PoisonError::into_inner)
}
