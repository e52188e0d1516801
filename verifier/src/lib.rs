//! Replaying a log from tiles: audit, proofs, evidence.
