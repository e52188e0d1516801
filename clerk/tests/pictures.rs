//! What is taken out of pictures, and that their pixels stay as they are.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

#[path = "support/pictures.rs"]
mod pictures;

use clerk::attachments::picture::{Cleaned, clean};
use exif::{In, Reader, Tag};
use pictures::{LATITUDE, SECRETS, bare_jpeg, chunk, exif, jpeg, jpeg_core, png, riff, webp};

const TAKEN: [&str; 5] = [
    "拍摄地点（约北纬 23.1°、东经 113.2°）",
    "拍摄时间（2026:03:02 10:11:12）",
    "手机或相机型号（HUAWEI P602J）",
    "作者或机主署名",
    "缩略图",
];

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Nothing of what was taken is left, and the guard takes the picture.
fn is_clean(cleaned: &Cleaned, media: &str) {
    for secret in SECRETS {
        assert!(!has(&cleaned.bytes, secret.as_bytes()), "{secret}");
    }
    assert!(!has(&cleaned.bytes, &LATITUDE));
    let name = format!("a.{}", media.rsplit('/').next().unwrap());
    assert!(guard::attachment(&name, media, cleaned.bytes.as_slice()).unwrap().is_empty());
}

/// The direction is the only thing that the EXIF of a picture still says.
fn says_only_turn(exif: &[u8], turn: u32) {
    let read = Reader::new().read_raw(exif.to_vec()).unwrap();
    assert_eq!(read.fields().count(), 1);
    assert_eq!(read.get_field(Tag::Orientation, In::PRIMARY).unwrap().value.get_uint(0), Some(turn));
}

#[test]
fn a_jpeg_loses_all_but_its_pixels() {
    let cleaned = clean(&jpeg(1)).unwrap();
    is_clean(&cleaned, "image/jpeg");
    // The thumbnail of JFIF is named first, and once for both.
    let order = [4, 0, 1, 2, 3].map(|at| TAKEN[at]);
    assert_eq!(cleaned.taken[..5], order);
    let more = [
        "XMP 信息",
        "附带的其他图片",
        "IPTC 图片说明",
        "其他附带数据",
        "注释",
        "图片结尾之后的数据（34 字节）",
    ];
    assert_eq!(cleaned.taken[5..], more);
    assert!(!cleaned.is_turned);
    assert_eq!(cleaned.bytes, bare_jpeg(), "tables and scans are the same bytes");
    assert_eq!(clean(&cleaned.bytes).unwrap(), Cleaned { taken: Vec::new(), ..cleaned });
}

#[test]
fn a_jpeg_that_lies_on_its_side_keeps_its_direction_and_no_more() {
    let cleaned = clean(&jpeg(6)).unwrap();
    is_clean(&cleaned, "image/jpeg");
    assert!(cleaned.is_turned);
    let at = cleaned.bytes.windows(6).position(|w| w == b"Exif\0\0").unwrap();
    let length = usize::from(u16::from_be_bytes([cleaned.bytes[at - 2], cleaned.bytes[at - 1]]));
    says_only_turn(&cleaned.bytes[at + 6..at + length - 2], 6);
    let core = [&jpeg_core().concat()[..], &[0xFF, 0xD9]].concat();
    assert!(cleaned.bytes.ends_with(&core));
    assert_eq!(clean(&cleaned.bytes).unwrap(), Cleaned { taken: Vec::new(), ..cleaned });
}

#[test]
fn colours_of_a_jpeg_stay() {
    let (adobe, profile) =
        (b"\xFF\xEE\0\x0EAdobe\0\x64\0\0\0\0\x01", b"\xFF\xE2\0\x12ICC_PROFILE\0\x01\x01rg");
    let bare = bare_jpeg();
    let picture = [&bare[..2], adobe, profile, &bare[2..]].concat();
    let cleaned = clean(&picture).unwrap();
    assert_eq!((cleaned.bytes, cleaned.taken.len()), (picture, 0));
    let long = [&bare[..2], b"\xFF\xEE\0\x13Adobe\0\x64\0\0\0\0\x01extra", &bare[2..]].concat();
    assert!(!has(&clean(&long).unwrap().bytes, b"extra"));
}

