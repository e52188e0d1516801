//! Every limit that a client can hit, in one place (documented in README and answered with the status named here).

use std::time::Duration;

/// Longest request body in bytes (413).
pub const MAX_BODY: usize = 8 * 1024 * 1024;
/// Most entries in one batch (422).
pub const MAX_BATCH: usize = 1_000;
/// Longest time from a request's head to its answer (408 while its body arrives, 503 while it is worked on).
pub const REQUEST_TIME: Duration = Duration::from_secs(30);
/// Longest time for a request's body to arrive (408); shorter than [`REQUEST_TIME`], so that the answer fits too.
pub const BODY_TIME: Duration = Duration::from_secs(25);
/// Largest upload in bytes (413).
pub const MAX_UPLOAD: u64 = ledger::entry::MAX_ATTACHMENT;
/// Longest time in which none of an upload's bytes arrive (408).
pub const UPLOAD_IDLE: Duration = Duration::from_secs(30);
/// Least bytes a second of an upload at any moment of it: 20 MiB may take 43 minutes (408).
pub const UPLOAD_RATE: u64 = 8 * 1024;
/// How far an upload may be behind that rate.
pub const UPLOAD_GRACE: Duration = Duration::from_secs(10);
/// Most uploads at one time; further ones are told to come again (503).
pub const UPLOADS: usize = 32;
/// Of them, most of one seal.
pub const UPLOADS_PER_SEAL: usize = 4;
/// New files a minute of one seal; one that is here already does not count (429).
pub const UPLOADS_PER_MINUTE: u32 = 100;
/// Bytes of one seal's files that no entry names, unless settings say otherwise; a week later they go (507).
pub const UNNAMED_PER_SEAL: u64 = 2 * 1024 * 1024 * 1024;
/// Bytes of all files that no entry names, unless settings say otherwise (507).
pub const UNNAMED: u64 = 16 * 1024 * 1024 * 1024;
/// Most files in the privacy guard at one time, each in memory, and one fewer than there are cores; further ones wait.
pub const GUARDED: usize = 2;
/// How often files that no entry names are looked through.
pub const SWEEP: Duration = Duration::from_secs(3_600);
/// Bytes that are taken before they are written.
pub const UPLOAD_PART: usize = 256 * 1024;
/// Bytes of a file that are read at one time for a reader.
pub const DOWNLOAD_PART: usize = 64 * 1024;
/// Least free disk space in bytes for uploads (507), unless settings say otherwise.
pub const MIN_FREE_UPLOAD: u64 = 2 * 1024 * 1024 * 1024;
/// Longest answer with the openings of a unit in bytes (422).
pub const MAX_UNIT_OPENINGS: usize = 16 * 1024 * 1024;
/// Most requests that read whole payment lists at one time, for H-13 and H-17 together; further ones wait.
pub const LIST_READERS: usize = 2;
/// Bytes of payment lists kept in memory: five of the longest.
pub const MAX_LIST_BYTES: usize = 64 * 1024 * 1024;
/// Most different payment lists in one batch (422).
pub const MAX_BATCH_LISTS: usize = 100;
/// Longest body in bytes of which there may be as many at one time as there are connections.
pub const LARGE_BODY: usize = 16 * 1024;
/// Most bodies over [`LARGE_BODY`] at one time; further ones wait.
pub const LARGE_BODIES: usize = 16;
/// Longest time from the first byte of a request's head to the first byte of any answer. Longer than
/// [`REQUEST_TIME`]: only a client that trickles its head reaches it, and is cut off.
pub const HEAD_TIME: Duration = Duration::from_secs(40);
/// Longest time in which a client takes none of the bytes it was sent; then the connection ends.
pub const WRITE_TIME: Duration = Duration::from_secs(30);
/// Longest silence on a connection between two requests; then it ends.
pub const IDLE_TIME: Duration = Duration::from_secs(75);
/// Most connections at one time; further ones wait to be accepted.
pub const MAX_CONNECTIONS: usize = 4_096;
/// Longest time that a shutdown waits for requests under way.
pub const SHUTDOWN_TIME: Duration = Duration::from_secs(35);
/// When to come again for an entry that is logged and not yet published.
pub const COMING: Duration = Duration::from_secs(2);
/// Longest path and query in bytes (414).
pub const MAX_URI: usize = 1_024;
/// Submissions a minute of one key, unless `--submissions-per-minute` says otherwise (429).
pub const SUBMISSIONS_PER_MINUTE: u32 = 100;
/// Least free disk space in bytes for a green health check.
pub const MIN_FREE: u64 = 1024 * 1024 * 1024;
/// Longest time in which committed entries may wait to be published before the health check is red.
pub const PUBLISH_LAG: Duration = Duration::from_secs(60);
/// Largest file served from the viewer's folder, in bytes.
pub const MAX_VIEWER_FILE: u64 = 16 * 1024 * 1024;
/// Most files served from the viewer's folder.
pub const MAX_VIEWER_FILES: usize = 256;
/// Entries and findings of all units together that findings are remembered of; about 100 bytes each. What was
/// forgotten is read again when asked for.
pub const MAX_REMEMBERED: usize = 400_000;
/// Most earlier entries that are read for the findings in the answer to a batch of one unit.
pub const READ_BACK: u64 = 10_000;
/// Most findings in one answer, unless one entry has more.
pub const MAX_FINDINGS: usize = 1_000;
/// Longest time that a request waits for another that reads the same unit's book (503).
pub const BOOK_TIME: Duration = Duration::from_millis(200);
/// How long it waits before it looks again.
pub const BOOK_PAUSE: Duration = Duration::from_millis(5);
/// When to come again after that.
pub const BOOK_RETRY: Duration = Duration::from_secs(2);
/// Longest time that the answer to a batch waits for its findings.
pub const FINDINGS_TIME: Duration = Duration::from_secs(5);
/// Pages kept drawn, of units and of single entries, until the next publication.
pub const MAX_PAGES: usize = 64;
/// Entries of a unit up to which its page shows the whole book.
pub const WHOLE_BOOK: u64 = 100;
