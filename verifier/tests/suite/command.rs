//! The command line: usage errors are 64 (V-01), and nothing that could not be read passes for a verdict.

use crate::support::{Folder, run};
use crate::world::World;

#[test]
fn usage_errors_are_64() {
    let folder = Folder::of(&World::new());
    let (log, trust) = (folder.log(), folder.path("trust.toml"));
    let (log, trust) = (log.to_str().unwrap(), trust.to_str().unwrap());
    let key = World::new().log.vkey.to_string();
    let wrong: &[&[&str]] = &[
        &[],
        &["replay"],
        &["audit"],
        &["audit", log],
        &["audit", "--trust", trust],
        &["audit", log, "--trust"],
        &["audit", log, "--trust", trust, "--log-vkey", &key],
        &["audit", log, "--trust", trust, "--jsn"],
        &["audit", log, log, "--trust", trust],
        &["audit", log, "--log-vkey", "no key"],
        &["audit", log, "--log-vkey", ""],
        &["check", log],
        &["check", "--trust", trust],
        &["evidence"],
        &["evidence", "check"],
        &["evidence", "show", log],
    ];
    for args in wrong {
        let run = run(args);
        assert_eq!(run.code, 64, "{args:?}: {run:?}");
        assert!(run.out.is_empty() && !run.err.is_empty(), "{args:?}: {run:?}");
    }
}

#[test]
fn help_and_version_are_0_and_name_the_exit_codes() {
    let help = run(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(["0", "1", "2", "64"].iter().all(|code| help.out.contains(code)), "{}", help.out);
    assert_eq!(run(&["--version"]).code, 0);
    assert_eq!(run(&["audit", "--help"]).code, 0);
}

/// Files that are not there, or are not what they should be: exit 2, and a word to the person.
#[test]
fn what_can_not_be_read_is_2() {
    let folder = Folder::of(&World::new());
    let (log, trust, gone) = (folder.log(), folder.path("trust.toml"), folder.path("gone"));
    let (log, trust, gone) = (log.to_str().unwrap(), trust.to_str().unwrap(), gone.to_str().unwrap());
    folder.put("bad.toml", b"charter = 7\n");
    let bad = folder.path("bad.toml");
    let bad = bad.to_str().unwrap();
    for args in [
        ["audit", gone, "--trust", trust],
        ["audit", log, "--trust", gone],
        ["audit", log, "--trust", bad],
        ["audit", "ftp://localhost/", "--trust", trust],
        ["audit", "http://", "--trust", trust],
        ["check", gone, "--trust", trust],
        ["check", bad, "--trust", gone],
    ] {
        let run = run(&args);
        assert_eq!(run.code, 2, "{args:?}: {run:?}");
        assert!(!run.err.is_empty() && !run.out.contains("成立"), "{args:?}: {run:?}");
    }
    assert_eq!(run(&["evidence", "check", gone]).code, 2);
}
