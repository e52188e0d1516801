//! What lies beside the log, on pages: attachments, the rows of a payment list, a household's own row.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::bundle::VerifiedEntry;
use ledger::hash::Hash;
use ledger::money::Fen;
use ledger::payment_rows::{Row, RowCode, RowTree, Rows};
use ledger::sealed::EntryId;
use ledger::verdict::Code;
use support::{UNIT, entry, verified};
use views::row::{self, place};
use views::{Lang, Names, Shell, phone};

fn attachment(title: &str, size: u64, media: &str, access: &str) -> String {
    let digest = Hash::of(title.as_bytes()).to_hex();
    format!(r#"{{"digest":"{digest}","size":{size},"type":"{media}","title":"{title}","access":"{access}"}}"#)
}

#[test]
fn attachments_say_what_they_are_and_how_to_get_them() {
    let files = [
        attachment("发票", 859_000, "image/jpeg", "public"),
        attachment("合同全文", 2_400_000, "application/pdf", "members"),
        attachment("名册", 900, "text/csv", "inspectors"),
        attachment("会议照片", 70_000, "image/png", "public"),
    ];
    let list = format!("[{}]", files.join(","));
    let redaction =
        r#"{"target":{"seq":1,"leaf":"x"},"paths":["attachments.3"],"basis":"court","ordered_by":"镇"}"#;
    let unit = verified(vec![
        entry(1, "notice", r#"{"subject":"x","text":["y"]}"#, &[("attachments", &list)]),
        entry(2, "redaction", redaction, &[]),
    ]);
    let page = phone::holds(Lang::Zh, &unit, Code::Ok);
    let link = |title: &str| format!("href=\"/api/v1/blobs/{}\"", Hash::of(title.as_bytes()).to_hex());
    assert!(
        page.contains(&format!(
            "<a class=\"jump\" {}><span>发票 <small>照片 839 KB</small></span></a>",
            link("发票")
        )),
        "{page}"
    );
    assert!(
        page.contains("合同全文 <small>PDF 2.3 MB</small></span></a><p class=\"reason\">只给成员看"),
        "{page}"
    );
    assert!(
        page.contains("名册 <small>表格 1 KB</small></span></a><p class=\"reason\">只给监督检查的人看"),
        "{page}"
    );
    assert!(
        page.contains(
            "会议照片 <small>图片 69 KB</small></span></a><a class=\"jump\" href=\"#e2\">第 2 号撤下了"
        ),
        "{page}"
    );
    for title in ["合同全文", "名册", "会议照片"] {
        assert!(!page.contains(&Hash::of(title.as_bytes()).to_hex()), "{title}: {page}");
    }
}

/// A list of 13 households, its rows and their codes.
fn list() -> (VerifiedEntry, Rows, Vec<RowCode>) {
    let body = |rows: Option<&Rows>, amount: i64| {
        let (digest, root) = rows.map_or((Hash::EMPTY, Hash::EMPTY), |rows| {
            (Hash::of(rows.text().as_bytes()), rows.summary().root)
        });
        format!(
            r#"{{"policy":"耕地地力保护补贴","year":2026,"count":13,"amount":{amount},"list":{{"digest":"{}","root":"{}","unit":"亩","access":"posted"}}}}"#,
            digest.to_hex(),
            root.to_base64()
        )
    };
    let id = EntryId::of(&entry(4, "payment_list", &body(None, 0), &[]).entry);
    let codes: Vec<RowCode> = (0..13)
        .map(|i| RowCode {
            index: i,
            salt: [i as u8 + 1; 32],
            name: format!("李*{}", ['明', '红'][i as usize % 2]),
        })
        .collect();
    let rows = codes.iter().map(|code| Row {
        index: code.index,
        group: (code.index / 3) as u8,
        quantity: if code.index == 0 { 0 } else { 365 },
        amount: Fen::new(65_700).unwrap(),
        commitment: id.commit(&format!("rows.{}.name", code.index), &code.salt, &code.name),
    });
    let rows = Rows::new(rows.collect()).unwrap();
    (entry(4, "payment_list", &body(Some(&rows), 13 * 65_700), &[]), rows, codes)
}

#[test]
fn p26_a_household_finds_its_row_and_nobody_elses() {
    let words = Lang::Zh.words();
    let (list, rows, codes) = list();
    let tree = RowTree::new(&rows);
    let proof = |place| tree.prove(place).unwrap().encode();
    let said =
        |code: &str, proof: Option<&str>| row::said(Lang::Zh, &list.entry, code, proof.map(str::as_bytes));
    let code = codes[5].text();
    assert_eq!(place(&list.entry, &code), Some(5));
    let typed: String = code
        .to_lowercase()
        .chars()
        .enumerate()
        .map(|(i, c)| if i % 4 == 3 { format!("{c} ") } else { c.to_string() })
        .collect();
    for code in [&code, &typed] {
        let html = said(code, Some(&proof(5)));
        for part in [words.row_held(), "第 1 组", "3.65 亩", "657 元", "李*红", words.row_limit()] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }
    assert!(said(&codes[0].text(), Some(&proof(0))).contains(words.row_village()));

    let wrong_letter = code.replacen(&code[10..11], if &code[10..11] == "A" { "B" } else { "A" }, 1);
    let stranger = RowCode { name: "王*".to_owned(), ..codes[5].clone() }.text();
    let beyond = RowCode { index: 13, ..codes[5].clone() }.text();
    for (case, code, proof, wanted) in [
        ("a typing error", wrong_letter.as_str(), None, words.row_typing()),
        ("nothing", "", None, words.row_typing()),
        ("another list's", &stranger, Some(proof(5)), words.row_other()),
        ("a place that the list does not have", &beyond, None, words.row_other()),
        ("no network", &code, None, words.row_offline()),
        ("another row", &code, Some(proof(6)), words.row_other()),
        ("no proof", &code, Some(String::new()), words.row_unproved()),
        ("a forged amount", &code, Some(proof(5).replace(" 65700 ", " 65800 ")), words.row_unproved()),
    ] {
        let html = said(code, proof.as_deref());
        assert!(html.contains(wanted) && !html.contains("李*") && !html.contains('✓'), "{case}: {html}");
    }
    assert_eq!((place(&list.entry, &wrong_letter), place(&list.entry, &beyond)), (None, None));
}

#[test]
fn the_page_of_a_list_is_that_entry_alone_with_the_way_to_ones_own_row() {
    let (list, rows, _) = list();
    let unit = verified(vec![
        list,
        entry(
            5,
            "redaction",
            r#"{"target":{"seq":4,"leaf":"x"},"paths":["rows"],"basis":"court","ordered_by":"镇"}"#,
            &[],
        ),
    ]);
    let names = Names::coming(Lang::Zh);
    let shell = Shell { scripts: true, ..Shell::default() };
    let book = shell.unit(&unit, Code::Ok, &names);
    let page = shell.entry(&unit, Code::Ok, 4, &names).unwrap();
    assert!(book.contains(&format!("href=\"/u/{UNIT}/4#row\"")) && !book.contains("id=\"code\""), "{book}");
    assert!(
        page.contains("id=\"e4\"") && !page.contains("id=\"e5\"") && page.contains("data-seq=\"4\""),
        "{page}"
    );
    assert!(page.contains("id=\"code\"") && page.contains(&format!("href=\"/u/{UNIT}#e5\"")), "{page}");
    assert!(page.contains(&format!("/api/v1/blobs/{}", Hash::of(rows.text().as_bytes()).to_hex())), "{page}");
    assert!(page.contains("名字：公示期里大家能看"), "{page}");
    // The phone draws the same entry, and no more than it.
    let drawn = phone::facts(Lang::Zh, &unit, 4, 5).unwrap();
    let own = drawn.split("<li id=\"e5\"").next().unwrap().split("<li id=\"e4\"").nth(1).unwrap();
    assert!(page.contains(&own.replace("#e5", &format!("/u/{UNIT}#e5"))), "{own}");
    assert!(shell.entry(&unit, Code::Ok, 9, &names).is_none());
    assert!(!shell.entry(&unit, Code::Ok, 5, &names).unwrap().contains("id=\"code\""));
}
