//! What an entry needs beside it (E-62): openings, the list behind a payment list, attachments. Every refusal of it,
//! and that none of it is asked for again of what is logged.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::append::{Admission, Refusal, RefusalCode, Submission};
use ledger::entry::{Attachment, Entry, MAX_ATTACHMENT, MAX_MEDIA, Visibility};
use ledger::hash::{Hash, leaf_hash};
use ledger::json::{Object, Value, parse};
use ledger::kinds::KINDS;
use ledger::money::Fen;
use ledger::payment_rows::{List, ROWS_MEDIA, Row, Rows, list_of};
use ledger::sealed::{Access, EntryId, Opening, Openings, paths};
use support::*;

/// A salt for a path: fixed here, random in earnest.
fn opening(path: &str, value: &str, access: Access) -> Opening {
    Opening { path: path.into(), salt: *Hash::of(path.as_bytes()).as_bytes(), value: value.into(), access }
}

fn id(world: &World) -> EntryId {
    EntryId { ledger: world.ledger.clone(), unit: unit(UNIT), seq: 5 }
}

fn openings(list: &[Opening]) -> Openings {
    Openings::new(list.to_vec()).unwrap()
}

fn sealed_list(id: &EntryId, list: &[Opening]) -> Value {
    let item = |o: &Opening| {
        let item = Object::new().with("path", o.path.as_str());
        let item = item.with("commitment", id.commit(&o.path, &o.salt, &o.value).to_base64());
        Value::from(item.with("access", o.access.name()))
    };
    list.iter().map(item).collect::<Vec<_>>().into()
}

/// A trade with two persons among its bidders, as entry 5.
fn trade(world: &World, list: &[Opening]) -> Submission {
    let body = r#"{"subject_kind":"resource","subject":"1号虾塘","method":"auction","bids":[{"bidder":{"kind":"person"},"amount":7164500},{"bidder":{"kind":"person"},"amount":7000000}]}"#;
    let draft = world.draft(UNIT, 5, "trade", parse(body).unwrap());
    let note = seal(&set(&draft, "sealed", Some(sealed_list(&id(world), list))), &[&world.town]);
    Submission::parse(note, KINDS).unwrap()
}

fn bidders() -> [Opening; 2] {
    [
        opening("bids.0.bidder.name", "李*明", Access::Posted),
        opening("bids.1.bidder.name", "黄*", Access::Household),
    ]
}

fn no_blobs(attachment: &Attachment) -> Result<(), Refusal> {
    panic!("nobody asks for {}", attachment.digest)
}

/// The only file that anyone asks for is a list's, as rows and public.
fn as_rows(file: &Attachment) -> Result<(), Refusal> {
    assert_eq!((file.media.as_str(), file.access), (ROWS_MEDIA, Visibility::Public));
    Ok(())
}

/// Field and rule of the refusal, once judged and once at admission, which leaves no trace.
fn refused(world: &World, submission: &Submission) -> (String, String) {
    let refusal = submission.beside.clone().unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Beside);
    let mut world = world.clone();
    let admitted = world.admit(vec![submission.clone()], NOW);
    assert_eq!(admitted, Err(vec![(0, refusal.clone())]));
    assert_eq!(world.state.books.waiting(), 0);
    let rule = refusal.rule().to_owned();
    (refusal.field, rule)
}

