//! Logs that tests make up: trees of any leaves, honest or not, with heads signed by the log's key.
#![allow(dead_code, reason = "each test file uses its part")]

use keys::{Role, Signer};
use ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use ledger::cosignature;
use ledger::hash::{Hash, leaf_hash};
use ledger::merkle::{MemoryTree, prove_consistency, root_of};
use ledger::note::{self, Signature, VerifierKey};
use std::fmt::Write as _;
use witness::LogConfig;

pub const ORIGIN: &str = "mazhang.example/ledger";
pub const WITNESS: &str = "witness.example/w1";

pub fn log_signer() -> Signer {
    Signer::from_secret(ORIGIN, Role::Log, &[1; 32]).unwrap()
}

pub fn cosigner() -> Signer {
    Signer::from_secret(WITNESS, Role::Cosigner, &[2; 32]).unwrap()
}

pub fn config() -> LogConfig {
    LogConfig { origin: ORIGIN.to_owned(), vkeys: vec![log_signer().vkey().clone()], follow: None }
}

/// A history: leaf hashes in order.
#[derive(Clone, Default)]
pub struct Book(pub Vec<Hash>);

impl Book {
    /// `size` leaves, the same for every size up to `fork`, then those of another book.
    pub fn forked(size: u64, fork: u64, name: &str) -> Self {
        let leaf = |n| if n < fork { format!("leaf {n}") } else { format!("leaf {n} of {name}") };
        Book((0..size).map(|n| leaf_hash(leaf(n).as_bytes())).collect())
    }

    pub fn honest(size: u64) -> Self {
        Self::forked(size, u64::MAX, "")
    }

    pub fn size(&self) -> u64 {
        self.0.len() as u64
    }

    pub fn root(&self) -> Hash {
        root_of(&MemoryTree::new(self.0.clone()), self.size()).unwrap()
    }

    pub fn text(&self) -> String {
        Checkpoint { origin: ORIGIN.to_owned(), size: self.size(), root: self.root() }.text()
    }

    pub fn signed(&self) -> String {
        let text = self.text();
        note::assemble(&text, &[log_signer().sign_note(&text).unwrap()])
    }

    pub fn proof(&self, old: u64) -> Vec<Hash> {
        prove_consistency(&MemoryTree::new(self.0.clone()), old, self.size()).unwrap()
    }

    /// The body of an `add-checkpoint`.
    pub fn body(&self, old: u64) -> String {
        body(old, &self.proof(old), &self.signed())
    }
}

pub fn body(old: u64, proof: &[Hash], checkpoint: &str) -> String {
    let mut body = format!("old {old}\n");
    for hash in proof {
        writeln!(body, "{hash}").unwrap();
    }
    body + "\n" + checkpoint
}

/// The times of cosignature lines, each of which must verify.
pub fn verify(key: &VerifierKey, book: &Book, lines: &str) -> Vec<u64> {
    let lines = lines.strip_suffix('\n').unwrap().split('\n');
    lines.map(|l| cosignature::verify(key, &book.text(), &Signature::parse(l).unwrap()).unwrap()).collect()
}

/// Size and root of a checkpoint that carries both the log's and the witness's signature.
pub fn cosigned(note: &[u8]) -> Checkpoint {
    let signed = SignedCheckpoint::parse(note).unwrap();
    signed.verify_log(log_signer().vkey()).unwrap();
    let ours = |line| cosignature::verify(cosigner().vkey(), signed.text(), line).is_ok();
    assert!(signed.signatures.iter().any(ours));
    signed.checkpoint
}
