//! What the log's threads share: the head that is committed, the one that is published, and whether there may be more.
//!
//! Without witnesses both are one. With them, a head is published when it is given to [`Shared::publish`]: asking
//! witnesses is the caller's, and the sequencer does not wait for it.

use crate::cosigned::{kept, merged};
use crate::disk::Disk;
use crate::error::StoreError;
use crate::layout;
use crate::log::{Published, Stats};
use ledger::note::Signature;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;
use tokio::sync::watch;

/// Whether the log may sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    Given,
    /// Not before enough witnesses were heard.
    Awaited,
    /// Never again: why.
    Refused(String),
}

/// What the sequencer tells everyone else.
pub(crate) struct Shared {
    disk: Arc<dyn Disk>,
    committed: watch::Sender<Arc<Published>>,
    published: RwLock<Arc<Published>>,
    /// Held by whoever changes what is published, in memory and on the disk.
    publishing: Mutex<()>,
    permit: Mutex<Permit>,
    stopped: Mutex<Option<String>>,
    oldest: Mutex<Option<Instant>>,
    publications: AtomicU64,
}

impl Shared {
    pub fn new(disk: Arc<dyn Disk>, published: Published, permit: Permit) -> Self {
        let published = Arc::new(published);
        Shared {
            disk,
            committed: watch::Sender::new(Arc::clone(&published)),
            published: RwLock::new(published),
            publishing: Mutex::new(()),
            permit: Mutex::new(permit),
            stopped: Mutex::new(None),
            oldest: Mutex::new(None),
            publications: AtomicU64::new(0),
        }
    }

    pub fn published(&self) -> Arc<Published> {
        Arc::clone(&self.published.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn committed(&self) -> Arc<Published> {
        Arc::clone(&self.committed.borrow())
    }

    pub fn commits(&self) -> watch::Receiver<Arc<Published>> {
        self.committed.subscribe()
    }

    /// Tells of a head that is committed, and publishes it when it need not wait for witnesses.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn commit(&self, head: Published, at_once: bool) -> Result<(), StoreError> {
        let head = Arc::new(head);
        if at_once {
            let _turn = lock(&self.publishing);
            // The file is rewritten at every start, so it needs no sync.
            self.disk.write(layout::PUBLISHED, &head.checkpoint)?;
            self.show(Arc::clone(&head));
        }
        self.committed.send_replace(head);
        Ok(())
    }

    /// Publishes a committed head, or adds cosignatures to one that is published: what is published only grows
    /// (SPEC D-06). Whether that changed anything.
    ///
    /// # Errors
    /// [`StoreError::Io`]; nothing was shown to anyone then.
    pub fn publish(&self, head: &Arc<Published>, lines: &[Signature], now: u64) -> Result<bool, StoreError> {
        let _turn = lock(&self.publishing);
        let published = self.published();
        let path = layout::checkpoint(head.size);
        let before = match head.size == published.size {
            true => published.checkpoint.clone(),
            false => kept(&*self.disk, &head.checkpoint, &head.policy, now)?,
        };
        let cosigned = merged(&before, lines, &head.policy, now);
        if let Some(cosigned) = &cosigned {
            self.disk.replace(&path, cosigned)?;
        }
        let is_newer = head.size > published.size;
        if head.size < published.size || !(is_newer || cosigned.is_some()) {
            return Ok(cosigned.is_some());
        }
        let checkpoint = cosigned.unwrap_or(before);
        self.disk.write(layout::PUBLISHED, &checkpoint)?;
        let version = published.version + 1;
        self.show(Arc::new(Published { checkpoint, version, ..Published::clone(head) }));
        Ok(true)
    }

    fn show(&self, head: Arc<Published>) {
        let is_newer = head.size > self.published().size;
        let waits = self.committed.borrow().size > head.size;
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = head;
        if is_newer {
            *lock(&self.oldest) = waits.then(Instant::now);
            self.publications.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn permit(&self) -> Permit {
        lock(&self.permit).clone()
    }

    /// Lets the log sign, unless that was refused.
    pub fn allow(&self) {
        let mut permit = lock(&self.permit);
        if *permit == Permit::Awaited {
            *permit = Permit::Given;
        }
    }

    /// Ends all signing.
    pub fn refuse(&self, why: String) {
        *lock(&self.permit) = Permit::Refused(why.clone());
        self.stop(why);
    }

    pub fn waits(&self) {
        lock(&self.oldest).get_or_insert_with(Instant::now);
    }

    pub fn stop(&self, why: String) {
        tracing::warn!(%why, "the log has stopped");
        lock(&self.stopped).get_or_insert(why);
    }

    pub fn stopped(&self) -> Option<String> {
        lock(&self.stopped).clone()
    }

    pub fn stats(&self) -> Stats {
        let oldest = *lock(&self.oldest);
        Stats {
            publications: self.publications.load(Ordering::Relaxed),
            stopped: self.stopped(),
            unpublished_for: oldest.map(|since| since.elapsed()),
            awaits_witnesses: self.permit() == Permit::Awaited,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
