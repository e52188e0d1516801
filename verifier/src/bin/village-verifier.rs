//! `village-verifier`: checks a ledger without the operator's programs.

fn main() -> std::process::ExitCode {
    verifier::command::run()
}
