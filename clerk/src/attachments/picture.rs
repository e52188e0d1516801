//! Pictures without what they tell beside their pixels: EXIF, places, thumbnails, XMP, IPTC, comments, other pictures, and
//! whatever follows the picture's end. Parts that decoding needs are copied as they are; nothing is encoded anew.
//!
//! A part is kept because it is on a list, so that what no one thought of goes. The direction that a phone was held in
//! stays, as an EXIF of one field: turning pixels would encode them anew, and browsers heed the field.
//!
//! LIMIT: colour profiles stay, and what hides inside pixel data. A moving picture is refused or shows its first frame.

use super::exif;

/// A picture, cleaned.
#[derive(Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// The file.
    pub bytes: Vec<u8>,
    /// What was taken out, in Chinese; empty when nothing was.
    pub taken: Vec<String>,
    /// Whether the direction was kept.
    pub is_turned: bool,
}

const PNG: &[u8] = b"\x89PNG\r\n\x1A\n";
const EXIF: &[u8] = b"Exif\0\0";
/// Chunks of PNG that decoding and colour need.
const PNG_KEPT: [&[u8; 4]; 16] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD",
    b"pHYs", b"hIST", b"cICP", b"mDCV", b"cLLI",
];
/// Flags of `VP8X` that stay: colour profile and transparency; and that of EXIF.
const WEBP_FLAGS: u8 = 0x30;
const WEBP_EXIF: u8 = 0x08;

/// What was taken out so far.
#[derive(Default)]
struct Taken {
    list: Vec<String>,
    turn: Option<u16>,
}

impl Taken {
    fn add(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.list.contains(&what) {
            self.list.push(what);
        }
    }

    /// Names what an EXIF tells and gives the one to put in its place, when the picture is to be turned.
    fn exif(&mut self, tiff: &[u8]) -> Option<Vec<u8>> {
        let told = exif::tell(tiff);
        told.says.into_iter().for_each(|what| self.add(what));
        let turn = told.turn.filter(|_| self.turn.is_none())?;
        self.turn = Some(turn);
        Some(exif::only_turn(turn))
    }

    fn behind(&mut self, bytes: usize) {
        if bytes > 0 {
            self.add(format!("图片结尾之后的数据（{bytes} 字节）"));
        }
    }
}

/// Whether bytes begin like a picture that [`clean`] knows.
pub fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(PNG) || bytes.starts_with(b"\xFF\xD8\xFF") || is_webp(bytes)
}

fn is_webp(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")
}

/// Takes out of a picture what is not its pixels; `None` when it is damaged, moving, or no JPEG, PNG or WebP.
pub fn clean(bytes: &[u8]) -> Option<Cleaned> {
    let mut taken = Taken::default();
    let bytes = if bytes.starts_with(PNG) {
        png(bytes, &mut taken)
    } else if is_webp(bytes) {
        webp(bytes, &mut taken)
    } else {
        jpeg(bytes, &mut taken)
    }?;
    Some(Cleaned { bytes, taken: taken.list, is_turned: taken.turn.is_some() })
}

fn jpeg(bytes: &[u8], taken: &mut Taken) -> Option<Vec<u8>> {
    let mut out = bytes.strip_prefix(b"\xFF\xD8").map(|_| vec![0xFF, 0xD8])?;
    let mut at = 2;
    loop {
        let [0xFF, marker] = *bytes.get(at..at + 2)? else { return None };
        match marker {
            0xFF => at += 1,
            0x01 | 0xD0..=0xD7 => at += 2,
            0xD9 => {
                out.extend_from_slice(&[0xFF, 0xD9]);
                taken.behind(bytes.len() - at - 2);
                return Some(out);
            }
            0x00 | 0x02..=0xBF | 0xD8 => return None,
            _ => {
                let length: [u8; 2] = bytes.get(at + 2..at + 4)?.try_into().ok()?;
                let mut end = at + 2 + usize::from(u16::from_be_bytes(length)).max(2);
                let segment = bytes.get(at + 4..end)?;
                if marker == 0xDA {
                    // Pixels: up to the next marker that is neither stuffing nor a restart.
                    let is_end = |w: &[u8]| matches!(w, [0xFF, m] if !matches!(m, 0x00 | 0xD0..=0xD7 | 0xFF));
                    end += bytes.get(end..)?.windows(2).position(is_end)?;
                }
                if matches!(marker, 0xC0..=0xC7 | 0xC9..=0xCF | 0xDA..=0xDF) {
                    out.extend_from_slice(bytes.get(at..end)?);
                } else if let Some(kept) = jpeg_segment(marker, segment, taken) {
                    out.extend_from_slice(&[0xFF, marker]);
                    // What is kept is never longer than what was there.
                    out.extend_from_slice(&u16::try_from(kept.len() + 2).ok()?.to_be_bytes());
                    out.extend_from_slice(&kept);
                }
                at = end;
            }
        }
    }
}

