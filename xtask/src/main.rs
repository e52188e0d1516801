//! The project's own tasks: viewer, demo, test, bench, generate.

mod bench;
mod generate;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Xtask {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Make plausible, balanced, reproducible entries
    Generate(generate::Generate),
    /// Measure speed and size against the targets
    Bench(bench::Bench),
}

fn main() -> anyhow::Result<()> {
    match Xtask::parse().task {
        Task::Generate(generate) => generate.run(),
        Task::Bench(bench) => bench.run(),
    }
}
