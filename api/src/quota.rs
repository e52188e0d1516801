//! Submissions a minute for each key: what a stolen seal can do is bounded.
//!
//! Keys are counted after their signatures verified, so nobody uses up another's quota, and only enrolled keys
//! (or keys being enrolled by the authority) ever take up memory.

use crate::problem::{Code, Problem};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, RateLimiter};
use std::collections::BTreeSet;
use std::num::NonZeroU32;

/// A key by name and id.
pub type KeyId = (String, u32);

/// The quota of every key.
#[derive(Debug)]
pub struct Quota {
    per_minute: NonZeroU32,
    limiter: DefaultKeyedRateLimiter<KeyId>,
}

impl Quota {
    /// A quota of submissions a minute and key; one may come in bursts of that many.
    pub fn new(per_minute: NonZeroU32) -> Self {
        Quota { per_minute, limiter: RateLimiter::keyed(governor::Quota::per_minute(per_minute)) }
    }

    /// Counts one submission for each of these keys.
    ///
    /// # Errors
    /// [`Code::Quota`] with the time to wait, for the first key that is over.
    pub fn take(&self, keys: &BTreeSet<KeyId>) -> Result<(), Problem> {
        for key in keys {
            if let Err(until) = self.limiter.check_key(key) {
                let wait = until.wait_time_from(DefaultClock::default().now());
                let detail = format!(
                    "{} 每分钟最多提交 {1} 次；请合并成批，或稍后再交 / {0} may submit {1} times a minute; put entries into batches, or come later",
                    key.0, self.per_minute
                );
                return Err(Problem::new(Code::Quota, detail).retry_after(wait));
            }
        }
        Ok(())
    }
}
