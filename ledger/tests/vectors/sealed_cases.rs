//! Cases of sealed fields, payment lists, and the proof of one household's row.

use crate::File;
use crate::cases::{case, found};
use crate::support::{GROUP, Key, NOW, ORIGIN, UNIT, unit};
use ledger::charter::LedgerId;
use ledger::entry::Visibility;
use ledger::hash::Hash;
use ledger::money::Fen;
use ledger::note::assemble;
use ledger::payment_rows::{ROWS_MEDIA, Row, RowCode, RowTree, Rows};
use ledger::sealed::{Access, EntryId, Opening, Openings, paths};
use ledger::upload::Ticket;
use serde_json::{Value, json};

fn id() -> EntryId {
    EntryId {
        ledger: LedgerId::from_text(&format!("{ORIGIN}#4702b75e9ce500a921eff48e9a9fb42b")),
        unit: unit(UNIT),
        seq: 17,
    }
}

/// A salt is fixed only here.
fn opening(path: &str, value: &str, access: Access) -> Opening {
    Opening { path: path.into(), salt: *Hash::of(path.as_bytes()).as_bytes(), value: value.into(), access }
}

fn input_of(id: &EntryId) -> Value {
    json!({"ledger": id.ledger.as_str(), "unit": id.unit.as_str(), "seq": id.seq})
}

fn with(mut input: Value, name: &str, value: impl Into<Value>) -> Value {
    input[name] = value.into();
    input
}

