//! What crosses crates: end to end, faults, layering, spec ids, vectors.