#[test]
fn a_png_loses_all_but_its_pixels() {
    let colours = [chunk(b"gAMA", &[0, 0, 0xB1, 0x8F]), chunk(b"pHYs", &[0; 9])];
    let extras = [
        chunk(b"eXIf", &exif(8)),
        chunk(b"tEXt", b"Author\0wang-owner"),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0xmp-secret"),
        chunk(b"zTXt", b"Comment\0\0packed"),
        chunk(b"tIME", &[7, 0xEA, 3, 2, 10, 11, 12]),
        chunk(b"prVt", b"thumb-secret"),
    ];
    let cleaned = clean(&png(&[&colours[..], &extras[..]].concat(), b"behind-secret")).unwrap();
    is_clean(&cleaned, "image/png");
    assert_eq!(cleaned.taken[..5], TAKEN);
    let more = ["文字说明", "XMP 信息", "修改时间", "其他附带数据", "图片结尾之后的数据（13 字节）"];
    assert_eq!(cleaned.taken[5..], more);
    // The new EXIF has a checksum that another program reckons the same.
    let at = cleaned.bytes.windows(4).position(|w| w == b"eXIf").unwrap();
    let data = &cleaned.bytes[at + 4..at + 30];
    says_only_turn(data, 8);
    let [gamma, density] = colours;
    assert_eq!(cleaned.bytes, png(&[gamma, density, chunk(b"eXIf", data)], b""));
}

#[test]
fn a_webp_loses_all_but_its_pixels() {
    let (size, pixels) = ([4, 0, 0, 4, 0, 0], riff(b"VP8L", b"\x2Fodd"));
    let head = |flags: u8| riff(b"VP8X", &[&[flags, 0, 0, 0][..], &size].concat());
    let prefixed = [b"Exif\0\0", &exif(1)[..]].concat();
    for (exif_chunk, turned) in [(exif(1), false), (prefixed, false), (exif(3), true)] {
        let extras =
            [riff(b"EXIF", &exif_chunk), riff(b"XMP ", b"xmp-secret"), riff(b"JUNK", b"iptc-secret")];
        let chunks = [&[head(0x2C), riff(b"ICCP", b"rgb"), pixels.clone()][..], &extras].concat();
        let cleaned = clean(&webp(&chunks, b"behind-secret")).unwrap();
        is_clean(&cleaned, "image/webp");
        assert_eq!(cleaned.taken[..5], TAKEN);
        assert_eq!(cleaned.taken[5..], ["XMP 信息", "其他附带数据", "图片结尾之后的数据（13 字节）"]);
        let mut want = vec![head(if turned { 0x28 } else { 0x20 }), riff(b"ICCP", b"rgb"), pixels.clone()];
        if turned {
            let at = cleaned.bytes.windows(4).position(|w| w == b"EXIF").unwrap();
            let data = &cleaned.bytes[at + 8..];
            says_only_turn(data, 3);
            want.push(riff(b"EXIF", data));
        }
        assert_eq!(cleaned.bytes, webp(&want, b""));
    }
}

#[test]
fn what_is_no_whole_picture_is_none() {
    for whole in [jpeg(1), png(&[], b""), webp(&[riff(b"VP8 ", b"pixels")], b"")] {
        assert!(clean(&whole).is_some());
        // The JPEG's end stands before what follows it.
        for cut in 0..whole.len() - 36.min(whole.len() / 2) {
            assert!(clean(&whole[..cut]).is_none(), "{cut}");
        }
    }
    let moving = webp(&[riff(b"VP8X", &[2, 0, 0, 0, 0, 0, 0, 0, 0, 0]), riff(b"ANIM", &[0; 6])], b"");
    for none in [moving, b"GIF89a".to_vec(), b"<html>".to_vec(), Vec::new()] {
        assert!(clean(&none).is_none());
    }
}

#[test]
fn an_exif_that_can_not_be_read_goes_all_the_same() {
    let cleaned = clean(&png(&[chunk(b"eXIf", b"not a TIFF, thumb-secret")], b"")).unwrap();
    assert_eq!(cleaned.taken, ["读不懂的 EXIF 信息"]);
    assert_eq!(cleaned.bytes, png(&[], b""));
}