/// E-62, P-16, P-17: an entry is taken with exactly the openings that it sealed.
#[test]
fn e62_openings_are_there_whole_and_fitting() {
    let world = World::demo();
    let [a, b] = bidders();
    let submission = trade(&world, &[a.clone(), b.clone()]);
    assert_eq!(refused(&world, &submission), ("sealed".into(), "E-62".into()), "nothing came");
    let brought = |list: &[Opening]| {
        let mut submission = submission.clone();
        submission.bring(openings(list), None, &no_blobs);
        submission
    };
    let good = brought(&[b.clone(), a.clone()]);
    assert_eq!(good.beside, Ok(openings(&[a.clone(), b.clone()])));
    let mut taken = world.clone();
    assert_eq!(taken.admit(vec![good.clone()], NOW), Ok(vec![Admission::New(14)]));
    // What is to be kept comes out where it is written, and the leaf holds none of it.
    let written = taken.state.clone().close(NOW, Vec::new()).2;
    assert_eq!(written[0].beside.as_ref().unwrap().iter().count(), 2);
    assert!(!String::from_utf8(written[0].bytes.clone()).unwrap().contains('*'));

    let here = id(&world);
    let commit = |id: &EntryId, o: &Opening| id.commit(&o.path, &o.salt, &o.value);
    let swap =
        |from: &Opening, to: &Opening| Opening { path: to.path.clone(), access: to.access, ..from.clone() };
    let (first, second) = ("bids.0.bidder.name", "bids.1.bidder.name");
    let mut salted = a.clone();
    salted.salt[31] ^= 1;
    for (what, list, field, rule) in [
        ("withheld", vec![a.clone()], second, "E-62"),
        ("all withheld", vec![], first, "E-62"),
        ("swapped", vec![swap(&b, &a), swap(&a, &b)], first, "P-16"),
        ("altered", vec![Opening { value: "李*朋".into(), ..a.clone() }, b.clone()], first, "P-16"),
        ("salted", vec![salted, b.clone()], first, "P-16"),
        ("opened", vec![a.clone(), Opening { access: Access::Posted, ..b.clone() }], second, "P-16"),
        ("closed", vec![Opening { access: Access::Inspectors, ..a.clone() }, b.clone()], first, "P-16"),
        (
            "stray",
            vec![a.clone(), b.clone(), opening("winner.name", "陈*", Access::Posted)],
            "winner.name",
            "P-16",
        ),
    ] {
        assert_eq!(refused(&world, &brought(&list)), (field.into(), rule.into()), "{what}");
    }
    // Transplanted: sealed for another entry, unit or ledger.
    for there in [
        EntryId { seq: 6, ..here.clone() },
        EntryId { unit: unit(GROUP), ..here.clone() },
        EntryId { ledger: World::with(1, 2, &["quorum none".to_owned()]).ledger, ..here.clone() },
    ] {
        assert_ne!(commit(&there, &a), commit(&here, &a));
        let body = submission.entry.json.clone();
        let list = Some(sealed_list(&there, &[a.clone(), b.clone()]));
        let mut moved = Submission::parse(seal(&set(&body, "sealed", list), &[&world.town]), KINDS).unwrap();
        moved.bring(openings(&[a.clone(), b.clone()]), None, &no_blobs);
        assert_eq!(refused(&world, &moved), (first.into(), "P-16".into()));
    }
    // In clear.
    let clear = [Opening { value: "李小明".into(), ..a.clone() }, b.clone()];
    let mut full = trade(&world, &clear);
    full.bring(openings(&clear), None, &no_blobs);
    assert_eq!(refused(&world, &full), (first.into(), "P-17".into()));
    assert!(!full.beside.unwrap_err().to_string().contains("李小明"), "a refusal repeats no name");
}

/// E-57, E-62: of what is logged or waits nobody asks again, and a batch is whole.
#[test]
fn what_is_known_is_answered_as_the_first_time() {
    let mut world = World::demo();
    let [a, b] = bidders();
    let bare = trade(&world, &[a.clone(), b.clone()]);
    let mut whole = bare.clone();
    whole.bring(openings(&[a, b]), None, &no_blobs);
    let notice = Submission::parse(world.entry(UNIT, 6, "notice"), KINDS).unwrap();
    assert_eq!(notice.beside, Ok(Openings::default()), "it needs nothing");
    let errors = world.admit(vec![bare.clone(), notice.clone()], NOW).unwrap_err();
    assert_eq!(errors[0].1.code, RefusalCode::Beside);
    assert_eq!(world.state.books.waiting(), 0);
    let admitted = world.admit(vec![whole.clone(), bare.clone(), notice], NOW);
    assert_eq!(admitted, Ok(vec![Admission::New(14), Admission::Known, Admission::New(15)]));
    world.publish(NOW);
    assert_eq!(world.admit(vec![bare, whole], NOW), Ok(vec![Admission::Known; 2]));
    // Another rule that is broken is said first: what came beside it does not matter then.
    let late = trade(&World::with(1, 2, &["quorum none".to_owned()]), &bidders());
    assert_eq!(world.admit(vec![late], NOW).unwrap_err()[0].1.code, RefusalCode::WrongLedger);
}

fn name_of(index: u32) -> Opening {
    opening(&paths::of_row(index), ["李*明", "黄*", "欧阳*华"][index as usize % 3], Access::Household)
}

fn rows(id: &EntryId, n: u32) -> Vec<Row> {
    let row = |index| {
        let Opening { path, salt, value, .. } = name_of(index);
        let commitment = id.commit(&path, &salt, &value);
        Row { index, group: 1, quantity: 340, amount: Fen::new(61_200).unwrap(), commitment }
    };
    (0..n).map(row).collect()
}

