//! The project's own tasks: viewer, demo, test, interop, bench, generate.
//!
//! **In scope:** what a person or a machine does with the project as a whole, one file a command, the same on
//! every machine. **Out of scope (and who does it):** everything that a village, a town or an operator does (the
//! programs themselves).

mod bench;
mod demo;
mod generate;
mod test;
mod viewer;
mod workshop;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "The project's own tasks")]
struct Xtask {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Make a ledger with the sample data and serve it, with the viewer, until Ctrl-C
    Demo(demo::Demo),
    /// Build the phone's page into build/viewer and print its sizes
    Viewer,
    /// Check formatting and lints, run all tests, the browser's and those with other implementations too
    Test(test::Test),
    /// Let other implementations check our log, and our verifier theirs
    Interop,
    /// Make plausible, balanced, reproducible entries
    Generate(generate::Generate),
    /// Measure speed and size against the targets
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    let result = match Xtask::parse().task {
        Task::Demo(demo) => demo.run(),
        Task::Viewer => viewer::build_and_print(),
        Task::Test(test) => test.run(),
        Task::Interop => test::Test::only("interop").run(),
        Task::Generate(generate) => generate.run(),
        Task::Bench(bench) => bench.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e:#}");
            ExitCode::FAILURE
        }
    }
}
