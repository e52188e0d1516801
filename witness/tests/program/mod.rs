//! The real program, with a key, a configuration and a folder.
#![allow(dead_code, reason = "each test file uses its part")]

use crate::book;
use keys::{Cost, Passphrase};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

const PASSPHRASE: &str = "correct horse battery";

pub struct Program {
    pub folder: TempDir,
}

pub struct Process {
    pub child: Child,
    pub url: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = Passphrase::new(PASSPHRASE.to_owned());
        keys::file::write(&folder.path().join("witness.key"), &book::cosigner(), &passphrase, Cost::Light)
            .unwrap();
        let program = Program { folder };
        program.configure("witness.key", &book::log_signer().vkey().to_string());
        assert!(program.run(&["init", "--data", &program.data()]).status.success());
        program
    }

    pub fn configure(&self, key: &str, vkey: &str) {
        let text = format!("key = {key:?}\n\n[[log]]\norigin = {:?}\nvkeys = [{vkey:?}]\n", book::ORIGIN);
        std::fs::write(self.config(), text).unwrap();
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("witness.toml")
    }

    pub fn data(&self) -> String {
        self.folder.path().join("data").to_str().unwrap().to_owned()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_village-witness"));
        command.args(args).env("VILLAGE_KEYS_PASSPHRASE", PASSPHRASE).env("RUST_LOG", "error");
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub fn serve_args(&self) -> [String; 7] {
        let config = self.config().to_str().unwrap().to_owned();
        ["serve", "--config", &config, "--data", &self.data(), "--listen", "127.0.0.1:0"].map(str::to_owned)
    }

    pub fn serve(&self) -> Process {
        self.serve_with(&[])
    }

    pub fn serve_with(&self, more: &[&str]) -> Process {
        let args = self.serve_args();
        let args: Vec<&str> = args.iter().map(String::as_str).chain(more.iter().copied()).collect();
        let mut command = self.command(&args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ");
        let url = url.unwrap_or_else(|| panic!("it did not start by itself: {line:?}")).to_owned();
        Process { child, url }
    }
}