fn list_body(rows: &Rows) -> Object {
    let summary = rows.summary();
    let list = Object::new()
        .with("digest", Hash::of(rows.text().as_bytes()).to_hex())
        .with("root", summary.root.to_base64())
        .with("unit", "亩")
        .with("access", "household");
    Object::new()
        .with("policy", "耕地地力保护补贴")
        .with("count", i64::from(summary.count))
        .with("amount", summary.total.get())
        .with("list", list)
}

fn paid(world: &World, body: Object) -> Result<Submission, Refusal> {
    Submission::parse(seal(&world.draft(UNIT, 5, "payment_list", body), &[&world.town]), KINDS)
}

/// E-62, P-23: the list behind a payment list is computed anew, and each of its names opens.
#[test]
fn e62_the_list_is_there_and_is_what_the_entry_says() {
    let world = World::demo();
    let here = id(&world);
    let all = Rows::new(rows(&here, 9)).unwrap();
    let names: Vec<Opening> = (0..9).map(name_of).collect();
    let submission = paid(&world, list_body(&all)).unwrap();
    let list = list_of(&submission.entry).unwrap();
    let List { digest, root, access, count, total } = list;
    assert_eq!((digest, root), (Hash::of(all.text().as_bytes()), all.summary().root));
    assert_eq!((access, count, total.get()), (Access::Household, 9, 9 * 61_200));
    assert!(list.holds(&all));
    let brought = |of: &Submission, names: &[Opening], rows: Option<&Rows>| {
        let mut submission = of.clone();
        submission.bring(openings(names), rows, &as_rows);
        submission
    };
    let mut taken = world.clone();
    assert_eq!(
        taken.admit(vec![brought(&submission, &names, Some(&all))], NOW),
        Ok(vec![Admission::New(14)])
    );

    assert_eq!(refused(&world, &submission), ("body.list".into(), "E-62".into()), "nothing came");
    let unlike = |rows: Option<&Rows>| refused(&world, &brought(&submission, &names, rows));
    assert_eq!(unlike(None), ("body.list".into(), "P-23".into()));
    let mut forged = rows(&here, 9);
    forged[4].amount = Fen::new(61_300).unwrap();
    let mut exchanged = rows(&here, 9);
    let (a, b) = (exchanged[0].commitment, exchanged[1].commitment);
    (exchanged[0].commitment, exchanged[1].commitment) = (b, a);
    for (what, rows) in [
        ("a row forged", forged),
        ("two names exchanged", exchanged),
        ("a row missing", rows(&here, 8)),
        ("a row more", rows(&here, 10)),
    ] {
        assert_eq!(unlike(Some(&Rows::new(rows).unwrap())), ("body.list".into(), "P-23".into()), "{what}");
    }
    // Uploaded as something that an attachment may be too (P-36).
    let mut as_text = submission.clone();
    as_text.bring(openings(&names), Some(&all), &|file| {
        assert_eq!((file.digest, file.size), (digest, all.text().len() as u64));
        let what = "type".to_owned();
        Err(Refusal { code: RefusalCode::Beside, field: "attachments.0".to_owned(), what, next_seq: None })
    });
    assert_eq!(refused(&world, &as_text), ("body.list".into(), "P-36".into()));
    // A row that stands twice is no list at all, also under a number of its own.
    let mut doubled = rows(&here, 9);
    doubled.push(Row { index: 9, ..doubled[0] });
    assert!(Rows::new(doubled).is_err());
    // The entry says otherwise: digest, root, count, total.
    let body = list_body(&all);
    let part = |name: &str, value: Value| {
        let list = body.get("list").and_then(Value::object).unwrap();
        let mut changed = body.clone();
        let fields =
            list.fields().iter().map(|(n, v)| (n.clone(), if n == name { value.clone() } else { v.clone() }));
        changed.replace_at("list", fields.fold(Object::new(), |o, (n, v)| o.with(&n, v)).into());
        changed
    };
    let mut more = body.clone();
    more.replace_at("amount", (9 * 61_200 + 1).into());
    let mut fewer = body.clone();
    fewer.replace_at("count", 8.into());
    for body in [
        part("digest", leaf_hash(b"x").to_hex().into()),
        part("root", leaf_hash(b"x").to_base64().into()),
        more,
        fewer,
    ] {
        let submission = paid(&world, body).unwrap();
        let other = brought(&submission, &names, Some(&all));
        assert_eq!(refused(&world, &other), ("body.list".into(), "P-23".into()));
    }
    // Names: one withheld, one of another row, one for everyone, one of no row.
    let fits = |names: &[Opening]| refused(&world, &brought(&submission, names, Some(&all)));
    assert_eq!(fits(&names[..8]), ("rows.8.name".into(), "E-62".into()));
    let posted = Opening { access: Access::Posted, ..name_of(3) };
    assert_eq!(fits(&[&names[..3], &[posted], &names[4..]].concat()), ("rows.3.name".into(), "P-16".into()));
    let other = Opening { value: name_of(0).value, ..name_of(1) };
    assert_eq!(fits(&[&names[..1], &[other], &names[2..]].concat()), ("rows.1.name".into(), "P-16".into()));
    assert_eq!(fits(&[&names[..], &[name_of(9)]].concat()), ("rows.9.name".into(), "P-16".into()));
}

