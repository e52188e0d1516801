//! One spelling for every kind (E-01 to E-08, E-41, E-50, E-53, E-54): any body that a kind takes is written and read
//! back the same, and every other spelling of it is refused, each with its code and path.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod bodies;
#[path = "../support/mod.rs"]
mod support;

use bodies::{Made, bodies, text};
use ledger::append::{Refusal, RefusalCode, Submission};
use ledger::json::{MAX_INTEGER, Object, Value};
use ledger::kinds::{Field, KINDS, Kind, Type};
use ledger::leaf;
use ledger::money::Fen;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use support::*;

type Checked = Result<(), TestCaseError>;

/// A whole JSON line with any body of its kind, and dice to choose places in it with.
type Case = (Object, Index, Index);

fn lines(kind: &'static Kind, world: &World) -> impl Strategy<Value = Case> + use<> {
    let world = world.clone();
    let head = (text(120), text(60), any::<Index>(), any::<Index>());
    (bodies(kind), head).prop_map(move |(Made { unit, seq, body }, (title, summary, a, b))| {
        let fields: [(&str, Value); 4] = [
            ("item", "F03".into()),
            ("period", "2026-08".into()),
            ("title", title.into()),
            ("summary", summary.into()),
        ];
        let draft = world.draft(unit, seq, kind.name, body);
        (fields.into_iter().fold(draft, |o, (name, value)| set(&o, name, Some(value))), a, b)
    })
}

