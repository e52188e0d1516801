//! Numbers and words, on both sides of each rule.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

use guard::patterns::{across, of_number, scan};
use guard::{Class, What};

fn kind(what: What) -> &'static str {
    match what {
        What::IdNumber => "id",
        What::BankCard => "card",
        What::Mobile => "mobile",
        What::Word(Class::Illness, _) => "illness",
        What::Word(Class::Disability, _) => "disability",
        What::Word(Class::Mental, _) => "mental",
        What::Word(Class::Minors, _) => "minors",
        _ => "unreadable",
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

#[test]
fn what_must_be_found_is_found() {
    for line in lines(include_str!("data/hits.txt")) {
        let (want, text) = line.split_once('\t').unwrap();
        let found = scan(text);
        assert!(!found.is_empty(), "nothing in {text}");
        assert!(found.iter().all(|f| kind(f.what) == want), "{text}: {found:?}");
    }
}

#[test]
fn what_is_no_secret_passes() {
    for text in lines(include_str!("data/misses.txt")) {
        assert_eq!(scan(text), [], "{text}");
    }
}

#[test]
fn a_find_tells_where_and_never_repeats_the_number() {
    let text = "户主李某，身份证440811 19900307 0019，电话１３８００１３８０００，残疾";
    let found = scan(text);
    let told: Vec<_> = found.iter().map(|f| (kind(f.what), f.at, f.len, f.masked.as_str())).collect();
    let id = ("id", 8, 20, "****** ******** ****");
    assert_eq!(told, [id, ("mobile", 31, 11, "***********"), ("disability", 43, 2, "残疾")]);
    let shown: String = text.chars().skip(found[1].at).take(found[1].len).collect();
    assert_eq!(shown, "１３８００１３８０００");
}

#[test]
fn long_texts_take_time_by_their_length() {
    let many = 1 << 18;
    for text in ["1a", "1 ", "1-", "1X", "x", "癌症筛查", "1234567890123456789a"] {
        let long = format!("13800138000。{}", text.repeat(many / text.len()));
        assert_eq!(scan(&long).len(), 1, "{text}");
    }
    assert_eq!(across(&vec!["1"; many]).len(), 0);
}

#[test]
fn two_numbers_in_one_text_are_two_finds() {
    assert_eq!(scan("13800138000、13900139000").len(), 2);
    assert_eq!(scan("440811199003070019 440811198502301235").len(), 1, "30 February");
    assert_eq!(scan("440811199003070019 44081119771015006X").len(), 2);
}

#[test]
fn identity_numbers_over_edges_are_found_where_people_split_them() {
    let place = |texts: &[&str]| across(texts).into_iter().map(|(i, f)| (i, f.at)).collect::<Vec<_>>();
    assert_eq!(place(&["李某", "440811", "19900307", "0019", "38"]), [(1, 0)]);
    assert_eq!(place(&["证44081119900", "3070019"]), [(0, 1)]);
    let digits: Vec<String> = "44081119771015006X".chars().map(String::from).collect();
    assert_eq!(place(&digits.iter().map(String::as_str).collect::<Vec<_>>()), [(0, 0)]);
    assert_eq!(place(&["440811199003070019", "38"]), [], "within one text is the other function's");
    assert_eq!(place(&["440", "8111990", "03070019"]), [], "numbers side by side");
    assert_eq!(place(&["440811", "19900307", "0018"]), [], "wrong check digit");
}

#[test]
fn spreadsheets_round_the_last_digits_away() {
    let what = |digits: &str| of_number(digits).map(|f| kind(f.what));
    assert_eq!(what("440811199003070000"), Some("id"));
    assert_eq!(what("440811199003070019"), Some("id"));
    assert_eq!(what("440811199013070000"), None);
    assert_eq!(what("6222022100000120000"), Some("card"));
    assert_eq!(what("13800138000"), Some("mobile"));
    assert_eq!(what("440811100391"), None);
    assert_eq!(what("138001380"), None);
}
