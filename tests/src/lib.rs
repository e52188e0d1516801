//! What crosses crates: end to end, faults, attacks, layering, spec ids, vectors. Never part of the product.

pub mod cheat;
