//! Rows of payment lists, their proofs and the codes of households (P-20 to P-28).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::base32;
use ledger::charter::LedgerId;
use ledger::hash::{Hash, leaf_hash};
use ledger::json::MAX_INTEGER;
use ledger::merkle::{MemoryTree, ProofError, prove_inclusion, root_of};
use ledger::money::Fen;
use ledger::payment_rows::{
    MAX_ROW, MAX_ROW_CODE, MAX_ROW_PROOF, MAX_ROWS, MAX_ROWS_BLOB, Row, RowCode, RowCodeError, RowError,
    RowProof, RowProofError, RowTree, Rows, RowsError, Summary, verify_row,
};
use ledger::sealed::{Access, EntryId, MAX_VALUE, Opening, Openings, Salt, Sealed, check, paths};
use proptest::prelude::*;
use support::*;

fn id() -> EntryId {
    EntryId { ledger: LedgerId::from_text(&format!("{ORIGIN}#9f3c")), unit: unit(UNIT), seq: 17 }
}

/// A salt for a row: fixed here, random in earnest.
fn salt(index: u32) -> Salt {
    *Hash::of(&index.to_be_bytes()).as_bytes()
}

fn code(index: u32) -> RowCode {
    RowCode {
        index,
        salt: salt(index),
        name: ["李*明", "黄*", "欧阳*华", "买*·*提"][index as usize % 4].into(),
    }
}

fn row(index: u32) -> Row {
    let code = code(index);
    Row {
        index,
        group: (index % 12) as u8,
        quantity: u64::from(index) * 10,
        amount: Fen::new(i64::from(index) + 61_200).unwrap(),
        commitment: id().commit(&paths::of_row(index), &code.salt, &code.name),
    }
}

fn rows(n: u32) -> Vec<Row> {
    (0..n).map(row).collect()
}

fn list(n: u32) -> Rows {
    Rows::new(rows(n)).unwrap()
}

#[test]
fn p20_a_row_is_a_line_of_one_spelling() {
    let line = row(7).text();
    assert_eq!(line, format!("7 07 70 61207 {}\n", row(7).commitment));
    assert_eq!(Row::parse(&line), Some(row(7)));
    assert_eq!(row(7).hash(), leaf_hash(line.as_bytes()));
    let with = |at: usize, word: &str| {
        let mut words: Vec<&str> = line.trim_end().split(' ').collect();
        words[at] = word;
        format!("{}\n", words.join(" "))
    };
    let integer = MAX_INTEGER.to_string();
    for good in [
        with(0, "0"),
        with(0, "99999"),
        with(1, "00"),
        with(1, "99"),
        with(2, "0"),
        with(2, &integer),
        with(3, "0"),
        with(3, "10000000000000"),
    ] {
        assert_eq!(Row::parse(&good).unwrap().text(), good);
    }
    let longest = with(0, "99999").replace(" 70 61207 ", &format!(" {integer} 10000000000000 "));
    assert_eq!((longest.len(), Row::parse(&longest).is_some()), (MAX_ROW, true));
    let unpadded = row(7).commitment.to_base64().replace('=', "");
    for bad in [
        with(0, "07"),
        with(0, "-1"),
        with(0, "+7"),
        with(0, "100000"),
        with(0, ""),
        with(1, "7"),
        with(1, "+7"),
        with(1, "100"),
        with(1, "一组"),
        with(2, ""),
        with(2, "70.0"),
        with(2, "9007199254740992"),
        with(3, "-1"),
        with(3, "061207"),
        with(3, "10000000000001"),
        with(3, "18446744073709551616"),
        with(4, &unpadded),
        with(4, "李明"),
        line.trim_end().to_owned(),
        format!("{line}\n"),
        format!(" {line}"),
        line.replace('\n', " \n"),
        line.replace('\n', "\r\n"),
        line.replace('\n', " 0\n"),
        line.replacen(' ', "  ", 1),
        line.replacen(' ', "\t", 1),
        "\n".to_owned(),
        String::new(),
    ] {
        assert_eq!(Row::parse(&bad), None, "{bad:?}");
    }
}