fn sealed() -> File {
    let list = [
        opening("approvals.0.name", "陈*华", Access::Inspectors),
        opening("bids.0.bidder.name", "李*明", Access::Posted),
        opening("winner.name", "买*·*提", Access::Posted),
    ];
    let field = |opening: &Opening| {
        let commitment = id().commit(&opening.path, &opening.salt, &opening.value).to_base64();
        json!({"path": opening.path, "commitment": commitment, "access": opening.access.name()})
    };
    let fields: Vec<Value> = list.iter().map(field).collect();
    let file = |list: &[Opening]| Openings::new(list.to_vec()).unwrap().text();
    let whole = file(&list);
    let base = with(input_of(&id()), "sealed", fields);
    let base = with(base, "posting", json!({"from": "2026-03-18", "to": "2026-04-02"}));
    let base = with(with(base, "head", "2026-03-18"), "redacted", json!([]));
    let on = |day: &str, openings: &str| with(with(base.clone(), "on", day), "openings", openings);
    let posted = |openings: &str| on("2026-03-18", openings);
    let less = posted(&file(&list[..2]));
    let mut cases = vec![
        found("on the posting's first day", posted(&whole), "opens"),
        found("on its last day", on("2026-04-02", &whole), "opens"),
        found("the day before it", on("2026-03-17", &whole), "opens"),
        found("the day after it", on("2026-04-03", &whole), "opens"),
        found("one withheld", less.clone(), "missing"),
        found("one withdrawn", with(less.clone(), "redacted", json!(["winner"])), "missing"),
        found("another withdrawn", with(less.clone(), "redacted", json!(["winner.nam"])), "missing"),
        found("one gone after the posting", on("2026-04-03", &file(&list[..2])), "missing"),
        found("a head from before the posting", with(less.clone(), "head", "2026-03-17"), "missing"),
        found("one that is not for everyone", posted(&file(&list[1..])), "missing"),
        found("none", posted("[]"), "missing"),
        found(
            "an opening without a field",
            posted(&file(&[&list[..], &[opening("holder.name", "黄*", Access::Posted)]].concat())),
            "stray",
        ),
    ];
    let mut swapped = list.clone();
    (swapped[1].salt, swapped[2].salt) = (list[2].salt, list[1].salt);
    (swapped[1].value, swapped[2].value) = (list[2].value.clone(), list[1].value.clone());
    let mut renamed = list.clone();
    renamed[1].value = "李*朋".into();
    let mut salted = list.clone();
    salted[1].salt[0] ^= 1;
    let mut opened = list.clone();
    opened[0].access = Access::Posted;
    for (name, list) in [
        ("opened to everyone", opened),
        ("two swapped", swapped),
        ("another name", renamed),
        ("another salt", salted),
    ] {
        cases.push(found(name, posted(&file(&list)), "wrong"));
    }
    for (name, field, value) in [
        ("of another entry", "seq", json!(18)),
        ("of another unit", "unit", json!(GROUP)),
        ("of another ledger", "ledger", json!(format!("{ORIGIN}#00000000000000000000000000000000"))),
    ] {
        cases.push(found(name, with(posted(&whole), field, value), "wrong"));
    }
    let salt = |at: usize| Hash::from_bytes(list[at].salt).to_base64();
    let first = whole.find("},").unwrap() + 1;
    for (name, text) in [
        ("falling paths", format!("[{},{}]", &whole[first + 1..whole.len() - 1], &whole[1..first])),
        ("a path twice", format!("[{0},{0}]", &whole[1..first])),
        ("a salt twice", whole.replace(&salt(2), &salt(1))),
        ("another access", whole.replace("inspectors", "everybody")),
        ("a name more", whole.replace("{\"path\"", "{\"id\":1,\"path\"")),
        (
            "names in another order",
            whole.replace(
                "\"value\":\"陈*华\",\"access\":\"inspectors\"",
                "\"access\":\"inspectors\",\"value\":\"陈*华\"",
            ),
        ),
        ("a salt of 31 bytes", whole.replace(&salt(1), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")),
        ("an empty value", whole.replace("李*明", "")),
        ("a capital in a path", whole.replace("winner", "Winner")),
        ("white space", whole.replace("},", "}, ")),
        ("a newline at the end", format!("{whole}\n")),
        ("something behind it", format!("{whole},\"more\":1")),
        ("an object", "{}".to_owned()),
        ("nothing", String::new()),
    ] {
        cases.push(case(name, posted(&text), "refused"));
    }
    File {
        check: "sealed",
        about: "A file of openings against the sealed fields of an entry; output: the values that anyone may see `on` that day, and the paths that are missing, of these the ones withheld (of a head of the day `head`, by a reader `on` that day, `redacted` withdrawn), wrong and stray.",
        rules: &["P-10", "P-14", "P-15", "P-16", "P-19"],
        cases,
    }
}

fn code(index: u32) -> RowCode {
    let name = ["李*明", "黄*", "欧阳*华"][index as usize % 3];
    RowCode::of(index, &opening(&paths::of_row(index), name, Access::Household))
}

fn rows(n: u32) -> Vec<Row> {
    let row = |index| {
        let RowCode { salt, name, .. } = code(index);
        Row {
            index,
            group: index as u8 % 12 + 1,
            quantity: 340 + u64::from(index) * 5,
            amount: Fen::new(61_200 + i64::from(index) * 900).unwrap(),
            commitment: id().commit(&paths::of_row(index), &salt, &name),
        }
    };
    (0..n).map(row).collect()
}

fn payment_rows() -> File {
    let input = |text: &str| json!({"rows": text});
    let text = |n| Rows::new(rows(n)).unwrap().text();
    let mut cases: Vec<_> =
        [1, 2, 3, 7].into_iter().map(|n| found(format!("{n} rows"), input(&text(n)), "accepted")).collect();
    let whole = text(3);
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let copy = Row { index: 3, ..rows(1)[0] }.text();
    cases.push(found("nothing paid", input(&lines[0].replace(" 340 61200 ", " 0 0 ")), "accepted"));
    for (name, text) in [
        ("no rows", String::new()),
        ("the first missing", lines[1..].concat()),
        ("one missing", [lines[0], lines[2]].concat()),
        ("one doubled", [lines[0], lines[0], lines[1], lines[2]].concat()),
        ("one doubled under a number of its own", format!("{whole}{copy}")),
        ("two exchanged", [lines[1], lines[0], lines[2]].concat()),
        ("no last newline", whole.trim_end().to_owned()),
        ("an empty line", format!("{whole}\n")),
        ("carriage returns", whole.replace('\n', "\r\n")),
        ("two spaces", whole.replacen(' ', "  ", 1)),
        ("a word more", whole.replacen('\n', " 0\n", 1)),
        ("a group of one digit", whole.replacen(" 01 ", " 1 ", 1)),
        ("a negative amount", whole.replacen(" 61200 ", " -61200 ", 1)),
        ("a fraction", whole.replacen(" 61200 ", " 612.00 ", 1)),
        ("a leading zero", whole.replacen(" 61200 ", " 061200 ", 1)),
        ("too large an amount", whole.replacen(" 61200 ", " 10000000000001 ", 1)),
        ("too large a total", whole.replacen(" 61200 ", " 10000000000000 ", 1)),
        ("a name for a commitment", whole.replacen(&rows(1)[0].commitment.to_base64(), "李*明", 1)),
    ] {
        cases.push(case(name, input(&text), "refused"));
    }
    File {
        check: "payment-rows",
        about: "The rows of a payment list; output: count, total in fen and root.",
        rules: &["P-20", "P-21", "P-23"],
        cases,
    }
}

fn row_proofs() -> File {
    let all = Rows::new(rows(13)).unwrap();
    let (tree, summary) = (RowTree::new(&all), all.summary());
    let base = with(with(input_of(&id()), "root", summary.root.to_base64()), "count", summary.count);
    let input = |proof: &str, code: &str| with(with(base.clone(), "proof", proof), "code", code);
    let proof = |index| tree.prove(index).unwrap().encode();
    let own = |index| input(&proof(index), &code(index).text());
    let mut cases: Vec<_> =
        [0, 5, 7, 8, 12].into_iter().map(|i| case(format!("row {i} of 13"), own(i), "holds")).collect();
    let (file, mine) = (proof(5), code(5).text());
    let other = Rows::new(rows(12)).unwrap();
    let typed = format!("{}{}{}", &mine[..20], if &mine[20..21] == "A" { "B" } else { "A" }, &mine[21..]);
    for (name, input) in [
        ("the code of another household", input(&file, &code(8).text())),
        ("another name", input(&file, &RowCode { name: "李*朋".into(), ..code(5) }.text())),
        ("another place", input(&file, &RowCode { index: 8, ..code(5) }.text())),
        ("a code in lower case", input(&file, &mine.to_lowercase())),
        ("a character typed wrong", input(&file, &typed)),
        ("a code cut short", input(&file, &mine[..mine.len() - 8])),
        ("more money", input(&file.replacen(" 65700 ", " 657000 ", 1), &mine)),
        ("another group", input(&file.replacen(" 06 ", " 07 ", 1), &mine)),
        ("a row moved", input(&file.replacen("\n5 06", "\n6 06", 1), &mine)),
        ("a hash less", input(&file[..file.len() - 45], &mine)),
        ("a hash more", input(&format!("{file}{}\n", Hash::EMPTY), &mine)),
        ("another count", input(&file.replacen("\n13\n", "\n12\n", 1), &mine)),
        ("the proof of another list", input(&RowTree::new(&other).prove(5).unwrap().encode(), &mine)),
        ("a list of another root", with(own(5), "root", other.summary().root.to_base64())),
        ("a list of another count", with(own(5), "count", 12)),
        ("another entry", with(own(5), "seq", 18)),
        ("another unit", with(own(5), "unit", GROUP)),
        ("another version", input(&file.replacen("/v1", "/v2", 1), &mine)),
    ] {
        cases.push(case(name, input, "refused"));
    }
    File {
        check: "row-proof",
        about: "One household's row: its proof against root and count of the entry, and its row code against the row.",
        rules: &["P-22", "P-24", "P-25", "P-26", "P-27", "P-28"],
        cases,
    }
}

fn tickets() -> File {
    let town = Key::note(&format!("{ORIGIN}/seal/440811100/township"), 30);
    let id = id();
    let ticket = |media: &str, access| Ticket {
        ledger: id.ledger.clone(),
        unit: id.unit,
        digest: Hash::of(b"a file"),
        size: 6,
        media: media.into(),
        access,
        time: NOW,
    };
    let sign = |text: &str| json!({"ticket": assemble(text, &[town.sign(text)])});
    let text = ticket("image/png", Visibility::Members).text();
    let digest = Hash::of(b"a file");
    let mut cases = vec![
        found("a picture for members", sign(&text), "accepted"),
        found("rows of a list", sign(&ticket(ROWS_MEDIA, Visibility::Public).text()), "accepted"),
        case("not signed", json!({"ticket": text}), "refused"),
    ];
    for (name, text) in [
        ("another version", text.replace("/v1", "/v2")),
        ("rows for members", text.replace("image/png", ROWS_MEDIA)),
        ("a picture that is a program", text.replace("image/png", "image/svg+xml")),
        ("a digest in base64", text.replace(&digest.to_hex(), &digest.to_base64())),
        ("a leading zero", text.replace("\n6\n", "\n06\n")),
        ("nothing", text.replace("\n6\n", "\n0\n")),
        ("21 MiB", text.replace("\n6\n", "\n22020096\n")),
        ("for a household", text.replace("members", "household")),
        ("a line less", text.replace("\nmembers", "")),
        ("a line more", format!("{text}1\n")),
    ] {
        cases.push(case(name, sign(&text), "refused"));
    }
    File {
        check: "ticket",
        about: "An upload ticket: its one spelling. Whose signature counts is for the registry. Output: the media type and the size.",
        rules: &["P-32"],
        cases,
    }
}

pub fn files() -> Vec<File> {
    vec![sealed(), payment_rows(), row_proofs(), tickets()]
}
