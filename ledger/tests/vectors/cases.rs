//! Cases that need no ledger: spellings, keys, notes, policies.

use crate::support::{Key, NOW, ORIGIN};
use crate::{Case, File};
use base64::Engine as _;
use ledger::checkpoint::Checkpoint;
use ledger::hash::Hash;
use ledger::note::{VerifierKey, assemble};
use serde_json::{Value, json};

pub fn case(name: impl Into<String>, input: Value, expect: &'static str) -> Case {
    Case { name: name.into(), input, expect, with_output: false }
}

pub fn found(name: impl Into<String>, input: Value, expect: &'static str) -> Case {
    Case { with_output: true, ..case(name, input, expect) }
}

fn json_lines() -> File {
    let mut cases = Vec::new();
    for line in [
        "{}",
        r#"{"a":1}"#,
        r#"{"a":-1,"b":[],"c":{},"d":true,"e":false}"#,
        r#"{"a":"村务 \"公开\" \\ 　"}"#,
        r#"{"a":9007199254740991}"#,
        r#"{"b":1,"a":2}"#,
        r#"{"a":"𠮷"}"#,
    ] {
        cases.push(found(line, json!({"line": line}), "accepted"));
    }
    let deep = |n: usize| format!("{}1{}", "{\"a\":".repeat(n), "}".repeat(n));
    cases.push(found("8 levels", json!({"line": deep(8)}), "accepted"));
    cases.push(case("9 levels", json!({"line": deep(9)}), "refused"));
    for (name, line) in [
        ("nothing", ""),
        ("array", "[]"),
        ("space", "{ }"),
        ("space after", "{} "),
        ("newline", "{}\n"),
        ("space after colon", r#"{"a": 1}"#),
        ("fraction", r#"{"a":1.0}"#),
        ("exponent", r#"{"a":1e3}"#),
        ("minus zero", r#"{"a":-0}"#),
        ("leading zero", r#"{"a":01}"#),
        ("plus", r#"{"a":+1}"#),
        ("2^53", r#"{"a":9007199254740992}"#),
        ("-2^53", r#"{"a":-9007199254740992}"#),
        ("null", r#"{"a":null}"#),
        ("escaped newline", r#"{"a":"\n"}"#),
        ("escaped character", r#"{"a":"\u0041"}"#),
        ("escaped slash", r#"{"a":"\/"}"#),
        ("doubled name", r#"{"a":1,"a":1}"#),
        ("doubled name inside", r#"{"x":[{"a":1,"a":2}]}"#),
        ("capital name", r#"{"A":1}"#),
        ("empty name", r#"{"":1}"#),
        ("trailing comma", r#"{"a":1,}"#),
        ("tab", "{\"a\":\"\t\"}"),
        ("delete", "{\"a\":\"\u{7F}\"}"),
        ("no-break space", "{\"a\":\"\u{A0}\"}"),
        ("soft hyphen", "{\"a\":\"\u{AD}\"}"),
        ("zero width space", "{\"a\":\"\u{200B}\"}"),
        ("right-to-left override", "{\"a\":\"\u{202E}\"}"),
        ("isolate", "{\"a\":\"\u{2066}\"}"),
        ("byte order mark", "{\"a\":\"\u{FEFF}\"}"),
        ("private use", "{\"a\":\"\u{E000}\"}"),
        ("noncharacter", "{\"a\":\"\u{FFFE}\"}"),
        ("noncharacter of plane 1", "{\"a\":\"\u{1FFFF}\"}"),
        ("tag", "{\"a\":\"\u{E0041}\"}"),
        ("private plane", "{\"a\":\"\u{10FFFD}\"}"),
        ("line separator", "{\"a\":\"\u{2028}\"}"),
        ("en space", "{\"a\":\"\u{2002}\"}"),
        ("open", r#"{"a":1"#),
    ] {
        cases.push(case(name, json!({"line": line}), "refused"));
    }
    File {
        check: "json-line",
        about: "The token layer; output: the line written again.",
        rules: &["E-01", "E-02", "E-04", "E-05", "E-06", "E-07", "E-08"],
        cases,
    }
}

fn notes() -> File {
    let line = Key::note("a.example/k", 1).sign("text\n").line();
    let two = format!("text\n\n{line}{line}");
    let mut cases = vec![
        found("one signature", json!({"note": format!("text\n\n{line}")}), "accepted"),
        found(
            "empty lines in the text, two signatures",
            json!({"note": format!("text\n\n{two}")}),
            "accepted",
        ),
        found("64 signatures", json!({"note": format!("text\n\n{}", line.repeat(64))}), "accepted"),
        case("65 signatures", json!({"note": format!("text\n\n{}", line.repeat(65))}), "refused"),
        case(
            "not UTF-8",
            json!({"note_base64": base64::engine::general_purpose::STANDARD.encode(b"te\xFFxt\n\n")}),
            "refused",
        ),
    ];
    for (name, note) in [
        ("nothing", String::new()),
        ("no signature", "text\n".into()),
        ("no empty line", format!("text\n{line}")),
        ("no last newline", format!("text\n\n{}", line.trim_end())),
        ("carriage return", format!("text\r\n\n{line}")),
        ("tab", format!("te\txt\n\n{line}")),
        ("a hyphen for the dash", format!("text\n\n-{}", &line[3..])),
        ("no padding", format!("text\n\n{}\n", line.trim_end().trim_end_matches('='))),
        ("a line that is none", format!("text\n\n{line}more\n")),
        ("two spaces", format!("text\n\n{}", line.replacen(' ', "  ", 1))),
    ] {
        cases.push(case(name, json!({"note": note}), "refused"));
    }
    File {
        check: "note",
        about: "Signed notes, taken apart; nothing is verified.",
        rules: &["N-01", "N-02"],
        cases,
    }
}

fn vkeys() -> File {
    let (note, cosigner) =
        (Key::note(ORIGIN, 1).vkey.to_string(), Key::cosigner("w.example/w", 50).vkey.to_string());
    let mut weak = [0; 32];
    weak[0] = 1;
    let weak = VerifierKey::ed25519("weak.example/k", &weak).unwrap().to_string();
    let (name, rest) = note.split_once('+').unwrap();
    let (id, key) = rest.split_once('+').unwrap();
    let cases = vec![
        found("note key", json!({"vkey": note}), "accepted"),
        found("cosigner", json!({"vkey": cosigner}), "accepted"),
        found("small order: read, and refused where it is enrolled", json!({"vkey": weak}), "accepted"),
        case("another name", json!({"vkey": format!("other.example/k+{rest}")}), "refused"),
        case("another id", json!({"vkey": format!("{name}+00000000+{key}")}), "refused"),
        case("upper-case id", json!({"vkey": format!("{name}+{}+{key}", id.to_uppercase())}), "refused"),
        case("type 2", json!({"vkey": format!("{name}+{id}+{}", key.replacen("AY", "Ao", 1))}), "refused"),
        case("too short", json!({"vkey": format!("{name}+{id}+{}", &key[..40])}), "refused"),
        case("no name", json!({"vkey": format!("+{rest}")}), "refused"),
        case("nothing", json!({"vkey": ""}), "refused"),
    ];
    File { check: "vkey", about: "Verifier keys.", rules: &["N-03", "K-03"], cases }
}

fn tile_paths() -> File {
    let mut cases = Vec::new();
    for path in [
        "tile/0/000",
        "tile/0/x001/x234/067",
        "tile/entries/x001/x234/067.p/5",
        "tile/7/000.p/255",
        "tile/0/x018/x446/x744/x073/x709/x551/615",
    ] {
        cases.push(found(path, json!({"path": path}), "accepted"));
    }
    for path in [
        "tile/0/0",
        "tile/0/x000/000",
        "tile/0/1000",
        "tile/8/000",
        "tile/00/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "/tile/0/000",
        "tile/0/x001",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/data/000",
        "",
    ] {
        cases.push(case(path, json!({"path": path}), "refused"));
    }
    File { check: "tile-path", about: "Tile paths; indexes as decimal text.", rules: &["T-01"], cases }
}

fn policies() -> Vec<File> {
    let witness = |i: u8| Key::cosigner(&format!("w{i}.example/w"), 100 + i);
    let lines = |n: u8| (0..n).map(|i| format!("witness w{i} {}\n", witness(i).vkey)).collect::<String>();
    let text = Checkpoint { origin: ORIGIN.into(), size: 2, root: Hash::EMPTY }.text();
    let signed = |by: &[(u8, u64)]| {
        let mut lines = vec![Key::note(ORIGIN, 1).sign(&text)];
        lines.extend(by.iter().map(|(i, time)| witness(*i).cosign(*time, &text)));
        assemble(&text, &lines)
    };
    let mut cases = Vec::new();
    for (name, rest, expect) in [
        ("none", "quorum none\n", "accepted"),
        ("one", "quorum w0\n", "accepted"),
        ("2 of 3", "group g 2 w0 w1 w2\nquorum g\n", "accepted"),
        ("all", "group g all w0 w1 w2 w3\nquorum g\n", "accepted"),
        ("nested", "group a all w2 w3\ngroup g 2 w0 w1 a\nquorum g\n", "accepted"),
        (
            "nested, a member for both sides",
            "group a 1 w2 w3\ngroup g 2 w0 w1 a\nquorum g\n",
            "does-not-intersect",
        ),
        ("comments and blanks", "\n# x\n  quorum\tw0  \n", "accepted"),
        ("1 of 2", "group g any w0 w1\nquorum g\n", "does-not-intersect"),
        ("2 of 4", "group g 2 w0 w1 w2 w3\nquorum g\n", "does-not-intersect"),
        ("nested split", "group a 1 w0 w1\ngroup b 1 w2 w3\ngroup g 2 a b\nquorum g\n", "does-not-intersect"),
        ("no quorum", "", "refused"),
        ("two quorums", "quorum w0\nquorum w0\n", "refused"),
        ("unknown name", "quorum w9\n", "refused"),
        ("later name", "group g 1 h\ngroup h 1 w0\nquorum g\n", "refused"),
        ("member twice", "group g 2 w0 w0\nquorum g\n", "refused"),
        ("0 of n", "group g 0 w0\nquorum g\n", "refused"),
        ("4 of 3", "group g 4 w0 w1 w2\nquorum g\n", "refused"),
        ("carriage return", "quorum w0\r\n", "refused"),
        ("unknown word", "witnesses w0\nquorum w0\n", "refused"),
    ] {
        cases.push(case(name, json!({"policy": format!("{}{rest}", lines(4))}), expect));
    }
    cases.push(case(
        "one key twice",
        json!({"policy": format!("{}witness again {}\nquorum w0\n", lines(1), witness(0).vkey)}),
        "refused",
    ));
    let policy = format!("{}group replayers 1 w2\ngroup g 2 w0 w1 replayers\nquorum g\n", lines(4));
    let quorum = [
        (vec![], "not-met"),
        (vec![(0, 10)], "not-met"),
        (vec![(0, 10), (3, 20)], "not-met"),
        (vec![(0, 10), (1, 20)], "met"),
        (vec![(0, 10), (2, 20)], "met"),
        (vec![(0, 10), (1, 30), (2, 20)], "met"),
        (vec![(0, 10), (0, 20)], "not-met"),
    ];
    let quorum = quorum.into_iter().map(|(by, expect)| {
        found(format!("cosigned by {by:?}"), json!({"policy": policy, "checkpoint": signed(&by)}), expect)
    });
    let cosigned = witness(0).cosign(NOW, &text);
    let line = |l: &ledger::note::Signature| l.line().trim_end().to_owned();
    let mut later = cosigned.clone();
    later.bytes[7] ^= 1;
    let input = |line: String, vkey: &VerifierKey| json!({"checkpoint": text, "line": line, "vkey": vkey.to_string()});
    let cosignatures = vec![
        found("a cosignature", input(line(&cosigned), &witness(0).vkey), "holds"),
        found(
            "at 2^63 - 1",
            input(line(&witness(0).cosign((1 << 63) - 1, &text)), &witness(0).vkey),
            "holds",
        ),
        case("at 2^63", input(line(&witness(0).cosign(1 << 63, &text)), &witness(0).vkey), "refused"),
        case("another time", input(line(&later), &witness(0).vkey), "refused"),
        case("another witness", input(line(&cosigned), &witness(1).vkey), "refused"),
        case(
            "a note signature by a cosigner's key",
            input(line(&witness(0).sign(&text)), &witness(0).vkey),
            "refused",
        ),
        case(
            "a note key",
            input(
                line(&Key::note("w0.example/w", 100).cosign(NOW, &text)),
                &Key::note("w0.example/w", 100).vkey,
            ),
            "refused",
        ),
    ];
    vec![
        File {
            check: "policy",
            about: "Witness policies, C2SP tlog-policy and this ledger's rules.",
            rules: &["W-01", "W-02", "W-03", "W-06", "W-07"],
            cases,
        },
        File {
            check: "quorum",
            about: "What cosignatures amount to.",
            rules: &["W-05", "W-08", "W-09", "C-04"],
            cases: quorum.collect(),
        },
        File {
            check: "cosignature",
            about: "Timestamped cosignatures; output: the time.",
            rules: &["C-05", "C-06", "C-07"],
            cases: cosignatures,
        },
    ]
}

pub fn files() -> Vec<File> {
    let mut out = vec![json_lines(), notes(), vkeys(), tile_paths()];
    out.extend(policies());
    out
}
