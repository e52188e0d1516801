//! What lies beside the log, on pages: attachments, the rows of a payment list, a household's own row.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::bundle::VerifiedEntry;
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::money::Fen;
use ledger::payment_rows::{Row, RowCode, RowTree, Rows};
use ledger::sealed::{Access, EntryId, Opening, Openings};
use ledger::time::Date;
use ledger::verdict::Code;
use std::slice;
use support::{UNIT, entry, verified};
use views::beside::{Book, Said, said};
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
        for part in ["这一行就在清单里，第 6 户", "第 1 组", "3.65 亩", "657 元", "李*红", words.row_limit()]
        {
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

const PATH: [&str; 13] = [
    "rows.0.name",
    "rows.1.name",
    "rows.2.name",
    "rows.3.name",
    "rows.4.name",
    "rows.5.name",
    "rows.6.name",
    "rows.7.name",
    "rows.8.name",
    "rows.9.name",
    "rows.10.name",
    "rows.11.name",
    "rows.12.name",
];

/// The list of [`list`] with this posting, and what is said of its rows with these openings on a day.
fn told(rows: Option<&[u8]>, openings: Option<&str>, posting: &str, access: &str, more: Vec<Entry>) -> Said {
    let (list, own, _) = list();
    let body = list.entry.body().text().replace("posted", access);
    let posting = if posting.is_empty() { Vec::new() } else { vec![("posting", posting)] };
    let mut entries = vec![entry(4, "payment_list", &body, &posting).entry];
    entries.extend(more);
    let days = ["2026-09-30"; 2].map(|day| Date::parse(day).unwrap());
    let text = own.text();
    let book = Book { entries: &entries, days };
    said(Lang::Zh, &entries[0], book, "", rows.or(Some(text.as_bytes())), openings)
}

/// Openings of the list but for some places, with one name put in the place of another.
fn openings(without: &[u32], forged: Option<u32>, access: Access) -> String {
    let (.., codes) = list();
    let given = codes.iter().filter(|code| !without.contains(&code.index)).map(|code| Opening {
        path: PATH[code.index as usize].to_owned(),
        salt: code.salt,
        value: if forged == Some(code.index) { "王*".to_owned() } else { code.name.clone() },
        access,
    });
    Openings::new(given.collect()).unwrap().text()
}

fn redaction(seq: u64, target: u64, path: &str) -> VerifiedEntry {
    let body = format!(
        r#"{{"target":{{"seq":{target},"leaf":"x"}},"paths":["{path}"],"basis":"court","ordered_by":"镇"}}"#
    );
    entry(seq, "redaction", &body, &[])
}

const RUNNING: &str = r#"{"from":"2026-09-01","to":"2026-10-31"}"#;

/// A row of the table.
fn line(html: &str, place: u32) -> String {
    let line = html.split("<tr>").find(|line| line.starts_with(&format!("<td>{}</td>", place + 1)));
    line.unwrap_or_default().replace("</td>", "").replace("</tr>", "").replace("</table>", "")
}

#[test]
fn p23_a_list_is_drawn_only_when_it_is_the_one_of_the_entry() {
    let (_, rows, _) = list();
    let Said { code, html, .. } =
        told(None, Some(&openings(&[], None, Access::Posted)), RUNNING, "posted", vec![]);
    assert_eq!(code, None);
    assert!(html.contains("13 户，一共 8,541 元，和账本里记的一样"), "{html}");
    assert!(html.contains("<td>数量（亩）</td><td>金额（元）</td>"), "{html}");
    assert_eq!(line(&html, 5), "<td>6<td>1<td>李*红<td>3.65<td>657");
    assert_eq!(line(&html, 0), "<td>1<td>不分组<td>李*明<td>0<td>657");
    let text = rows.text();
    let short = text.split_inclusive('\n').take(12).collect::<String>();
    let cannot = Said { code: Some(Code::CannotShow), ..Said::default() };
    for wrong in [
        text.replacen(" 65700 ", " 65800 ", 1),
        text.replacen(" 365 ", " 366 ", 1),
        short,
        "<!doctype".into(),
    ] {
        assert_eq!(told(Some(wrong.as_bytes()), None, RUNNING, "posted", vec![]), cannot, "{wrong}");
    }
}

#[test]
fn p16_p19_each_name_of_a_list_is_shown_withheld_or_told_why_not() {
    let words = Lang::Zh.words();
    let withheld = Lang::Zh.verdict(Code::NameWithheld).title;
    let all = openings(&[], None, Access::Posted);
    let over = r#"{"from":"2026-08-01","to":"2026-09-29"}"#;
    let short = openings(&[5], None, Access::Posted);
    // What came, posting, access, redactions: what stands in row 5, what in row 6, the verdict.
    for (case, (given, posting, access, more, own, next, code)) in [
        (Some(all.as_str()), RUNNING, "posted", None, "李*红", "李*明", None),
        (Some(&short), RUNNING, "posted", None, words.cell_withheld(), "李*明", Some(Code::NameWithheld)),
        (
            Some("[]"),
            RUNNING,
            "posted",
            None,
            words.cell_withheld(),
            words.cell_withheld(),
            Some(Code::NameWithheld),
        ),
        (
            Some(&openings(&[], Some(5), Access::Posted)),
            RUNNING,
            "posted",
            None,
            words.cell_wrong(),
            "李*明",
            None,
        ),
        (Some(&short), RUNNING, "posted", Some("rows.5.name"), words.cell_gone(), "李*明", None),
        (Some("[]"), RUNNING, "posted", Some("rows"), words.cell_gone(), words.cell_gone(), None),
        // The server still gives what was withdrawn.
        (Some(&all), RUNNING, "posted", Some("rows.5.name"), words.cell_gone(), "李*明", None),
        (Some("[]"), RUNNING, "household", None, words.cell_private(), words.cell_private(), None),
        (
            Some(&openings(&[], None, Access::Household)),
            RUNNING,
            "household",
            None,
            words.cell_private(),
            words.cell_private(),
            None,
        ),
        (Some("[]"), over, "posted", None, words.cell_not_posted(), words.cell_not_posted(), None),
        (Some(&all), "", "posted", None, words.cell_not_posted(), words.cell_not_posted(), None),
        // The network, a hotspot.
        (None, RUNNING, "posted", None, words.cell_unfetched(), words.cell_unfetched(), None),
        (
            Some("<!doctype html>"),
            RUNNING,
            "posted",
            None,
            words.cell_unfetched(),
            words.cell_unfetched(),
            None,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let more: Vec<Entry> = more.iter().map(|path| redaction(5, 4, path).entry).collect();
        let gone = !more.is_empty();
        let told = told(None, given, posting, access, more);
        let cells = [line(&told.html, 5), line(&told.html, 6)];
        assert!(cells[0].contains(own) && cells[1].contains(next), "{case}: {cells:?}");
        assert_eq!(told.code, code, "{case}");
        assert_eq!(told.html.contains(withheld), code.is_some(), "{case}");
        assert_eq!(told.html.contains(words.name_wrong()), own == words.cell_wrong(), "{case}");
        assert_eq!(told.html.contains(words.names_unfetched()), own == words.cell_unfetched(), "{case}");
        assert_eq!(told.html.contains("href=\"#e5\""), gone, "{case}");
        assert!(!told.html.contains("王*"), "{case}");
        let shown = told.html.contains("李*");
        assert_eq!(shown, next == "李*明", "{case}");
    }
}

#[test]
fn p30_a_file_is_shown_only_when_digest_and_size_are_those_of_the_entry() {
    let file = |digest: &[u8], size: u64, access: &str| {
        let digest = Hash::of(digest).to_hex();
        let list = format!(
            r#"[{{"digest":"{digest}","size":{size},"type":"image/jpeg","title":"鱼塘\"","access":"{access}"}}]"#
        );
        entry(1, "notice", r#"{"subject":"x","text":["y"]}"#, &[("attachments", &list)]).entry
    };
    let digest = Hash::of(b"photo").to_hex();
    let days = [Date::parse("2026-09-30").unwrap(); 2];
    let said = |entries: &[Entry], bytes: Option<&[u8]>| {
        said(Lang::Zh, &entries[0], Book { entries, days }, &digest, bytes, None)
    };
    let own = file(b"photo", 5, "public");
    let held = said(slice::from_ref(&own), Some(b"photo"));
    assert_eq!((held.code, held.media.as_str()), (None, "image/jpeg"));
    assert!(
        held.html.contains("和账本里的指纹一致") && held.html.contains("download=\"鱼塘&quot;\""),
        "{}",
        held.html
    );
    let cannot = Said { code: Some(Code::CannotShow), ..Said::default() };
    for (case, entry, bytes) in [
        ("altered", own.clone(), &b"phot0"[..]),
        ("none", own.clone(), b""),
        ("of another size", file(b"photo", 6, "public"), b"photo"),
        ("another file", file(b"other", 5, "public"), b"photo"),
        ("not public", file(b"photo", 5, "members"), b"photo"),
    ] {
        assert_eq!(said(&[entry], Some(bytes)), cannot, "{case}");
    }
    // Withdrawn: by its own entry's redaction, by that of another entry that names it (P-36), by none that is here.
    let other = |seq: u64| {
        let list =
            attachment("x", 5, "image/jpeg", "public").replace(&Hash::of("x".as_bytes()).to_hex(), &digest);
        entry(seq, "notice", r#"{"subject":"x","text":["y"]}"#, &[("attachments", &format!("[{list}]"))])
    };
    let first = redaction(3, 1, "attachments.0").entry;
    let second = redaction(3, 2, "attachments.0").entry;
    for (by, html) in [(first, true), (second, true), (redaction(3, 2, "attachments.1").entry, false)] {
        let gone = said(&[own.clone(), other(2).entry, by], None);
        assert_eq!((gone.html.contains("href=\"#e3\""), gone.code.is_none()), (html, html), "{}", gone.html);
    }
    // Neither page links it any more.
    let unit = verified(vec![other(1), other(2), redaction(3, 1, "attachments.0")]);
    let page = phone::holds(Lang::Zh, &unit, Code::Ok);
    assert!(!page.contains(&digest) && page.matches("第 3 号撤下了内容").count() == 3, "{page}");
}

#[test]
fn a_long_list_is_not_offered_to_a_phone() {
    let (list, ..) = list();
    let body = list.entry.body().text();
    for (count, offered) in [(2_000, true), (2_001, false)] {
        let body = body.replace("\"count\":13", &format!("\"count\":{count}"));
        let unit = verified(vec![entry(4, "payment_list", &body, &[])]);
        let shell = Shell { scripts: true, ..Shell::default() };
        let page = shell.entry(&unit, Code::Ok, 4, &Names::coming(Lang::Zh)).unwrap();
        assert_eq!(page.contains("data-do=\"list\""), offered, "{page}");
        assert_eq!(page.contains("这张清单有 2001 户，手机看不动"), !offered, "{page}");
    }
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
    // What was withdrawn as a whole is not offered.
    let digest = Hash::of(rows.text().as_bytes()).to_hex();
    assert!(!page.contains(&digest) && !page.contains("data-do=\"list\""), "{page}");
    assert!(page.contains("名字：公示期里大家能看"), "{page}");
    let whole = shell.entry(&verified(vec![self::list().0]), Code::Ok, 4, &names).unwrap();
    assert!(whole.contains(&format!("/api/v1/blobs/{digest}")), "{whole}");
    assert!(
        whole.contains(&format!("data-digest=\"{digest}\">看整张清单（13 户，约 3 KB）</button>")),
        "{whole}"
    );
    // The phone draws the same entry, and no more than it.
    let drawn = phone::facts(Lang::Zh, &unit, 4, 5).unwrap();
    let own = drawn.split("<li id=\"e5\"").next().unwrap().split("<li id=\"e4\"").nth(1).unwrap();
    assert!(page.contains(&own.replace("#e5", &format!("/u/{UNIT}#e5"))), "{own}");
    assert!(shell.entry(&unit, Code::Ok, 9, &names).is_none());
    assert!(!shell.entry(&unit, Code::Ok, 5, &names).unwrap().contains("id=\"code\""));
}
