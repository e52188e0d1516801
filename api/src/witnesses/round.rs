//! Rounds: all witnesses are asked about the same head, so that it gets a quorum also while entries pour in. A round
//! ends with the quorum, with everybody's answer, or when patience does; then comes the newest head.

use super::ask::{Cosigned, Trouble};
use super::attend::attend;
use super::{Answered, Seat, State, Witness};
use ledger::note::Signature;
use ledger::policy::Policy;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use store::Published;
use tokio::sync::mpsc::channel;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::Instant;

/// Answers looked at together.
const ANSWERS: usize = 64;
/// Time after which a head that could not be published is tried again.
const AGAIN: Duration = Duration::from_secs(1);

struct Round {
    head: Arc<Published>,
    until: Instant,
    answered: BTreeSet<String>,
    is_over: bool,
}

/// Asks, publishes and merges until it is aborted, or the log is gone.
pub async fn run(state: Arc<State>) {
    let mut commits = state.log.commits();
    let (answers, mut inbox) = channel::<Answered>(ANSWERS);
    let mut policy: Option<Arc<Policy>> = None;
    // Dropped, they end.
    let mut attending = JoinSet::new();
    let first = commits.borrow().clone();
    let mut round = Round { head: first, until: Instant::now(), answered: BTreeSet::new(), is_over: true };
    loop {
        let newest = commits.borrow_and_update().clone();
        let is_changed = !policy.as_ref().is_some_and(|policy| Arc::ptr_eq(policy, &newest.policy));
        if is_changed || (round.is_over && newest.size > round.head.size) {
            let until = Instant::now() + state.settings.patience;
            // With nobody to ask, it was published by whoever committed it.
            let is_over = newest.policy.is_none();
            round = Round { head: newest, until, answered: BTreeSet::new(), is_over };
            state.head.send_replace(Arc::clone(&round.head));
        }
        if is_changed {
            attending.abort_all();
            for witness in state.seat(&round.head.policy) {
                attending.spawn(attend(Arc::clone(&state), witness, answers.clone()));
            }
            policy = Some(Arc::clone(&round.head.policy));
        }
        let mut came = Vec::new();
        tokio::select! {
            changed = commits.changed() => if changed.is_err() { return },
            _ = inbox.recv_many(&mut came, ANSWERS) => {}
            () = tokio::time::sleep_until(round.until), if !round.is_over => {}
        }
        let about = came.iter().filter(|answered| answered.head.size == round.head.size);
        round.answered.extend(about.map(|answered| answered.name.clone()));
        while let Some(head) = came.first().map(|answered| Arc::clone(&answered.head)) {
            let (same, others): (Vec<_>, Vec<_>) = came.into_iter().partition(|a| a.head.size == head.size);
            let lines: Vec<Signature> = same.into_iter().flat_map(|answered| answered.lines).collect();
            if !lines.is_empty() {
                state.publish(&head, lines).await;
            }
            came = others;
        }
        if !round.is_over && (round.until <= Instant::now() || state.is_through(&round)) {
            // It may be that nobody has cosigned it.
            round.is_over = state.publish(&round.head, Vec::new()).await;
            round.until = Instant::now() + AGAIN;
        }
    }
}

impl State {
    /// The witnesses of a policy, each with its seat; seats of others are gone.
    fn seat(&self, policy: &Policy) -> Vec<Witness> {
        let witnesses: Vec<Witness> = policy
            .witnesses()
            .filter(|_| !policy.is_none())
            .map(|(name, key, url)| Witness {
                name: name.to_owned(),
                key: key.clone(),
                url: url.map(str::to_owned),
                replays: policy.is_replayer(name),
            })
            .collect();
        let mut seats = self.seats();
        let seat = |w: &Witness| Seat { name: w.name.clone(), replays: w.replays, ..Seat::default() };
        *seats = witnesses.iter().map(|w| (w.name.clone(), seat(w))).collect();
        witnesses
    }

    /// Whether everybody answered, or the quorum is met.
    fn is_through(&self, round: &Round) -> bool {
        let all = self.seats().keys().all(|name| round.answered.contains(name));
        all || (self.log.published().size == round.head.size && self.look_at_quorum())
    }

    /// Publishes a head with cosignatures, or adds them to it; whether that could be done.
    async fn publish(&self, head: &Arc<Published>, lines: Vec<Signature>) -> bool {
        let (log, head) = (self.log.clone(), Arc::clone(head));
        let size = head.size;
        let done = spawn_blocking(move || log.publish(&head, &lines).map_err(|e| e.to_string())).await;
        let done = done.map_err(|e| e.to_string()).and_then(|done| done);
        if let Err(error) = &done {
            tracing::error!(size, error, "a head could not be published");
        }
        self.look_at_quorum();
        done.is_ok()
    }

    /// Notes how a witness answered.
    pub fn note(&self, name: &str, found: &Result<Cosigned, Trouble>) {
        let mut seats = self.seats();
        let Some(seat) = seats.get_mut(name) else { return };
        seat.asked += 1;
        match found {
            Ok(cosigned) => {
                if !seat.trouble.is_empty() {
                    tracing::info!(witness = name, "the witness cosigns again");
                }
                seat.cosigned += 1;
                (seat.size, seat.time) = (cosigned.size, cosigned.time);
                seat.trouble.clear();
            }
            Err(trouble) => {
                if seat.trouble.is_empty() {
                    tracing::warn!(witness = name, trouble = trouble.what, "a witness did not cosign");
                }
                seat.trouble.clone_from(&trouble.what);
            }
        }
    }
}
