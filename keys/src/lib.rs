//! Key files: making, sealing, opening, showing, signing.
