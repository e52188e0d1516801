//! Counters and histograms, in Prometheus' text form at `/metrics`.
//!
//! Each server has a recorder of its own, so that two in one process do not count into one another.

use metrics::{Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::time::Duration;

/// Bounds of the histograms' buckets, in seconds.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
const METADATA: Metadata<'static> = Metadata::new("api", Level::INFO, Some(module_path!()));

/// Entries answered with 200, those already known included.
const ENTRIES: &str = "village_ledger_entries_total";
/// Batches answered with 200.
const SUBMISSIONS: &str = "village_ledger_submissions_total";
/// Seconds from a verified batch to its durable answer.
const COMMIT: &str = "village_ledger_commit_seconds";
/// Uploads by result.
const UPLOADS: &str = "village_ledger_uploads_total";
/// Bytes of new blobs.
const UPLOAD_BYTES: &str = "village_ledger_upload_bytes_total";
/// Openings in answers.
const OPENINGS: &str = "village_ledger_openings_total";
/// Refused entries by code.
const REFUSALS: &str = "village_ledger_refusals_total";
/// Findings in answers to batches, by code.
const FINDINGS: &str = "village_ledger_findings_total";
/// Problems sent, by code.
const PROBLEMS: &str = "village_ledger_problems_total";
/// How often each witness was asked.
const WITNESS_ASKED: &str = "village_ledger_witness_asked_total";
/// How often each witness cosigned.
const WITNESS_COSIGNED: &str = "village_ledger_witness_cosigned_total";
/// Requests by route and status.
const REQUESTS: &str = "village_ledger_requests_total";
/// Seconds a request took, by route.
const REQUEST_TIME: &str = "village_ledger_request_seconds";

/// One server's counters.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// New counters, all at zero.
    pub fn new() -> Self {
        let builder = PrometheusBuilder::new();
        // Fails only for an empty list of bounds.
        let builder = builder
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), BUCKETS)
            .unwrap_or_default();
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        let metrics = Metrics { recorder, handle };
        metrics.describe();
        metrics
    }

    fn describe(&self) {
        let counters = [
            (ENTRIES, "Entries taken, those already known included."),
            (SUBMISSIONS, "Batches taken."),
            (UPLOADS, "Uploads whose ticket counts, by result: new, known, refused."),
            (UPLOAD_BYTES, "Bytes of new blobs."),
            (OPENINGS, "Openings served."),
            (REFUSALS, "Entries refused, by code."),
            (FINDINGS, "Findings beside entries taken, by code."),
            (PROBLEMS, "Problems answered, by code."),
            (REQUESTS, "Requests, by route and status."),
            (WITNESS_ASKED, "Questions to a witness since the start."),
            (WITNESS_COSIGNED, "Cosignatures of a witness since the start."),
        ];
        for (name, what) in counters {
            self.recorder.describe_counter(name.into(), None, what.into());
        }
        for (name, what) in [
            (COMMIT, "Seconds from a verified batch to its durable answer."),
            (REQUEST_TIME, "Seconds from a request's head to its answer, by route."),
        ] {
            self.recorder.describe_histogram(name.into(), None, what.into());
        }
    }

    fn count(&self, key: &metrics::Key, by: u64) {
        self.recorder.register_counter(key, &METADATA).increment(by);
    }

    /// A batch was taken.
    pub fn taken(&self, entries: usize, commit: Duration) {
        self.count(&metrics::Key::from_static_name(ENTRIES), entries as u64);
        self.count(&metrics::Key::from_static_name(SUBMISSIONS), 1);
        let key = metrics::Key::from_static_name(COMMIT);
        self.recorder.register_histogram(&key, &METADATA).record(commit.as_secs_f64());
    }

    /// An upload whose ticket counts ended: `new`, `known` or `refused`.
    pub fn uploaded(&self, result: &'static str, bytes: u64) {
        self.count(&metrics::Key::from_parts(UPLOADS, &[("result", result)]), 1);
        if result == "new" {
            self.count(&metrics::Key::from_static_name(UPLOAD_BYTES), bytes);
        }
    }

    /// Openings were served.
    pub fn opened(&self, openings: usize) {
        self.count(&metrics::Key::from_static_name(OPENINGS), openings as u64);
    }

    /// An entry was refused.
    pub fn refused(&self, code: &'static str) {
        self.count(&metrics::Key::from_parts(REFUSALS, &[("code", code)]), 1);
    }

    /// A finding beside an entry was answered.
    pub fn found(&self, code: &'static str) {
        self.count(&metrics::Key::from_parts(FINDINGS, &[("code", code)]), 1);
    }

    /// A request was answered. `route` is the pattern, never the path itself: the number of series is bounded.
    pub fn answered(&self, route: &str, status: u16, problem: Option<&'static str>, took: Duration) {
        let labels = [("route", route.to_owned()), ("status", status.to_string())];
        self.count(&metrics::Key::from_parts(REQUESTS, &labels), 1);
        if let Some(code) = problem {
            self.count(&metrics::Key::from_parts(PROBLEMS, &[("code", code)]), 1);
        }
        let key = metrics::Key::from_parts(REQUEST_TIME, &[("route", route.to_owned())]);
        self.recorder.register_histogram(&key, &METADATA).record(took.as_secs_f64());
    }

    /// Sets a value that is read off the log when asked for.
    pub fn gauge(&self, name: &'static str, what: &'static str, value: f64) {
        self.recorder.describe_gauge(name.into(), None, what.into());
        self.recorder.register_gauge(&metrics::Key::from_static_name(name), &METADATA).set(value);
    }

    /// Sets a counter that somebody else counts.
    pub fn total(&self, name: &'static str, what: &'static str, value: u64) {
        self.recorder.describe_counter(name.into(), None, what.into());
        self.recorder.register_counter(&metrics::Key::from_static_name(name), &METADATA).absolute(value);
    }

    /// How often a witness was asked, and cosigned. A policy bounds their number.
    pub fn witness(&self, name: &str, asked: u64, cosigned: u64) {
        for (series, value) in [(WITNESS_ASKED, asked), (WITNESS_COSIGNED, cosigned)] {
            let key = metrics::Key::from_parts(series, &[("witness", name.to_owned())]);
            self.recorder.register_counter(&key, &METADATA).absolute(value);
        }
    }

    /// Everything in Prometheus' text form.
    pub fn render(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }

    /// Moves what histograms collected into their buckets; to be called now and then, so that memory stays flat.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
