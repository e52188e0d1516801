//! Counters and values in Prometheus' text form. There are a handful; no library is needed for them.

use crate::follow::Status;
use crate::mirror;
use crate::status::{LogHealth, logs};
use crate::witness::Witness;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

/// What is counted while the program runs.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<BTreeMap<(String, u16), u64>>);

impl Metrics {
    /// An `add-checkpoint` was answered; `origin` is `-` when it is not one of ours, so that the number of series is
    /// bounded.
    pub fn answered(&self, origin: Option<&str>, status: u16) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((origin.unwrap_or("-").to_owned(), status)).or_default() += 1;
    }

    /// Everything. Origins are of `[a-z0-9./-]+`, so nothing needs escaping.
    pub fn render(&self, witness: &Witness) -> String {
        let mut out = String::new();
        head(&mut out, "requests_total", "counter", "Answers to add-checkpoint, by log and status.");
        for ((origin, status), n) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let labels = format!("{{origin=\"{origin}\",status=\"{status}\"}}");
            let _ = writeln!(out, "village_witness_requests_total{labels} {n}");
        }
        let logs = logs(witness);
        let mut each = |name: &str, what: &str, value: &dyn Fn(&LogHealth) -> Option<u64>| {
            head(&mut out, name, "gauge", what);
            for (log, value) in logs.iter().filter_map(|log| Some((log, value(log)?))) {
                let _ = writeln!(out, "village_witness_{name}{{origin=\"{}\"}} {value}", log.origin);
            }
        };
        each("tree_size", "Leaves of the head cosigned last.", &|l| l.size);
        each("cosigned_time_seconds", "Time of the last cosignature.", &|l| l.time);
        each("stopped", "1 when nothing more is signed until the next start.", &|l| {
            Some(l.stopped.is_some().into())
        });
        each("contradicted", "1 when the log has signed two books.", &|l| Some(l.contradicted.into()));
        each("replayed_size", "Leaves of the head replayed last.", &|l| l.replayed_size);
        each("replayed_time_seconds", "Time of the last replay cosignature.", &|l| l.replayed_time);
        each("mirrored_size", "Leaves of the head that the copy serves.", &|l| l.mirrored_size);
        each("mirror_current", "1 when the copy has the newest head of its source.", &|l| {
            l.mirror.as_ref().map(|status| matches!(status, mirror::Status::Current { .. }).into())
        });
        each("replay_refused", "1 when the log can't be vouched for.", &|l| {
            l.replay
                .as_ref()
                .map(|status| matches!(status, Status::Refused { .. } | Status::Withheld { .. }).into())
        });
        out
    }
}

fn head(out: &mut String, name: &str, kind: &str, what: &str) {
    let _ = writeln!(out, "# HELP village_witness_{name} {what}\n# TYPE village_witness_{name} {kind}");
}
