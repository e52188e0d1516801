//! The task of one witness: asked about each head, again when a cosignature grows old, and until it answers.

use super::{Answered, State, Witness};
use std::sync::Arc;
use tokio::sync::mpsc::Sender;

/// Asks for as long as the witness is in the policy.
pub async fn attend(state: Arc<State>, witness: Witness, answers: Sender<Answered>) {
    let mut heads = state.head.subscribe();
    let (mut known, mut pause) = (None, state.settings.retry);
    loop {
        let head = heads.borrow_and_update().clone();
        let found = match witness.replays {
            // A replayer comes for the leaves by itself; what it states is fetched.
            true => state.look(&witness).await,
            false => state.ask(&witness, &head, known).await,
        };
        let lines = match &found {
            Ok(cosigned) if cosigned.size == head.size => cosigned.lines.clone(),
            _ => Vec::new(),
        };
        let is_done = !lines.is_empty();
        known = is_done.then_some(head.size);
        state.note(&witness.name, &found);
        let answered = Answered { name: witness.name.clone(), head: Arc::clone(&head), lines };
        if answers.send(answered).await.is_err() {
            return;
        }
        match found {
            Ok(_) => state.heard(&witness.name),
            // Whatever is the matter, it must not be that it holds a head which is not ours. What it cosigned last is
            // a word of its own also when it can't cosign now.
            Err(trouble) if !witness.replays => {
                if state.look(&witness).await.is_ok() && !trouble.is_final {
                    state.heard(&witness.name);
                }
            }
            Err(_) => {}
        }
        let wait = if is_done { state.settings.refresh } else { pause };
        pause = if is_done { state.settings.retry } else { (pause * 2).min(state.settings.most) };
        tokio::select! {
            changed = heads.changed() => match changed {
                Ok(()) => pause = state.settings.retry,
                Err(_) => return,
            },
            () = tokio::time::sleep(wait) => {}
        }
    }
}
