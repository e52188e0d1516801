//! One witness and one head: what is asked, and what an answer is worth.

use super::{State, Witness};
use client::witness::{Answer, add_checkpoint, latest};
use ledger::checkpoint::SignedCheckpoint;
use ledger::cosignature;
use ledger::hash::Hash;
use ledger::merkle::{prove_consistency, root_of};
use ledger::note::Signature;
use std::sync::Arc;
use store::{MAX_AHEAD, Published};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

/// What a witness vouches for.
pub struct Cosigned {
    /// Size of the head.
    pub size: u64,
    /// Time, Unix seconds.
    pub time: u64,
    /// Its cosignature lines, verified.
    pub lines: Vec<Signature>,
}

/// Why there is no cosignature.
pub struct Trouble {
    /// In Chinese and English.
    pub what: String,
    /// Whether the witness itself said so that its newest checkpoint, which may be an hour old, is no better answer.
    pub is_final: bool,
}

impl From<String> for Trouble {
    fn from(what: String) -> Self {
        Trouble { what, is_final: false }
    }
}

impl From<&str> for Trouble {
    fn from(what: &str) -> Self {
        what.to_owned().into()
    }
}

fn at_last(what: String) -> Trouble {
    Trouble { what, is_final: true }
}

impl Witness {
    fn address(&self) -> Result<String, Trouble> {
        Ok(self.url.clone().ok_or("见证规则里没有它的网址 / the policy has no address of it")?)
    }
}

impl State {
    /// Asks a witness for its cosignature on a head, `known` being the size that it cosigned last.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn ask(
        &self,
        witness: &Witness,
        head: &Arc<Published>,
        known: Option<u64>,
    ) -> Result<Cosigned, Trouble> {
        // Not knowing what it has: most likely this very head.
        let old = known.unwrap_or(head.size);
        let answer = match self.add(witness, head, old).await? {
            Answer::Conflict(size) if size != old && size <= head.size => {
                self.add(witness, head, size).await?
            }
            answer => answer,
        };
        match answer {
            Answer::Cosigned(lines) => {
                let cosigned = cosigned(witness, &head.checkpoint, lines)?;
                let (theirs, ours) = (cosigned.time, (self.clock)());
                if theirs.abs_diff(ours) > MAX_AHEAD {
                    return Err(at_last(format!(
                        "它的时钟 {theirs} 与本机 {ours} 相差超过 5 分钟，请校准 / its clock and ours differ by more than 5 minutes: set them right"
                    )));
                }
                Ok(cosigned)
            }
            Answer::Conflict(size) => Err(at_last(format!(
                "它说见过 {size} 个叶子，这里有 {0} 个 / it says that it knows {size} leaves, here are {0}",
                head.size
            ))),
            Answer::Refused { status, why } => {
                let what = format!("答复 {status} / it answered so: {why}");
                Err(Trouble { what, is_final: status == 422 })
            }
        }
    }

    async fn add(&self, witness: &Witness, head: &Arc<Published>, old: u64) -> Result<Answer, Trouble> {
        let url = witness.address()?;
        let (snapshot, size) = (self.log.snapshot_of(head), head.size);
        let proof = spawn_blocking(move || match old {
            0 => Ok(Vec::new()),
            old => prove_consistency(&snapshot, old, size),
        });
        let proof = proof.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
        let (head, timeout) = (Arc::clone(head), self.settings.request);
        let ask = move || add_checkpoint(&url, old, &proof, &head.checkpoint, timeout);
        Ok(apart(ask).await?.map_err(|e| e.to_string())?)
    }

    /// Fetches what a witness cosigned last, and refuses all signing when that is a head of our key and not ours.
    ///
    /// # Errors
    /// [`Trouble`], also when it has nothing.
    pub async fn look(&self, witness: &Witness) -> Result<Cosigned, Trouble> {
        let url = witness.address()?;
        let origin = self.log.registry().newest_log_key().name().to_owned();
        let (timeout, asked) = (self.settings.request, origin.clone());
        let found = apart(move || latest(&url, &asked, timeout)).await?.map_err(|e| e.to_string())?;
        let bytes = found.ok_or("它还没有签署过 / it has cosigned nothing yet")?;
        // Only now: what was committed while it was asked may be what it has.
        let head = self.log.commits().borrow().clone();
        let signed = SignedCheckpoint::parse(&bytes).map_err(|e| e.to_string())?;
        let theirs = (signed.checkpoint.size, signed.checkpoint.root);
        if signed.checkpoint.origin != origin
            || !head.registry.log_keys().any(|key| signed.verify_log(key).is_ok())
        {
            return Err("它给的存证点没有本账本的签名 / its checkpoint is not signed by this log".into());
        }
        let snapshot = self.log.snapshot_of(&head);
        let root = spawn_blocking(move || match theirs.0 {
            0 => Ok(Some(Hash::EMPTY)),
            size if size <= head.size => root_of(&snapshot, size).map(Some),
            _ => Ok(None),
        });
        let root = root.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
        if root != Some(theirs.1) {
            let note = String::from_utf8_lossy(&bytes);
            self.refuse(&witness.name, theirs, &note);
            return Err("它持有另一个账本 / it holds another log's head".into());
        }
        cosigned(witness, &bytes, signed.signatures)
    }
}

/// The lines that are the witness's cosignatures on a checkpoint, and the newest time among them.
fn cosigned(witness: &Witness, checkpoint: &[u8], lines: Vec<Signature>) -> Result<Cosigned, Trouble> {
    let signed = SignedCheckpoint::parse(checkpoint).map_err(|e| e.to_string())?;
    let verify = |line: &Signature| cosignature::verify(&witness.key, signed.text(), line).ok();
    let lines: Vec<(u64, Signature)> =
        lines.into_iter().filter_map(|line| Some((verify(&line)?, line))).collect();
    match lines.iter().map(|(time, _)| *time).max() {
        Some(time) => Ok(Cosigned {
            size: signed.checkpoint.size,
            time,
            lines: lines.into_iter().map(|(_, line)| line).collect(),
        }),
        None => Err("答复里没有它的有效联署 / no cosignature of its key that verifies".into()),
    }
}

/// Runs what waits for somebody else's machine on a thread of its own, for which nobody waits at the end.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    let (done, ended) = oneshot::channel();
    let begun = std::thread::Builder::new().name("witness".to_owned()).spawn(move || done.send(work()));
    begun.map_err(|e| e.to_string())?;
    ended.await.map_err(|e| e.to_string())
}