/// E-81: a list instead of rows, of some households, and never below nothing.
#[test]
fn e81_a_list_takes_the_place_of_rows() {
    let world = World::demo();
    let body = list_body(&Rows::new(rows(&id(&world), 3)).unwrap());
    let with = |count: i64, amount: i64| {
        let mut body = body.clone();
        body.replace_at("count", count.into());
        body.replace_at("amount", amount.into());
        paid(&world, body)
    };
    assert!(with(1, 0).is_ok() && with(100_000, 1).is_ok());
    let both = r#"{"policy":"补贴","count":1,"amount":1,"rows":[{"amount":1}]}"#;
    let list = body.get("list").cloned().unwrap();
    let both = paid(&world, parse(both).unwrap().with("list", list));
    for refusal in [with(0, 0), with(100_001, 1), with(3, -1), both] {
        let refusal = refusal.unwrap_err();
        assert_eq!(
            (refusal.code, refusal.field.as_str(), refusal.rule()),
            (RefusalCode::Field, "body.list", "E-81")
        );
    }
}

fn file(name: &str, access: &str) -> Object {
    Object::new()
        .with("digest", Hash::of(name.as_bytes()).to_hex())
        .with("size", 1000)
        .with("type", "image/png")
        .with("title", name)
        .with("access", access)
}

fn with_files(world: &World, files: &[Object]) -> Result<Submission, Refusal> {
    let draft = world.draft(UNIT, 5, "notice", example("notice"));
    let files: Vec<Value> = files.iter().map(|file| file.clone().into()).collect();
    Submission::parse(seal(&set(&draft, "attachments", Some(files.into())), &[&world.town]), KINDS)
}

/// E-62, P-30: attachments are there before their entry.
#[test]
fn e62_attachments_are_there() {
    let world = World::demo();
    let submission = with_files(&world, &[file("合同.png", "public"), file("发票.png", "members")]).unwrap();
    let [first, second] = &submission.entry.attachments[..] else { panic!() };
    assert_eq!((first.access, second.access), (Visibility::Public, Visibility::Members));
    assert_eq!((first.size, first.media.as_str(), first.title.as_str()), (1000, "image/png", "合同.png"));
    assert_eq!(refused(&world, &submission), ("attachments".into(), "E-62".into()), "nothing came");
    let asked = |there: &[&Attachment]| {
        let mut submission = submission.clone();
        submission.bring(Openings::default(), None, &|attachment| {
            let what = "先上传附件 / upload it first".to_owned();
            let missing =
                Refusal { code: RefusalCode::Beside, field: attachment.title.clone(), what, next_seq: None };
            if there.contains(&attachment) { Ok(()) } else { Err(missing) }
        });
        submission
    };
    let mut taken = world.clone();
    assert_eq!(taken.admit(vec![asked(&[first, second])], NOW), Ok(vec![Admission::New(14)]));
    assert_eq!(refused(&world, &asked(&[first])), ("发票.png".into(), "E-62".into()));
    assert_eq!(refused(&world, &asked(&[])), ("合同.png".into(), "E-62".into()));
}

