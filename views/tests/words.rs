//! The files of words against everything that needs words, and against the rules of wording.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

use ledger::kinds::{Field, KINDS, Type};
use ledger::rules::{Finding, FindingCode, Said};
use ledger::time::Date;
use ledger::verdict::{Code, Level};
use std::collections::BTreeSet;
use views::value::{AREA, FEN, INSTANTS};
use views::words::{FORBIDDEN, LABELS, Saying, Words};
use views::{Lang, finding};

const FILES: [&str; 2] = [include_str!("../data/words.zh.txt"), include_str!("../data/words.en.txt")];
/// Fields of the envelope, and of what stands in it.
const ENVELOPE: [&str; 6] = ["role", "on", "from", "to", "access", "logged"];

/// Every field of every kind, however deep, with the kind's name.
fn fields() -> Vec<(&'static str, Field)> {
    fn below(kind: &'static str, fields: &'static [Field], out: &mut Vec<(&'static str, Field)>) {
        for field in fields {
            out.push((kind, *field));
            if let Type::Object(inner) | Type::List(inner) = field.ty {
                below(kind, inner, out);
            }
        }
    }
    let mut out = Vec::new();
    KINDS.iter().for_each(|kind| below(kind.name, kind.fields, &mut out));
    out
}

fn keys(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|l| !l.starts_with('#'))
        .map(|l| l.split_once('=').map_or(l, |(key, _)| key))
        .collect()
}

