//! Damaged files: cut off and with bits turned over. Nothing panics, hangs or passes as another type.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod made;

use guard::{Media, attachment};
use made::{HELVETICA, chinese, glyphs, jpeg, page, png, stream, webp};
use rust_xlsxwriter::Workbook;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A small generator with a fixed start (xorshift), so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).unwrap()
    }
}

fn good() -> Vec<(Media, Vec<u8>)> {
    let chars = "0123456789X户主";
    let (font, mut more) = chinese(chars);
    let text = format!(
        "BT /F1 12 Tf 72 700 Td [{} -20 {}] TJ ET",
        glyphs(chars, "户主44081119"),
        glyphs(chars, "771015006X")
    );
    let bytes = page(&font, text.as_bytes(), &more);
    more[0] = stream("/Type /ObjStm /N 2 /First 8", b"1 0 2 4 (a) (b)");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    (0..20).for_each(|row| _ = sheet.write(row, 0, format!("44081119900307{row:04}")).unwrap());
    sheet.write(0, 1, 440811199003070019.0).unwrap();
    vec![
        (Media::Pdf, bytes),
        (Media::Pdf, page(HELVETICA, b"q /X Do BI /W 1 ID x EI Q", &more)),
        (Media::Xlsx, book.save_to_buffer().unwrap()),
        (Media::Png, png(&[(b"tEXt", b"Comment\x0013800138000")])),
        (Media::Jpeg, jpeg(&[(0xE1, b"Exif\0\0x"), (0xFE, b"13800138000")])),
        (Media::WebP, webp(&[(b"VP8 ", b"xx"), (b"EXIF", b"13800138000")])),
        (Media::Csv, encoding_rs::GBK.encode("姓名,电话\n李某,13800138000\n").0.into_owned()),
    ]
}

static OWN: AtomicUsize = AtomicUsize::new(0);
static HOOK: Once = Once::new();

/// Whether the guard takes it. A panic of a foreign reader is caught by the guard and counts as damage; one of the
/// guard's own code is counted here.
fn ask(media: Media, bytes: &[u8]) -> bool {
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            eprintln!("{info}");
            let own = info.location().is_some_and(|at| !at.file().contains("registry"));
            OWN.fetch_add(usize::from(own), Ordering::Relaxed);
        }));
    });
    let taken = attachment("a", media.name(), bytes).is_ok();
    assert_eq!(OWN.load(Ordering::Relaxed), 0, "{media:?}");
    taken
}

#[test]
fn truncated_files_are_refused_or_read() {
    for (media, bytes) in good() {
        assert!(ask(media, &bytes), "{media:?}");
        let step = (bytes.len() / 200).max(1);
        for end in (0..bytes.len()).step_by(step) {
            let passed = ask(media, &bytes[..end]);
            let framed = matches!(media, Media::Png | Media::Jpeg | Media::WebP);
            assert!(!(framed && passed), "{media:?} cut at {end} passes");
        }
    }
}

#[test]
fn turned_bits_and_spliced_bytes_are_survived() {
    let mut dice = Dice(0x5DEE_CE66_D1CE_4B5B);
    for (media, bytes) in good() {
        for _ in 0..1500 {
            let mut bad = bytes.clone();
            for _ in 0..=dice.roll(4) {
                let at = dice.roll(bad.len());
                match dice.roll(3) {
                    0 => bad[at] ^= 1 << dice.roll(8),
                    1 => _ = bad.remove(at),
                    _ => {
                        let from = dice.roll(bad.len());
                        let piece = bad[from..bad.len().min(from + 40)].to_vec();
                        bad.splice(at..at, piece);
                    }
                }
            }
            ask(media, &bad);
        }
    }
}

#[test]
fn noise_is_no_attachment() {
    let mut dice = Dice(7);
    for media in [Media::Png, Media::Jpeg, Media::WebP, Media::Pdf, Media::Xlsx, Media::Csv, Media::Text] {
        let noise: Vec<u8> = (0..4096).map(|_| u8::try_from(dice.roll(256)).unwrap()).collect();
        assert!(!ask(media, &noise), "{media:?}");
    }
}