/// P-21: a list with a row missing, doubled, moved or invented is another list or none.
#[test]
fn p21_rows_stand_in_order_each_once() {
    let good = list(5);
    let blob = good.text();
    assert_eq!(Rows::parse(blob.as_bytes()).unwrap(), good);
    assert_eq!(good.iter().count(), 5);
    assert_eq!((good.get(4), good.get(5)), (Some(&row(4)), None));
    let lines: Vec<&str> = blob.split_inclusive('\n').collect();
    let of = |order: &[usize]| Rows::parse(order.iter().map(|i| lines[*i]).collect::<String>().as_bytes());
    for (order, why) in [
        (&[][..], RowsError::Length),
        (&[0, 1, 3, 4], RowsError::Place(2)),
        (&[1, 2, 3, 4], RowsError::Place(0)),
        (&[0, 1, 1, 2, 3, 4], RowsError::Place(2)),
        (&[0, 2, 1, 3, 4], RowsError::Place(1)),
        (&[4, 3, 2, 1, 0], RowsError::Place(0)),
    ] {
        assert_eq!(of(order), Err(why), "{order:?}");
    }
    // A copy that was renumbered: one name paid twice.
    let mut doubled = rows(5);
    doubled.push(Row { index: 5, ..row(2) });
    assert_eq!(Rows::new(doubled), Err(RowsError::Doubled));
    // Without its last row it is a list, and not this one.
    assert_ne!(of(&[0, 1, 2, 3]).unwrap().summary(), good.summary());
    assert_eq!(Rows::parse(format!("{blob}5 05").as_bytes()), Err(RowsError::Line(5)));
    assert_eq!(Rows::parse(&[blob.as_bytes(), b"\xFF\n"].concat()), Err(RowsError::Line(5)));
    assert_eq!(Rows::parse(blob.trim_end().as_bytes()), Err(RowsError::Line(4)));
    assert_eq!(Rows::new(vec![Row { group: 100, ..row(0) }]), Err(RowsError::Line(0)));
    assert_eq!(Rows::new(vec![Row { amount: Fen::new(-1).unwrap(), ..row(0) }]), Err(RowsError::Line(0)));
    assert_eq!(Rows::new(vec![Row { quantity: u64::MAX, ..row(0) }]), Err(RowsError::Line(0)));
    let rich = |n| Rows::new((0..n).map(|i| Row { amount: Fen::new(Fen::MAX).unwrap(), ..row(i) }).collect());
    assert_eq!((rich(1).is_ok(), rich(2)), (true, Err(RowsError::Total)));
}

#[test]
fn p21_limits_of_a_list() {
    let most = MAX_ROWS as u32;
    let all = list(most);
    let blob = all.text();
    assert!(blob.len() < MAX_ROWS_BLOB);
    assert_eq!(Rows::parse(blob.as_bytes()).unwrap(), all);
    assert_eq!(Rows::new(rows(most + 1)), Err(RowsError::Length));
    // One row too many has no spelling of its own.
    assert_eq!(Rows::parse(format!("{blob}{}", row(most).text()).as_bytes()), Err(RowsError::Line(MAX_ROWS)));
    let sized = |n: usize| Rows::parse("x".repeat(n).as_bytes()).unwrap_err();
    assert_eq!((sized(MAX_ROWS_BLOB), sized(MAX_ROWS_BLOB + 1)), (RowsError::Line(0), RowsError::Length));
    let last = RowTree::new(&all).prove(most - 1).unwrap();
    assert_eq!(last.verify(&all.summary().root, most), Ok(()));
}