#[test]
fn both_files_are_whole_and_have_the_same_keys_in_the_same_order() {
    assert_eq!(keys(FILES[0]), keys(FILES[1]));
    for text in FILES {
        assert!(Words::read(text).is_some());
        for line in text.lines().skip(1) {
            let section = line.strip_prefix('[').and_then(|l| l.strip_suffix(']'));
            assert!(section.is_some() || !line.contains('['), "{line}");
            assert!(section.is_some() || line.split_once('=').is_some_and(|(_, w)| !w.is_empty()), "{line}");
        }
        let labels = text.split('[').find(|part| part.starts_with("labels]")).unwrap();
        assert_eq!(keys(labels)[1..], LABELS, "labels stand in the code's order, and none is left over");
    }
    let twice: Vec<&str> = FILES[0]
        .split('[')
        .flat_map(|section| {
            let mut seen = BTreeSet::new();
            keys(section)
                .into_iter()
                .filter(move |key| *key != "body" && !seen.insert(*key))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(twice, [""; 0]);
}

#[test]
fn a_file_that_is_not_whole_is_none() {
    let text = FILES[0];
    for end in (0..text.len()).step_by(97).filter(|end| text.is_char_boundary(*end)) {
        assert!(Words::read(&text[..end]).is_none(), "cut at {end}");
    }
    for (line, _) in text.lines().enumerate().filter(|(_, l)| l.starts_with('[') || l.starts_with("more=")) {
        let kept: Vec<&str> = text.lines().enumerate().filter(|(i, _)| *i != line).map(|(_, l)| l).collect();
        assert!(Words::read(format!("{}\n", kept.join("\n")).leak()).is_none(), "without line {line}");
    }
    assert!(Words::read("<!doctype html><p>登录后上网").is_none() && Words::read("").is_none());
}

#[test]
fn every_kind_field_key_code_and_stage_has_its_words() {
    let many = |ty: Type| if let Type::Many(inner) = ty { *inner } else { ty };
    for lang in Lang::ALL {
        let words = lang.words();
        let mut names: Vec<String> =
            ledger::entry::FIELDS.iter().chain(&ENVELOPE).map(|f| (*f).to_owned()).collect();
        names.retain(|name| name != "body");
        let mut choices: Vec<(&str, &str)> =
            ["handler", "witness", "approver", "supervision", "town"].map(|role| ("role", role)).to_vec();
        for (_, field) in fields() {
            names.push(field.name.to_owned());
            if let Type::Choice(keys) = many(field.ty) {
                choices.extend(keys.iter().map(|key| (field.name, *key)));
            }
        }
        names.retain(|name| words.fields().get(name).is_none());
        choices.retain(|(field, key)| views::value::choice(*lang, field, key).is_none());
        assert_eq!((names, choices), (Vec::new(), Vec::new()), "{}", lang.tag());
        let of_kinds: BTreeSet<&str> = words.kinds().iter().map(|(key, _)| key).collect();
        assert_eq!(of_kinds, KINDS.iter().map(|kind| kind.name).collect());
        let of_findings: BTreeSet<&str> = words.findings().iter().map(|(key, _)| key).collect();
        assert_eq!(of_findings, FindingCode::ALL.iter().map(|code| code.name()).chain(SPECIAL).collect());
    }
}

#[test]
fn what_a_name_says_of_a_value_is_what_the_tables_of_kinds_say() {
    for (kind, field) in fields() {
        let is = (FEN.contains(&field.name), INSTANTS.contains(&field.name), field.name == AREA);
        match field.ty {
            Type::Fen => assert!(is.0, "{kind}.{} holds fen", field.name),
            Type::Instant => assert!(is.1, "{kind}.{} holds an instant", field.name),
            Type::Count => assert!(!is.0 && !is.1, "{kind}.{} is a count", field.name),
            _ => assert!(!is.2, "{kind}.{} is no area", field.name),
        }
    }
}

#[test]
fn every_code_has_title_body_and_next_step_in_the_words_of_the_village() {
    for lang in Lang::ALL {
        for code in Code::ALL {
            let Saying { icon, title, body, next } = lang.verdict(*code);
            assert!(![icon, title, next].contains(&"") && !body.is_empty(), "{code}");
            for text in body.iter().copied().chain([title, next]) {
                let loud = text.contains('!') || text.contains('！');
                assert!(!loud || code.level() == Level::Red, "{code}: {text}");
            }
            if *lang == Lang::Zh {
                assert!(title.chars().count() <= 18, "{code}: {title}");
                assert!(body.iter().all(|p| p.chars().count() <= 60), "{code}: {body:?}");
            }
        }
        let caveat = lang.verdict(Code::Ok).body.pop().unwrap();
        for code in Code::ALL.iter().filter(|c| c.name().starts_with("OK")) {
            assert_eq!(lang.verdict(*code).body.last(), Some(&caveat), "{code} says what it does not say");
        }
    }
}

#[test]
fn no_word_promises_too_much_or_accuses() {
    for text in FILES {
        for line in text.lines().filter(|l| !l.starts_with("expert_")) {
            let words = line.split_once('=').map_or("", |(_, words)| words).to_lowercase();
            for word in FORBIDDEN.iter().chain(&["违规", "违法", "illegal", "fraud"]) {
                assert!(!words.contains(word), "{line}");
            }
        }
    }
    for (code, sentence) in Lang::Zh.words().findings().iter() {
        assert!(sentence.chars().count() <= 60 && sentence.ends_with('。'), "{code}: {sentence}");
    }
}

#[test]
fn a_finding_is_a_sentence_with_its_values() {
    let of = |code, values| Finding { code, seq: 5, field: "", values };
    let close = of(FindingCode::Close, vec![Said::Fen(50_000), Said::Fen(70_005)]);
    assert_eq!(finding(Lang::Zh, &close), "结账写的是还剩 500 元，一笔一笔算下来是 700.05 元。");
    let late = of(FindingCode::Late, vec![Said::Date(Date::parse("2026-02-15").unwrap()), Said::Count(3)]);
    assert_eq!(finding(Lang::En, &late), "It was due on 15 Feb 2026 and came 3 days late.");
    let twice = of(FindingCode::VoucherRepeat, vec![Said::Text("记-0003".into()), Said::Count(2)]);
    assert_eq!(finding(Lang::Zh, &twice), "凭证号 记-0003 在第 2 号里已经用过。");
}

/// Sentences of findings whose values say something special.
const SPECIAL: [&str; 2] = ["no_resolution_at_all", "voucher_missing"];

/// How many values each sentence is filled with; `ledger` says which.
#[test]
fn every_sentence_of_a_finding_names_all_its_values() {
    for code in FindingCode::ALL {
        let wanted = match code.name() {
            "flows" => 4,
            "no_deadline" | "open_term" | "organ" | "undated" => 0,
            "after_close" | "item" | "not_zero" | "recheck" | "unknown" => 1,
            _ => 2,
        };
        for lang in Lang::ALL {
            let sentence = lang.words().findings().get(code.name()).unwrap();
            for place in 0..4 {
                assert_eq!(sentence.contains(&format!("{{{place}}}")), place < wanted, "{code}: {sentence}");
            }
        }
    }
}
