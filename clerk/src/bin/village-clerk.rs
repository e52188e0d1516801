//! `village-clerk`: import, check, seal and publish a village's table; profiles and seals for the authority.

fn main() -> std::process::ExitCode {
    clerk::cli::main()
}