/// Count, total and root once more, from their words.
#[test]
fn p23_anyone_recomputes_count_total_and_root() {
    for n in 1..=33 {
        let rows = list(n);
        let lines: Vec<Hash> = rows.text().split_inclusive('\n').map(|l| leaf_hash(l.as_bytes())).collect();
        let total = (0..i64::from(n)).map(|i| i + 61_200).sum();
        let root = root_of(&MemoryTree::new(lines), n.into()).unwrap();
        assert_eq!(rows.summary(), Summary { count: n, total: Fen::new(total).unwrap(), root });
    }
    // One fen, one group, one commitment more or less: another root.
    let root = list(9).summary().root;
    for change in [
        |row: &mut Row| row.amount = Fen::new(row.amount.get() + 1).unwrap(),
        |row: &mut Row| row.group += 1,
        |row: &mut Row| row.quantity += 1,
        |row: &mut Row| row.commitment = Hash::EMPTY,
    ] {
        let mut changed = rows(9);
        change(&mut changed[4]);
        assert_ne!(Rows::new(changed).unwrap().summary().root, root);
    }
}

/// P-22: a row's name is sealed at its place in the list, and opens like every other.
#[test]
fn p22_names_of_rows_are_sealed_fields() {
    let rows = list(3);
    let fields: Vec<Sealed> = rows.sealed(Access::Household);
    assert_eq!(fields[2].path, "rows.2.name");
    let opening = |i: u32| {
        let RowCode { salt, name, .. } = code(i);
        Opening { path: paths::of_row(i), salt, value: name, access: Access::Household }
    };
    let file = Openings::new((0..3).map(opening).collect()).unwrap();
    assert_eq!(check(&id(), &fields, &file).opened.len(), 3);
    assert_eq!(check(&EntryId { seq: 18, ..id() }, &fields, &file).wrong.len(), 3);
    assert_eq!(RowCode::of(1, &opening(1)), code(1));
}

/// P-24, P-25, P-26: a list of 10,000 rows, one household, and everybody who is not it.
#[test]
fn a_household_of_ten_thousand_proves_its_row_and_nobody_elses() {
    let all = list(10_000);
    let (tree, summary) = (RowTree::new(&all), all.summary());
    let holds =
        |proof: &RowProof, code: &RowCode| verify_row(proof, code, &id(), &summary.root, summary.count);
    for index in [0, 1, 2_047, 4_217, 8_191, 8_192, 9_998, 9_999] {
        let proof = tree.prove(index).unwrap();
        let file = proof.encode();
        assert!(file.len() < 2_000 && file.len() <= MAX_ROW_PROOF, "{} bytes", file.len());
        assert_eq!(RowProof::parse(file.as_bytes()).as_ref(), Ok(&proof));
        assert_eq!(holds(&proof, &code(index)), Ok(()));
        // It names nobody, and whoever reads it learns nothing about the names.
        assert!(!file.contains('*'));
        // Another household's code, the own code with another name or place.
        let mine = code(index);
        let not_mine = [
            code((index + 1) % 10_000),
            RowCode { name: "李*朋".into(), ..mine.clone() },
            RowCode { index: (index + 1) % 10_000, ..mine.clone() },
            RowCode { salt: salt(77_777), ..mine.clone() },
        ];
        for code in not_mine {
            assert_eq!(holds(&proof, &code), Err(RowError::NotYours), "{index}");
        }
        // The code of the same place of another list.
        for there in [EntryId { seq: 18, ..id() }, EntryId { unit: unit(GROUP), ..id() }] {
            let found = verify_row(&proof, &mine, &there, &summary.root, summary.count);
            assert_eq!(found, Err(RowError::NotYours));
        }
    }
    assert_eq!(tree.prove(10_000), None);
}

/// P-26: a name that was sealed for another place does not open where it stands.
#[test]
fn a_commitment_of_another_place_is_nobodys() {
    let mut exchanged = rows(3);
    (exchanged[1].commitment, exchanged[2].commitment) = (row(2).commitment, row(1).commitment);
    let exchanged = Rows::new(exchanged).unwrap();
    let Summary { root, count, .. } = exchanged.summary();
    let proof = RowTree::new(&exchanged).prove(1).unwrap();
    assert_eq!(proof.verify(&root, count), Ok(()));
    for code in [code(1), code(2), RowCode { index: 1, ..code(2) }] {
        assert_eq!(verify_row(&proof, &code, &id(), &root, count), Err(RowError::NotYours));
    }
}

