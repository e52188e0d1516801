//! The ledger's server.

fn main() -> std::process::ExitCode {
    api::command::main()
}
