//! Text, CSV and pictures; what an attachment may be at all.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod made;

use encoding_rs::GBK;
use guard::{GuardError, Hit, MAX_BYTES, Place, What, Why, attachment};
use made::{jpeg, png, webp};

fn ok(name: &str, media: &str, bytes: &[u8]) -> Vec<Hit> {
    attachment(name, media, bytes).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn refused(name: &str, media: &str, bytes: &[u8]) -> String {
    match attachment(name, media, bytes) {
        Err(error) => error.to_string(),
        Ok(hits) => panic!("{name} {media}: {hits:?}"),
    }
}

#[test]
fn text_is_read_in_every_encoding_that_arrives() {
    let text = "姓名,证号\n李某,440811199003070019\n王某,残疾\n";
    let utf16 = |units: fn(u16) -> [u8; 2], mark: &[u8]| {
        [mark, &text.encode_utf16().flat_map(units).collect::<Vec<u8>>()].concat()
    };
    let files = [
        text.as_bytes().to_vec(),
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        GBK.encode(text).0.into_owned(),
        utf16(u16::to_le_bytes, b"\xFF\xFE"),
        utf16(u16::to_be_bytes, b"\xFE\xFF"),
        text.replace('\n', "\r\n").into_bytes(),
        text.replace('\n', "\r").into_bytes(),
    ];
    for bytes in files {
        for (name, media) in [("名单.csv", "text/csv"), ("名单.txt", "text/plain; charset=utf-8")] {
            let hits = ok(name, media, &bytes);
            let told: Vec<_> = hits.iter().map(|h| (h.what, h.place.clone(), h.at)).collect();
            assert_eq!(told[0], (What::IdNumber, Place::Line(2), 3), "{bytes:?}");
            assert!(matches!(told[1], (What::Word(..), Place::Line(3), 3)) && told.len() == 2, "{told:?}");
        }
    }
}

#[test]
fn numbers_over_fields_and_lines_are_found() {
    let one = |media: &str, text: &str| match &ok("a", media, text.as_bytes())[..] {
        [hit] => (hit.what, hit.place.clone()),
        hits => panic!("{text}: {hits:?}"),
    };
    assert_eq!(one("text/csv", "a\n\"440811\",\"19900307\",\"0019\",x"), (What::IdNumber, Place::Line(2)));
    assert_eq!(one("text/plain", "证号：44081119900\n  3070019"), (What::IdNumber, Place::Line(1)));
    assert_eq!(one("text/csv", "=\"13800138000\";1"), (What::Mobile, Place::Line(1)));
    assert_eq!(ok("a", "text/csv", b"440811,19900307,0018\n138,0013,8000\n"), []);
    let wrapped = one("text/plain", "付给\n  户主听力残\n疾补助");
    assert!(matches!(wrapped, (What::Word(..), Place::Line(2))), "{wrapped:?}");
    assert_eq!(ok("a", "text/plain", "镇残疾人\n联合会会费\nHI\nV1".as_bytes()), []);
    assert_eq!(one("text/plain", "x1\nHIV\ny2").1, Place::Line(2));
}

#[test]
fn the_name_is_searched_too() {
    let hits = ok("李某13800138000", "image/png", &png(&[]));
    assert_eq!((hits[0].what, hits[0].place.clone(), hits[0].at), (What::Mobile, Place::Name, 2));
    assert_eq!(ok("残疾人联合会会议.jpg", "image/jpeg", &jpeg(&[])), []);
}

#[test]
fn pictures_are_searched_beside_their_pixels() {
    assert_eq!(ok("a.png", "image/png", &png(&[(b"tIME", &[0; 7])])), []);
    let chunk = |text: &[u8]| ok("a.png", "image/png", &png(&[(b"tEXt", text)]));
    let hit = &chunk(b"Comment\x00ID 440811199003070019")[0];
    assert_eq!((hit.what, hit.place.clone()), (What::IdNumber, Place::Part("tEXt".to_owned())));
    assert!(matches!(chunk("Comment\0户主患肝癌".as_bytes())[0].what, What::Word(..)));
    assert_eq!(chunk(b"Software\x00Paint 2026030100000127"), []);
    let packed = What::Unreadable(Why::PackedText);
    assert_eq!(ok("a.png", "image/png", &png(&[(b"zTXt", b"Comment\x00\x00x")]))[0].what, packed);
    assert_eq!(ok("a.png", "image/png", &png(&[(b"iTXt", b"XML\x00\x01\x00\x00\x00x")]))[0].what, packed);
    assert_eq!(
        ok("a.png", "image/png", &png(&[(b"iTXt", b"XML\x00\x00\x00\x00\x0013800138000")]))[0].what,
        What::Mobile
    );
    let exif = b"Exif\0\0MM\0\x2A\0\0\0\x081\x003\x008\x000\x000\x001\x003\x008\x000\x000\x000\x00";
    assert_eq!(ok("a.jpg", "image/jpeg", &jpeg(&[(0xE1, exif)]))[0].what, What::Mobile);
    assert_eq!(
        ok("a.jpeg", "image/jpeg", &jpeg(&[(0xFE, b"13800138000"), (0xDB, &[16; 65])]))[0].what,
        What::Mobile
    );
    assert_eq!(
        ok("a.webp", "image/webp", &webp(&[(b"VP8 ", b"x"), (b"XMP ", b"<x>13800138000</x>")]))[0].what,
        What::Mobile
    );
    assert_eq!(ok("a.webp", "image/webp", &webp(&[(b"VP8L", b"13800138000")])), []);
}

#[test]
fn what_follows_a_picture_is_refused() {
    let html = b"<html><script>alert(1)</script>";
    for (name, media, bytes) in [
        ("a.png", "image/png", png(&[])),
        ("a.jpg", "image/jpeg", jpeg(&[])),
        ("a.webp", "image/webp", webp(&[(b"VP8 ", b"xx")])),
    ] {
        assert_eq!(ok(name, media, &bytes), []);
        assert!(refused(name, media, &[&bytes, html.as_slice()].concat()).contains("后面还跟着"));
        assert!(refused(name, media, &bytes[..bytes.len() - 1]).contains("不完整"));
    }
}

#[test]
fn disguises_are_refused_by_what_they_are() {
    let cases: [(&[u8], &str); 20] = [
        (b"<html><body>x", "HTML"),
        (b"\n <!DOCTYPE html>", "HTML"),
        (b"\xEF\xBB\xBF<HTML>", "HTML"),
        (b"text <script>alert(1)</script>", "HTML"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "SVG"),
        (b"<?xml version='1.0'?><!-- x --><svg/>", "SVG"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b"<a/>", "XML"),
        (b"\xFF\xFE<\0s\0v\0g\0>\0", "SVG"),
        (b"(function(){})()", "JavaScript"),
        (b"MZ\x90\0\x03\0\0\0", "Windows"),
        (b"\x7FELF\x02\x01\x01\0", "Linux"),
        (b"#!/bin/sh\n", "script"),
        (b"GIF89a\x01\0\x01\0", "GIF"),
        (b"PK\x03\x04garbage", "ZIP"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "Office"),
        (b"Rar!\x1A\x07\0", "RAR"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"\0\x01\x02", "binary"),
        (b"", "text/plain"),
    ];
    for (bytes, what) in cases {
        for (name, media) in [("a.png", "image/png"), ("a.jpg", "image/jpeg"), ("a.pdf", "application/pdf")] {
            let told = refused(name, media, bytes);
            assert!(told.contains(what) && told.contains(" / "), "{what}: {told}");
        }
    }
    for (bytes, what) in &cases[..19] {
        assert!(refused("a.txt", "text/plain", bytes).contains(what), "{what}");
    }
    assert_eq!(ok("a.txt", "text/plain", b""), []);
    assert_eq!(ok("a.txt", "text/plain", b"BMW, MZ and ID3 begin this text; 1 < 2"), []);
}

#[test]
fn the_declared_type_is_the_one_that_is_there() {
    assert!(refused("a", "image/jpeg", &png(&[])).contains("image/png"));
    assert!(refused("a", "text/plain", &png(&[])).contains("image/png"));
    assert!(refused("a", "application/pdf", b"a text").contains("text/plain"));
    for media in
        ["image/svg+xml", "text/html", "application/zip", "application/octet-stream", "", "image/gif"]
    {
        assert!(matches!(attachment("a", media, &b""[..]), Err(GuardError::Type(_))), "{media}");
    }
    for name in ["a.html", "a.png.svg", "a.jpg", "a.PDF", "a.js ", "a.zip"] {
        assert!(matches!(attachment(name, "image/png", &png(&[])[..]), Err(GuardError::Name(..))), "{name}");
    }
    for name in ["a.PNG", "发票", "2026.3月", "三资.公开栏"] {
        assert_eq!(ok(name, "image/png", &png(&[])), [], "{name}");
    }
}

#[test]
fn twenty_mebibytes_are_the_limit() {
    assert_eq!(ok("a.txt", "text/plain", "一二三四五六七八九十\n".repeat(MAX_BYTES / 31).as_bytes()), []);
    let endless = std::io::repeat(b'a');
    assert!(matches!(attachment("a.txt", "text/plain", endless), Err(GuardError::TooLarge)));
}