/// P-25: rows that were forged, doubled, moved or are missing from the list are in no proof.
#[test]
fn forged_doubled_and_missing_rows_are_refused() {
    let all = list(10_000);
    let (tree, Summary { root, count, .. }) = (RowTree::new(&all), all.summary());
    let proof = tree.prove(4_217).unwrap();
    let refused = |proof: &RowProof, count: u32, why: ProofError| {
        assert_eq!(proof.verify(&root, count), Err(why), "{proof:?}");
        assert_eq!(verify_row(proof, &code(4_217), &id(), &root, count), Err(RowError::Inclusion(why)));
    };
    // Forged: more money, another group or quantity, another name.
    let more = Fen::new(proof.row.amount.get() * 10).unwrap();
    for row in [
        Row { amount: more, ..proof.row },
        Row { group: 99, ..proof.row },
        Row { quantity: 1, ..proof.row },
        Row { commitment: Hash::EMPTY, ..proof.row },
        // Moved, and doubled at a place of another.
        Row { index: 4_218, ..proof.row },
        Row { index: 4_216, ..proof.row },
    ] {
        refused(&RowProof { row, ..proof.clone() }, count, ProofError::Root);
    }
    // Doubled behind the end.
    let behind = Row { index: 10_000, ..proof.row };
    refused(&RowProof { row: behind, ..proof.clone() }, count, ProofError::Bounds);
    // Missing: a list without this row has another root, and no proof for it.
    let without: Vec<Row> =
        (0..9_999).map(|i| Row { index: i, ..row(if i < 4_217 { i } else { i + 1 }) }).collect();
    let without = Rows::new(without).unwrap();
    assert_ne!(without.summary().root, root);
    let there = RowTree::new(&without);
    for index in [4_216, 4_217, 4_218] {
        let theirs = there.prove(index).unwrap();
        assert_eq!(
            theirs.verify(&root, count),
            Err(ProofError::Bounds),
            "the entry says how many rows there are"
        );
        let lied = RowProof { count, ..theirs };
        assert!(lied.verify(&root, count).is_err());
        assert!(verify_row(&lied, &code(4_217), &id(), &root, count).is_err());
    }
    // A path that is shorter, longer, altered; a count that the entry does not have.
    let short = RowProof { path: proof.path[..13].to_vec(), ..proof.clone() };
    refused(&short, count, ProofError::Length);
    refused(
        &RowProof { path: [&proof.path[..], &[Hash::EMPTY]].concat(), ..proof.clone() },
        count,
        ProofError::Length,
    );
    for at in 0..proof.path.len() {
        let mut bad = proof.clone();
        bad.path[at] = Hash::EMPTY;
        refused(&bad, count, ProofError::Root);
    }
    refused(&proof, count - 1, ProofError::Bounds);
    refused(&RowProof { count: count - 1, ..proof.clone() }, count, ProofError::Bounds);
    assert_eq!(proof.verify(&without.summary().root, count), Err(ProofError::Root));
}

/// P-24: proofs are those of any other RFC 6962 tree.
#[test]
fn proofs_of_all_small_lists_are_rfc6962_paths() {
    for n in 1..=40 {
        let all = list(n);
        let (tree, root) = (RowTree::new(&all), all.summary().root);
        let plain = MemoryTree::new(all.iter().map(Row::hash).collect());
        for index in 0..n {
            let proof = tree.prove(index).unwrap();
            assert_eq!(proof.path, prove_inclusion(&plain, index.into(), n.into()).unwrap());
            assert_eq!(proof.verify(&root, n), Ok(()));
        }
    }
}

