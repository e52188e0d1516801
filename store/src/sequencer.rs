//! The sequencer's thread: takes batches, publishes them together, answers once they are durable.
//!
//! While one publication runs, the next batch gathers; on an idle log a lone entry is published at once.

use crate::core::Core;
use crate::cosigned;
use crate::error::{StoreError, SubmitError};
use crate::heads::{Permit, Shared};
use crate::{Options, Receipt};
use keys::Signer;
use ledger::append::{Admission, Submission};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// After so much silence, files are synced and the query index is flushed.
const QUIET: Duration = Duration::from_millis(500);

/// What the thread is asked.
pub(crate) enum Message {
    /// An atomic batch, and whom to answer.
    Submit(Vec<Submission>, oneshot::Sender<Answer>),
    /// Publish what waits, bring everything to the disk, and end.
    Stop(oneshot::Sender<()>),
}

pub(crate) type Answer = Result<Vec<Receipt>, SubmitError>;

/// A batch that was admitted and waits for its publication.
struct Waiting {
    answer: oneshot::Sender<Answer>,
    batch: Vec<(Admission, Receipt)>,
}

pub(crate) struct Sequencer {
    pub core: Core,
    pub signer: Signer,
    pub shared: Arc<Shared>,
    pub options: Options,
}

impl Sequencer {
    pub fn run(mut self, messages: &Receiver<Message>) {
        let (mut last, mut dirty) = (None::<Instant>, true);
        let done = loop {
            let message = match messages.recv_timeout(QUIET) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => {
                    if std::mem::take(&mut dirty)
                        && let Err(e) = self.core.settle().and_then(|()| self.core.query.flush())
                    {
                        return self.shared.stop(e.to_string());
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break None,
            };
            let mut waiting = Vec::new();
            match self.round(message, messages, &mut last, &mut waiting) {
                Ok(stop) => {
                    dirty |= !waiting.is_empty();
                    waiting.into_iter().for_each(|w| self.answer(w));
                    if let Some(stop) = stop {
                        break Some(stop);
                    }
                }
                Err(e) => {
                    let why = e.to_string();
                    self.shared.stop(why.clone());
                    let stopped = |w: Waiting| w.answer.send(Err(SubmitError::Stopped(why.clone())));
                    return waiting.into_iter().for_each(|w| drop(stopped(w)));
                }
            }
        };
        let ended = self.core.settle().and_then(|()| self.core.query.flush());
        self.shared.stop(ended.map_or_else(|e| e.to_string(), |()| "正常停止 / stopped as asked".to_owned()));
        // First the folder is let go of, then whoever waits is told.
        drop(self);
        if let Some(done) = done {
            let _ = done.send(());
        }
    }

    /// Takes a message and those that come until a publication is due, and publishes; a stop is handed back.
    /// Any error is fatal, and whoever is in `waiting` must be told.
    fn round(
        &mut self,
        first: Message,
        messages: &Receiver<Message>,
        last: &mut Option<Instant>,
        waiting: &mut Vec<Waiting>,
    ) -> Result<Option<oneshot::Sender<()>>, StoreError> {
        let mut stop = self.take(first, waiting)?;
        let due = last.map_or_else(Instant::now, |last| last + self.options.interval);
        while stop.is_none() && self.core.state.books.waiting() < self.options.max_leaves {
            match messages.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(message) => stop = self.take(message, waiting)?,
                Err(_) => break,
            }
        }
        if self.core.state.books.waiting() > 0 {
            *last = Some(Instant::now());
            self.check_permit()?;
            let published = self.shared.published();
            let witnessed = cosigned::witnessed(&published.checkpoint, &published.policy);
            let head = self.core.commit(&self.signer, (self.options.clock)(), witnessed)?;
            let at_once = !self.options.witnesses || head.policy.is_none();
            self.shared.commit(head, at_once)?;
        }
        Ok(stop)
    }

    /// Whether the log may sign.
    ///
    /// # Errors
    /// [`StoreError::Refused`], fatal.
    fn check_permit(&self) -> Result<bool, StoreError> {
        match self.shared.permit() {
            Permit::Given => Ok(true),
            Permit::Awaited => Ok(false),
            Permit::Refused(why) => Err(StoreError::Refused(why)),
        }
    }

    /// Takes one message; a stop is handed back.
    fn take(
        &mut self,
        message: Message,
        waiting: &mut Vec<Waiting>,
    ) -> Result<Option<oneshot::Sender<()>>, StoreError> {
        let (mut batch, answer) = match message {
            Message::Submit(batch, answer) => (batch, answer),
            Message::Stop(done) => return Ok(Some(done)),
        };
        match self.check_permit() {
            Ok(true) => {}
            Ok(false) => {
                let _ = answer.send(Err(SubmitError::Unheard));
                return Ok(None);
            }
            Err(e) => {
                let _ = answer.send(Err(SubmitError::Stopped(e.to_string())));
                return Err(e);
            }
        }
        let admitted = match self.core.admit(&mut batch, (self.options.clock)()) {
            Ok(admitted) => admitted,
            Err(e) => {
                let _ = answer.send(Err(SubmitError::Stopped(e.to_string())));
                return Err(e);
            }
        };
        match admitted {
            Ok(admitted) => {
                // Known ones wait for nothing: they must not look like entries that don't get published.
                if admitted.iter().any(|a| matches!(a, Admission::New(_))) {
                    self.shared.waits();
                }
                let receipt = |s: &Submission| Receipt {
                    unit: s.entry.unit(),
                    seq: s.entry.seq(),
                    index: 0,
                    leaf: s.leaf,
                };
                let batch = admitted.into_iter().zip(batch.iter().map(receipt)).collect();
                waiting.push(Waiting { answer, batch });
            }
            Err(refused) => drop(answer.send(Err(refused))),
        }
        Ok(None)
    }

    /// Answers a batch whose entries are all durable: places of new ones are known, those of known ones are
    /// looked up.
    fn answer(&self, waiting: Waiting) {
        let place = |(admission, receipt): (Admission, Receipt)| match admission {
            Admission::New(index) => Ok(Receipt { index, ..receipt }),
            Admission::Known => match self.core.query.line(&receipt.unit, receipt.seq) {
                Ok(Some(line)) => Ok(Receipt { index: line.index, leaf: line.leaf, ..receipt }),
                Ok(None) => {
                    Err(SubmitError::Stopped("查询索引不全 / the query index is incomplete".to_owned()))
                }
                Err(e) => Err(SubmitError::Stopped(e.to_string())),
            },
        };
        // Whoever no longer listens asks again and gets the same answer.
        let _ = waiting.answer.send(waiting.batch.into_iter().map(place).collect());
    }
}
