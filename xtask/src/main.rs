//! The project's own tasks: viewer, demo, test, bench, generate.
fn main() {}