#[test]
fn p24_a_row_proof_has_one_spelling() {
    let all = list(5);
    let proof = RowTree::new(&all).prove(4).unwrap();
    let file = proof.encode();
    assert_eq!(file, format!("village-ledger/row-proof/v1\n5\n{}{}\n", row(4).text(), proof.path[0]));
    let rest = file.strip_prefix("village-ledger/row-proof/v1\n5\n").unwrap();
    for bad in [
        format!("village-ledger/row-proof/v2\n5\n{rest}"),
        format!("village-ledger/row-proof/v1\n05\n{rest}"),
        format!("village-ledger/row-proof/v1\n\n{rest}"),
        format!("village-ledger/row-proof/v1\n100001\n{rest}"),
        format!("village-ledger/row-proof/v1\n4294967301\n{rest}"),
        format!("village-ledger/row-proof/v1\n{rest}"),
        file.trim_end().to_owned(),
        format!("{file}\n"),
        format!("{file}47DEQpj8HBSa\n"),
        file.replace('\n', "\r\n"),
        format!("\n{file}"),
        String::new(),
    ] {
        assert_eq!(RowProof::parse(bad.as_bytes()), Err(RowProofError), "{bad:?}");
    }
    assert_eq!(RowProof::parse(b"village-ledger/row-proof/v1\n5\n\xFF\n"), Err(RowProofError));
    // The longest proof that a list can need, and a hash more.
    let integer = u64::try_from(MAX_INTEGER).unwrap();
    let row = Row { index: 99_999, quantity: integer, amount: Fen::new(Fen::MAX).unwrap(), ..row(0) };
    let long = |hashes| RowProof { row, count: 100_000, path: vec![Hash::EMPTY; hashes] };
    assert_eq!(long(17).encode().len(), MAX_ROW_PROOF);
    assert_eq!(RowProof::parse(long(17).encode().as_bytes()), Ok(long(17)));
    assert_eq!(RowProof::parse(long(18).encode().as_bytes()), Err(RowProofError));
}

#[test]
fn p27_a_row_code_tells_typing_errors_from_false_codes() {
    let text = code(4_217).text();
    assert_eq!(RowCode::parse(&text), Ok(code(4_217)));
    // Its parts once more, from their words.
    let content = [&[0, 0x10, 0x79][..], &salt(4_217), "黄*".as_bytes()].concat();
    let check = Hash::of(&[b"village-ledger/row-code/v1\n", &content[..]].concat());
    assert_eq!(text, base32::encode(&[&content[..], &check.as_bytes()[..4]].concat()));
    assert_eq!(code(0).text().len(), 74);
    for at in 0..text.len() {
        let mut typed = text.clone().into_bytes();
        typed[at] = if typed[at] == b'A' { b'B' } else { b'A' };
        let typed = String::from_utf8(typed).unwrap();
        let why = RowCode::parse(&typed).unwrap_err();
        // In the last character there may be bits that nothing has.
        let last = at + 1 == text.len() && why == RowCodeError::Spelling;
        assert!(why == RowCodeError::Check || last, "{typed}");
    }
    let turned = format!("{}{}{}", &text[1..2], &text[..1], &text[2..]);
    assert!(turned == text || RowCode::parse(&turned) == Err(RowCodeError::Check));
    let long = RowCode { name: "𠮷".repeat(MAX_VALUE), ..code(0) };
    assert_eq!(long.text().len(), MAX_ROW_CODE);
    assert_eq!(RowCode::parse(&long.text()), Ok(long));
    for bad in [
        "",
        "A",
        "AAAAAA",
        &text.to_lowercase(),
        &format!("{text}="),
        &format!("{} {}", &text[..8], &text[8..]),
        &"A".repeat(MAX_ROW_CODE + 1),
    ] {
        assert_eq!(RowCode::parse(bad), Err(RowCodeError::Spelling), "{bad}");
    }
    assert_eq!(RowCode::parse(&text[..text.len() - 8]), Err(RowCodeError::Check));
    for bad in [
        RowCode { index: 100_000, ..code(0) },
        RowCode { name: String::new(), ..code(0) },
        RowCode { name: "李\n明".into(), ..code(0) },
        RowCode { name: "李".repeat(MAX_VALUE + 1), ..code(0) },
    ] {
        assert_eq!(RowCode::parse(&bad.text()), Err(RowCodeError::Content), "{bad:?}");
    }
    assert_eq!(format!("{:?}", code(7)), "RowCode(7)");
}