fn for_every_kind(check: impl Fn(&'static Kind, Case) -> Checked) {
    let world = World::new();
    for kind in KINDS {
        let cases = if long() { 500 } else { 24 };
        let config = Config { failure_persistence: None, ..Config::with_cases(cases) };
        let run = TestRunner::new(config).run(&lines(kind, &world), |case| check(kind, case));
        run.unwrap_or_else(|e| panic!("{}: {e}", kind.name));
    }
}

/// What the ledger says to a note with this JSON line.
fn read(line: &str) -> Result<Submission, Refusal> {
    let note = leaf::seal(&format!("village-ledger/entry/v1\n{line}\n"), vec![Key::note("k", 1).sign("")]);
    Submission::parse(note.into_bytes(), KINDS)
}

fn refused(line: &str, code: RefusalCode, path: &str) -> Checked {
    let said = read(line).map(|_| ()).map_err(|r| (r.code, r.field));
    prop_assert_eq!(said, Err((code, path.to_owned())), "{}", line);
    Ok(())
}

/// Every value of an object with its path.
fn nodes(object: &Object, prefix: &str) -> Vec<(String, Value)> {
    let below = |(name, value): (String, &Value)| {
        let mut out = vec![(name.clone(), value.clone())];
        match value {
            Value::Object(object) => out.extend(nodes(object, &format!("{name}."))),
            Value::List(list) => {
                let list = list.iter().enumerate();
                let list = list.fold(Object::new(), |o, (at, v)| o.with(&at.to_string(), v.clone()));
                out.extend(nodes(&list, &format!("{name}.")));
            }
            _ => {}
        }
        out
    };
    object.fields().iter().map(|(name, value)| (format!("{prefix}{name}"), value)).flat_map(below).collect()
}

/// Every field of a body that has one value, with its path and type.
fn typed(fields: &'static [Field], json: &Object, path: &str) -> Vec<(String, Type)> {
    let there = fields.iter().map(|field| (format!("{path}.{}", field.name), field.ty));
    let mut open: Vec<(String, Type)> = there.filter(|(path, _)| json.at_path(path).is_some()).collect();
    let mut out = Vec::new();
    while let Some((path, ty)) = open.pop() {
        let at = |i: usize, ty| (format!("{path}.{i}"), ty);
        let all = match json.at_path(&path) {
            Some(Value::List(list)) => 0..list.len(),
            _ => 0..0,
        };
        match ty {
            Type::Object(fields) => out.extend(typed(fields, json, &path)),
            Type::List(fields) => open.extend(all.map(|i| at(i, Type::Object(fields)))),
            Type::Many(ty) => open.extend(all.map(|i| at(i, *ty))),
            Type::Paragraphs => open.extend(all.map(|i| at(i, Type::Text(2_000)))),
            ty => out.push((path, ty)),
        }
    }
    out
}

fn with(json: &Object, path: &str, value: impl Into<Value>) -> Object {
    let mut json = json.clone();
    assert!(json.replace_at(path, value.into()), "{path}");
    json
}

/// The line with these bytes in the place of a value.
fn with_raw(json: &Object, path: &str, raw: &str) -> String {
    with(json, path, "@raw@").text().replace("\"@raw@\"", raw)
}

/// The line with an object in it put together anew.
fn rebuilt(
    json: &Object,
    path: &str,
    change: impl Fn(Vec<(String, Value)>) -> Vec<(String, Value)>,
) -> String {
    let object =
        if path.is_empty() { json.clone() } else { json.at_path(path).unwrap().object().unwrap().clone() };
    let fields = change(object.fields().to_vec()).into_iter();
    let object = fields.fold(Object::new(), |o, (name, value)| o.with(&name, value));
    if path.is_empty() { object.text() } else { with(json, path, object).text() }
}

/// Paths of the body and all objects in it.
fn objects(json: &Object) -> Vec<(String, Object)> {
    let object = |(path, value): (String, Value)| Some((path, value.object()?.clone()));
    nodes(json, "").into_iter().filter_map(object).collect()
}

#[test]
fn e01_e41_any_body_is_read_as_it_was_written() {
    for_every_kind(|kind, (json, ..)| {
        let line = json.text();
        let read = read(&line).map_err(|r| TestCaseError::fail(format!("{r}: {line}")))?;
        prop_assert_eq!(read.entry.kind(), kind.name);
        prop_assert_eq!(&read.entry.json, &json);
        prop_assert_eq!(read.entry.json.text(), line);
        Ok(())
    });
}

/// Text that Unicode spells in another way: marks out of order or apart, jamo, singletons, excluded compositions.
const DECOMPOSED: [&str; 8] = [
    "e\u{301}",
    "か\u{3099}",
    "a\u{307}\u{323}",
    "\u{1100}\u{1161}",
    "\u{212B}",
    "\u{F900}",
    "\u{958}",
    "\u{2F81A}",
];

#[test]
fn e54_decomposed_text_anywhere() {
    for_every_kind(|kind, (json, place, trap)| {
        let free = |(path, ty): (String, Type)| match (ty, json.at_path(&path)?) {
            (Type::Text(_) | Type::Scalar, Value::Text(text)) => (text != "quorum none").then_some(path),
            _ => None,
        };
        let mut paths: Vec<String> = typed(kind.fields, &json, "body").into_iter().filter_map(free).collect();
        paths.extend(["title", "summary"].map(str::to_owned));
        let path = place.get::<String>(&paths);
        let trap = format!("# {}", trap.get::<&str>(&DECOMPOSED));
        refused(&with(&json, path, trap).text(), RefusalCode::NotNfc, path)
    });
}

#[test]
fn e07_e50_a_denied_character_anywhere() {
    // Both ends of every range of E-07, and the end of every plane.
    let ends = "\0\u{1F}\u{7F}\u{A0}\u{AD}\u{61C}\u{1680}\u{180E}\u{2000}\u{200B}\u{200F}\u{2028}\u{202E}\u{202F}\
        \u{205F}\u{2066}\u{206F}\u{E000}\u{F8FF}\u{FDD0}\u{FDEF}\u{FEFF}\u{FFF9}\u{FFFB}\u{E0000}\u{E0041}\u{E007F}\
        \u{F0000}\u{10FFFF}\n\r\t";
    let planes = (0..=16_u32).flat_map(|p| [p << 16 | 0xFFFE, p << 16 | 0xFFFF]).filter_map(char::from_u32);
    let denied: Vec<char> = ends.chars().chain(planes).collect();
    for_every_kind(|_, (json, place, which)| {
        let texts: Vec<_> = nodes(&json, "").into_iter().filter(|(_, v)| v.as_text().is_some()).collect();
        let (path, value) = place.get(&texts);
        let mut chars: Vec<char> = value.as_text().unwrap().chars().collect();
        chars.insert(which.index(chars.len() + 1), *which.get(&denied));
        refused(&with(&json, path, chars.into_iter().collect::<String>()).text(), RefusalCode::Spelling, "")
    });
}

#[test]
fn e02_e04_e08_other_spellings_of_any_value() {
    let tokens = [
        "9007199254740992",
        "-9007199254740992",
        "99999999999999999999",
        "01",
        "-01",
        "00",
        "+1",
        "-0",
        "1e3",
        "1E3",
        "1.0",
        "0.1",
        ".5",
        "0x1",
        "1_000",
        "１",
        "NaN",
        "null",
        "True",
        "'x'",
        r#""\u4e2d""#,
        r#""\n""#,
        r#""\/""#,
        r#""\ud800""#,
        "\"x",
        "[1,]",
        "[,]",
        "{,}",
        r#"{"A":1}"#,
        r#"{"":1}"#,
        " ",
    ];
    for_every_kind(|_, (json, place, which)| {
        let nodes = nodes(&json, "");
        refused(&with_raw(&json, &place.get(&nodes).0, which.get::<&str>(&tokens)), RefusalCode::Spelling, "")
    });
}

#[test]
fn e30_e41_numbers_beyond_their_type() {
    for_every_kind(|kind, (json, place, which)| {
        let beyond = |ty: Type| match ty {
            Type::Fen => vec![Fen::MAX + 1, -Fen::MAX - 1, MAX_INTEGER],
            Type::Count | Type::Instant => vec![-1, -MAX_INTEGER],
            Type::Year => vec![1899, 2200, -1, MAX_INTEGER],
            _ => Vec::new(),
        };
        let typed = typed(kind.fields, &json, "body").into_iter();
        let numbers: Vec<_> =
            typed.map(|(path, ty)| (path, beyond(ty))).filter(|(_, b)| !b.is_empty()).collect();
        if numbers.is_empty() {
            return Ok(()); // a kind of text alone
        }
        let (path, beyond) = place.get(&numbers);
        refused(&with(&json, path, *which.get(beyond)).text(), RefusalCode::Field, path)
    });
}

#[test]
fn e05_a_name_twice_at_any_depth() {
    for_every_kind(|_, (json, place, which)| {
        let mut paths: Vec<String> = objects(&json).into_iter().map(|(path, _)| path).collect();
        paths.push(String::new());
        let line = rebuilt(&json, place.get::<String>(&paths), |mut fields| {
            let double = which.get(&fields).clone();
            fields.insert(which.index(fields.len()), double);
            fields
        });
        refused(&line, RefusalCode::Spelling, "")
    });
}

#[test]
fn e41_names_out_of_order() {
    for_every_kind(|_, (json, place, which)| {
        let objects: Vec<_> = objects(&json).into_iter().filter(|(_, o)| o.fields().len() > 1).collect();
        if objects.is_empty() {
            return Ok(()); // a body of one field
        }
        let (path, object) = place.get(&objects);
        let at = which.index(object.fields().len() - 1);
        let line = rebuilt(&json, path, |mut fields| {
            fields.swap(at, at + 1);
            fields
        });
        let refusal = read(&line).unwrap_err();
        prop_assert_eq!(refusal.code, RefusalCode::Field);
        let either = [at, at + 1].map(|at| format!("{path}.{}", object.fields()[at].0));
        prop_assert!(either.contains(&refusal.field), "{} in {}", refusal.field, line);
        Ok(())
    });
}

#[test]
fn e41_an_unknown_name_at_any_depth() {
    for_every_kind(|_, (json, place, which)| {
        let objects = objects(&json);
        let (path, object) = place.get(&objects);
        let at = which.index(object.fields().len() + 1);
        let line = rebuilt(&json, path, |mut fields| {
            fields.insert(at, ("zz_later".to_owned(), Value::Int(1)));
            fields
        });
        refused(&line, RefusalCode::Field, &format!("{path}.zz_later"))
    });
}

#[test]
fn e01_white_space_between_any_tokens() {
    for_every_kind(|_, (json, place, which)| {
        let line = json.text();
        let (mut inside, mut escaped, mut between) = (false, false, vec![0]);
        for (at, c) in line.char_indices() {
            match c {
                '"' if !escaped => inside = !inside,
                _ => {}
            }
            escaped = c == '\\' && !escaped;
            if !inside {
                between.push(at + c.len_utf8());
            }
        }
        let (mut spaced, at) = (line, *place.get(&between));
        spaced.insert(at, *which.get(&[' ', '\t', '\n', '\r', '\u{3000}', '\u{A0}', '\u{FEFF}']));
        refused(&spaced, RefusalCode::Spelling, "")
    });
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(400) })]

    /// E-44, E-53: no spelling of a kind's name but its own, whatever the body.
    #[test]
    fn e53_kinds_of_other_names(name in "[a-z_]{1,40}", kind in select(KINDS)) {
        prop_assume!(KINDS.iter().all(|k| k.name != name));
        let json = set(&example_entry(kind), "kind", Some(name.into()));
        prop_assert_eq!(read(&json.text()).unwrap_err().code, RefusalCode::UnknownKind);
    }
}
