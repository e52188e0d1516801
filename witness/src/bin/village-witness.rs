//! The witness.

fn main() -> std::process::ExitCode {
    witness::command::main()
}