/// P-28: the vectors of RFC 4648 section 10, without padding.
#[test]
fn base32_is_that_of_the_rfc() {
    for (bytes, text) in [
        ("", ""),
        ("f", "MY"),
        ("fo", "MZXQ"),
        ("foo", "MZXW6"),
        ("foob", "MZXW6YQ"),
        ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI"),
    ] {
        assert_eq!(base32::encode(bytes.as_bytes()), text);
        assert_eq!(base32::decode(text).as_deref(), Some(bytes.as_bytes()));
    }
    assert_eq!(base32::encode(&[0xFF; 32]).len(), 52);
    for bad in ["M", "MZX", "MZXW6Y", "MZ", "my", "MY======", "M1", "M0", "M8", "MY ", "M\u{59}\u{301}"] {
        assert_eq!(base32::decode(bad), None, "{bad}");
    }
}

fn some_rows() -> impl Strategy<Value = Vec<Row>> {
    let told = (0..100_u8, 0..=MAX_INTEGER as u64, 0..Fen::MAX / 40);
    proptest::collection::vec(told, 1..40).prop_map(|list| {
        let of = |(index, (group, quantity, amount)): (usize, (u8, u64, i64))| {
            let index = index as u32;
            Row {
                index,
                group,
                quantity,
                amount: Fen::new(amount).unwrap(),
                commitment: row(index).commitment,
            }
        };
        list.into_iter().enumerate().map(of).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if crate::support::long() { 20_000 } else { 300 }))]

    #[test]
    fn p21_what_is_written_is_read(rows in some_rows(), at in any::<usize>(), byte in any::<u8>()) {
        let all = Rows::new(rows).unwrap();
        let mut blob = all.text().into_bytes();
        prop_assert_eq!(&Rows::parse(&blob).unwrap(), &all);
        // Any other bytes are another list, under another root, or none.
        let at = at % blob.len();
        if blob[at] != byte {
            blob[at] = byte;
            if let Ok(other) = Rows::parse(&blob) {
                prop_assert_ne!(other.summary().root, all.summary().root);
                prop_assert_eq!(other.text().into_bytes(), blob);
            }
        }
    }

    #[test]
    fn p24_a_changed_proof_proves_nothing(n in 1..60_u32, at in any::<u32>(), byte in any::<usize>(), new in any::<u8>()) {
        let all = list(n);
        let proof = RowTree::new(&all).prove(at % n).unwrap();
        let mut file = proof.encode().into_bytes();
        prop_assert_eq!(RowProof::parse(&file), Ok(proof));
        let byte = byte % file.len();
        if file[byte] != new {
            file[byte] = new;
            let holds = RowProof::parse(&file).is_ok_and(|p| p.verify(&all.summary().root, n).is_ok());
            prop_assert!(!holds);
        }
    }

    #[test]
    fn p27_codes_come_back(index in 0..100_000_u32, salt in any::<Salt>(), name in "[李黄*·A-Z]{1,20}") {
        let code = RowCode { index, salt, name };
        prop_assert_eq!(RowCode::parse(&code.text()), Ok(code));
    }

    #[test]
    fn p28_base32_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..100), text in "[A-Z2-7=a0]{0,30}") {
        prop_assert_eq!(base32::decode(&base32::encode(&bytes)), Some(bytes));
        if let Some(bytes) = base32::decode(&text) {
            prop_assert_eq!(&base32::encode(&bytes), &text);
        }
        RowCode::parse(&text).ok();
        RowProof::parse(text.as_bytes()).ok();
        Rows::parse(text.as_bytes()).ok();
    }
}
