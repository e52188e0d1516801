//! `village-keys`: make, show, re-seal and use key files.

fn main() -> std::process::ExitCode {
    keys::cli::main()
}
