//! Submissions a minute for each key, and uploads at one time: what a stolen seal can do is bounded.
//!
//! Keys are counted after their signatures verified, so nobody uses up another's quota, and only enrolled keys
//! (or keys being enrolled by the authority) ever take up memory.

use crate::problem::{Code, Problem};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, RateLimiter};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

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

    /// Counts one submission, or upload, for each of these keys.
    ///
    /// # Errors
    /// [`Code::Quota`] with the time to wait, for the first key that is over.
    pub fn take(&self, keys: &BTreeSet<KeyId>) -> Result<(), Problem> {
        for key in keys {
            if let Err(until) = self.limiter.check_key(key) {
                let wait = until.wait_time_from(DefaultClock::default().now());
                let detail = format!(
                    "{} 每分钟最多提交或上传 {1} 次；请合并成批，或稍后再交 / {0} may submit or upload {1} times a minute; put entries into batches, or come later",
                    key.0, self.per_minute
                );
                return Err(Problem::new(Code::Quota, detail).retry_after(wait));
            }
        }
        Ok(())
    }
}

/// What keys do at one time, each only so many at the most.
#[derive(Clone, Debug, Default)]
pub struct Slots(Arc<Mutex<BTreeMap<KeyId, usize>>>);

/// A place for one of them, free again when dropped.
#[derive(Debug)]
pub struct Slot {
    slots: Slots,
    key: KeyId,
}

impl Slots {
    /// A place for a key; `None` when it has `most` already.
    pub fn take(&self, key: &KeyId, most: usize) -> Option<Slot> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(key.clone()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Slot { slots: self.clone(), key: key.clone() })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}