/// E-24, P-31: what an attachment may say of itself.
#[test]
fn p31_attachments_are_of_known_types_each_once() {
    let world = World::demo();
    let told = |files: &[Object]| {
        let refusal = with_files(&world, files).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::Field);
        (refusal.field.clone(), refusal.rule().to_owned())
    };
    let one = file("a", "public");
    let change = |name: &str, value: Value| {
        let mut file = one.clone();
        file.replace_at(name, value);
        file
    };
    for media in ledger::upload::MEDIA {
        assert!(with_files(&world, &[change("type", media.into())]).is_ok(), "{media}");
    }
    let types =
        ["image/svg+xml", "text/html", "application/zip", "IMAGE/PNG", "text/x.village-ledger.rows", "x"];
    for media in types {
        let file = change("type", media.into());
        assert_eq!(told(&[file]), ("attachments.0.type".into(), "P-31".into()), "{media}");
    }
    assert_eq!(
        told(&[file("a", "public"), file("b", "public"), file("a", "members")]),
        ("attachments.2.digest".into(), "P-31".into())
    );
    // Of its form, though of no type that a ledger takes today.
    let read = |media: String| {
        let files = vec![Value::from(change("type", media.into()))];
        Entry::of(set(&world.draft(UNIT, 5, "notice", example("notice")), "attachments", Some(files.into())))
    };
    assert!(read("x".repeat(MAX_MEDIA)).is_ok() && read("x".repeat(MAX_MEDIA + 1)).is_err());
    for (name, value, fits) in [
        ("size", Value::from(MAX_ATTACHMENT as i64), true),
        ("size", (MAX_ATTACHMENT as i64 + 1).into(), false),
        ("size", 0.into(), false),
        ("title", "题".repeat(120).into(), true),
        ("title", "题".repeat(121).into(), false),
        ("title", "".into(), false),
        ("access", "inspectors".into(), true),
        ("access", "household".into(), false),
        ("type", "x".repeat(MAX_MEDIA + 1).into(), false),
        ("digest", leaf_hash(b"x").to_base64().into(), false),
    ] {
        let submission = with_files(&world, &[change(name, value.clone())]);
        assert_eq!(submission.is_ok(), fits, "{name} {value:?}");
        if let Err(refusal) = submission {
            assert_eq!((refusal.code, refusal.field.as_str()), (RefusalCode::Field, "attachments.0"));
        }
    }
}

/// P-12, E-53: what may not be sealed is refused as a field, before anyone asks for openings.
#[test]
fn p12_only_names_of_persons_are_sealed() {
    let world = World::demo();
    let sealed = |path: &str, access: &str| {
        let item = Object::new().with("path", path).with("commitment", Hash::EMPTY.to_base64());
        let list = vec![Value::from(item.with("access", access))];
        let draft = world.draft(UNIT, 5, "voucher", example("voucher"));
        Submission::parse(seal(&set(&draft, "sealed", Some(list.into())), &[&world.town]), KINDS)
    };
    for (path, access, rule) in [
        ("amount", "posted", "P-12"),
        ("counterparty.name", "posted", "P-13"), // an organ's, in clear
        ("approvals.0.name", "posted", "P-13"),
        ("counterparty.name", "everybody", "E-53"),
        (".", "posted", "P-12"),
    ] {
        let refusal = sealed(path, access).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.field.as_str(), refusal.rule()),
            (RefusalCode::Field, "sealed.0", rule)
        );
    }
}

/// P-37: what could never be withdrawn does not come in: a redaction stands in accounts, and a closing has none after it
/// but redactions, which seals of a unit that is gone would have to sign.
#[test]
fn p37_acts_keep_nothing_beside_the_log() {
    let world = World::demo();
    let name = opening("approvals.0.name", "李*明", Access::Posted);
    let profile = Object::new().with("unit", UNIT).with("name", "榕溪村");
    let closed = Object::new().with("count", 5).with("root", Hash::EMPTY.to_base64()).with("reason", "x");
    let list = |body: Object| world.draft("440811100391-99", 2, "unit", body);
    for (draft, told) in [(list(profile), "registry"), (world.draft(UNIT, 5, "closed", closed), "closed")] {
        let approvals = vec![Value::from(Object::new().with("role", "handler").with("on", "2026-09-30"))];
        let draft = set(&draft, "approvals", Some(approvals.into()));
        let key = &world.authority[0];
        assert!(Submission::parse(seal(&draft, &[key]), KINDS).is_ok(), "{told}");
        for (field, value) in [
            ("sealed", sealed_list(&id(&world), std::slice::from_ref(&name))),
            ("attachments", vec![Value::from(file("a", "public"))].into()),
        ] {
            let note = seal(&set(&draft, field, Some(value)), &[key]);
            let refusal = Submission::parse(note, KINDS).unwrap_err();
            assert_eq!(
                (refusal.code, refusal.field.as_str(), refusal.rule()),
                (RefusalCode::Field, field, "P-37"),
                "{told}"
            );
        }
    }
    // A list stands in accounts only.
    let body = list_body(&Rows::new(rows(&id(&world), 3)).unwrap());
    let note = seal(&world.draft("440811100391-99", 2, "payment_list", body), &[&world.authority[0]]);
    assert_eq!(Submission::parse(note, KINDS).unwrap_err().rule(), "E-42");
}
