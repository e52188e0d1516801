//! Every limit that a client can hit.

use ledger::checkpoint::MAX_CHECKPOINT;
use std::time::Duration;

/// Most hashes of a consistency proof (400; C2SP tlog-witness).
pub const MAX_PROOF: usize = 63;
/// Longest head of a request: the old size, 63 hashes of 44 characters, newlines.
pub const MAX_HEAD: usize = 4 * 1024;
/// Longest request body in bytes (413).
pub const MAX_BODY: usize = MAX_HEAD + MAX_CHECKPOINT;
/// Longest time for a body to arrive (408).
pub const BODY_TIME: Duration = Duration::from_secs(10);
/// Longest time for an answer once the body is there (503).
pub const WORK_TIME: Duration = Duration::from_secs(15);
/// Requests worked on at one time; further ones wait.
pub const WORKERS: usize = 32;
/// Longest time on a connection without any byte of an answer; then it ends. Longer than [`BODY_TIME`] and
/// [`WORK_TIME`] together: only who trickles a head, takes no answer or is silent is cut off.
pub const QUIET_TIME: Duration = Duration::from_secs(30);
/// Most connections at one time; further ones wait to be accepted.
pub const MAX_CONNECTIONS: usize = 1_024;
/// Longest time that a shutdown waits for requests under way.
pub const SHUTDOWN_TIME: Duration = Duration::from_secs(20);
/// Most logs of one witness.
pub const MAX_LOGS: usize = 1_000;
/// Longest configuration file in bytes.
pub const MAX_CONFIG: u64 = 1024 * 1024;
/// Seconds by which the clock may stand behind the last cosignature before nothing is signed any more (503).
pub const MAX_BEHIND: u64 = 300;
/// Seconds by which the time of a new head's index leaf may differ from a replayer's clock.
pub const MAX_DRIFT: u64 = 600;
/// Seconds after which a replayer cosigns a head again that has not changed.
pub const REFRESH: u64 = 3_600;
/// Time between two looks at a log that is followed.
pub const POLL: Duration = Duration::from_secs(5);
/// Seconds that a log has for an act that the authority gave to a replayer.
pub const MAX_WAIT: u64 = 86_400;
/// Most acts that wait for a log.
pub const MAX_GIVEN: usize = 64;