/// What stays of a segment that holds no part of the pixels.
fn jpeg_segment(marker: u8, segment: &[u8], taken: &mut Taken) -> Option<Vec<u8>> {
    let is = |magic: &[u8]| segment.starts_with(magic);
    let what = match marker {
        0xE0 if is(b"JFIF\0") && segment.len() >= 14 => {
            if segment.len() > 14 {
                taken.add("缩略图");
            }
            // Version and density; then a thumbnail of no columns and no rows.
            return Some([segment.get(..12)?, &[0, 0]].concat());
        }
        0xE0 if is(b"JFXX\0") => "缩略图",
        0xE1 if is(EXIF) => {
            let turn = taken.exif(segment.get(EXIF.len()..)?)?;
            return Some([EXIF, &turn].concat());
        }
        0xE1 if is(b"http://ns.adobe.com/") => "XMP 信息",
        0xE2 if is(b"ICC_PROFILE\0") => return Some(segment.to_vec()),
        0xE2 if is(b"MPF\0") => "附带的其他图片",
        0xED => "IPTC 图片说明",
        // How colours were turned into components: without it they come out wrong.
        0xEE if is(b"Adobe") => return segment.get(..12).map(<[u8]>::to_vec),
        0xFE => "注释",
        _ => "其他附带数据",
    };
    taken.add(what);
    None
}

fn png(bytes: &[u8], taken: &mut Taken) -> Option<Vec<u8>> {
    let (mut out, mut at) = (PNG.to_vec(), PNG.len());
    loop {
        let length: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
        let name: &[u8; 4] = bytes.get(at + 4..at + 8)?.try_into().ok()?;
        let end = at.checked_add(12)?.checked_add(length)?;
        let (chunk, data) = (bytes.get(at..end)?, bytes.get(at + 8..end - 4)?);
        if PNG_KEPT.contains(&name) {
            out.extend_from_slice(chunk);
        } else if name == b"eXIf" {
            out.extend(taken.exif(data).map(|turn| png_chunk(name, &turn)).unwrap_or_default());
        } else {
            taken.add(match name {
                b"iTXt" if data.starts_with(b"XML:com.adobe.xmp") => "XMP 信息",
                b"tEXt" | b"zTXt" | b"iTXt" => "文字说明",
                b"tIME" => "修改时间",
                b"acTL" | b"fcTL" | b"fdAT" => "动画的其他画面",
                _ => "其他附带数据",
            });
        }
        if name == b"IEND" {
            taken.behind(bytes.len() - end);
            return Some(out);
        }
        at = end;
    }
}

fn png_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [name, data].concat();
    // CRC-32 of ISO 3309, bit by bit: one small chunk a picture.
    let crc = named.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 })
    });
    [&(data.len() as u32).to_be_bytes(), named.as_slice(), &(!crc).to_be_bytes()].concat()
}

fn webp(bytes: &[u8], taken: &mut Taken) -> Option<Vec<u8>> {
    let length = |at: usize| -> Option<usize> {
        let length: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(length)).ok()
    };
    let whole = length(4)?.checked_add(8).filter(|end| *end <= bytes.len())?;
    let (mut out, mut at) = (bytes.get(..12)?.to_vec(), 12);
    while at < whole {
        let (name, len) = (bytes.get(at..at + 4)?, length(at + 4)?);
        let end = at.checked_add(8)?.checked_add(len)?;
        let data = bytes.get(at + 8..end)?;
        let kept = match name {
            b"ANIM" | b"ANMF" => return None,
            b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH" | b"ICCP" => Some(data.to_vec()),
            b"EXIF" => taken.exif(data.strip_prefix(EXIF).unwrap_or(data)),
            _ => {
                taken.add(if name == b"XMP " { "XMP 信息" } else { "其他附带数据" });
                None
            }
        };
        if let Some(kept) = kept {
            out.extend_from_slice(name);
            out.extend_from_slice(&u32::try_from(kept.len()).ok()?.to_le_bytes());
            out.extend_from_slice(&kept);
            out.resize(out.len().next_multiple_of(2), 0);
        }
        at = end + len % 2;
    }
    taken.behind(bytes.len().saturating_sub(at));
    let size = u32::try_from(out.len() - 8).ok()?.to_le_bytes();
    out.get_mut(4..8)?.copy_from_slice(&size);
    if out.get(12..16) == Some(b"VP8X") {
        let flags = out.get_mut(20)?;
        *flags = *flags & WEBP_FLAGS | if taken.turn.is_some() { WEBP_EXIF } else { 0 };
    }
    Some(out)
}
