//! What a picture's EXIF tells, for the clerk's eyes: said once, written nowhere. Texts that may name a person are not
//! repeated.

use exif::{Exif, In, Reader, Tag, Value};

/// Longest text of a camera that is shown.
const MAX_SHOWN: usize = 40;
/// Direction (Orientation).
const TURN: u16 = 0x0112;

/// What an EXIF tells.
pub struct Told {
    /// In Chinese, one for each thing.
    pub says: Vec<String>,
    /// How the picture is to be turned, 2 to 8.
    pub turn: Option<u16>,
}

/// Reads an EXIF from its TIFF header on.
pub fn tell(tiff: &[u8]) -> Told {
    let mut reader = Reader::new();
    let read = reader.continue_on_error(true).read_raw(tiff.to_vec());
    let Ok(exif) = read.or_else(|e| e.distill_partial_result(|_| ())) else {
        return Told { says: vec!["读不懂的 EXIF 信息".to_owned()], turn: None };
    };
    let turn = exif.get_field(Tag::Orientation, In::PRIMARY).and_then(|field| field.value.get_uint(0));
    let turn = turn.and_then(|turn| u16::try_from(turn).ok()).filter(|turn| (2..=8).contains(turn));
    Told { says: says(&exif), turn }
}

fn says(exif: &Exif) -> Vec<String> {
    let has = |tags: &[Tag]| exif.fields().any(|field| tags.contains(&field.tag));
    let shown = |tag| exif.get_field(tag, In::PRIMARY).and_then(|field| shown(&field.value));
    let mut says = Vec::new();
    if exif.fields().any(|field| field.tag.context() == exif::Context::Gps) {
        says.push(place(exif).map_or("拍摄地点".to_owned(), |place| format!("拍摄地点（{place}）")));
    }
    if has(&[Tag::DateTimeOriginal, Tag::DateTimeDigitized, Tag::DateTime]) {
        let time = shown(Tag::DateTimeOriginal).or_else(|| shown(Tag::DateTime));
        says.push(time.map_or("拍摄时间".to_owned(), |time| format!("拍摄时间（{time}）")));
    }
    if has(&[Tag::Make, Tag::Model]) {
        let model = [Tag::Make, Tag::Model].into_iter().filter_map(shown).collect::<Vec<_>>().join(" ");
        says.push(format!("手机或相机型号（{model}）"));
    }
    let named: [(&[Tag], &str); 5] = [
        (&[Tag::BodySerialNumber, Tag::LensSerialNumber, Tag::ImageUniqueID], "机身或图片编号"),
        (&[Tag::Artist, Tag::CameraOwnerName, Tag::Copyright], "作者或机主署名"),
        (&[Tag::ImageDescription, Tag::UserComment], "文字说明"),
        (&[Tag::Software], "软件名称"),
        (&[Tag::MakerNote], "厂家数据"),
    ];
    says.extend(named.iter().filter(|(tags, _)| has(tags)).map(|(_, what)| (*what).to_owned()));
    if exif.fields().any(|field| field.ifd_num == In::THUMBNAIL) {
        says.push("缩略图".to_owned());
    }
    if says.is_empty() && exif.fields().any(|field| field.tag != Tag::Orientation) {
        says.push("拍摄参数".to_owned());
    }
    says
}

/// A text's plain letters, digits and signs: nothing that a console would obey.
fn shown(value: &Value) -> Option<String> {
    let Value::Ascii(texts) = value else { return None };
    let is_plain = |b: &&u8| b.is_ascii_alphanumeric() || b" .:_/+-".contains(b);
    let plain = texts.first()?.iter().filter(is_plain).take(MAX_SHOWN);
    Some(plain.map(|b| char::from(*b)).collect::<String>().trim().to_owned()).filter(|text| !text.is_empty())
}

/// The place in tenths of a degree, about 11 km: enough to see that it was there.
fn place(exif: &Exif) -> Option<String> {
    let degrees = |tag| {
        let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
        let [degrees, minutes, seconds] = parts.as_slice() else { return None };
        let degrees = degrees.to_f64() + minutes.to_f64() / 60.0 + seconds.to_f64() / 3600.0;
        degrees.is_finite().then(|| format!("{degrees:.1}°"))
    };
    let is = |tag, letter| {
        exif.get_field(tag, In::PRIMARY)
            .is_some_and(|f| matches!(&f.value, Value::Ascii(t) if t.iter().any(|t| t == letter)))
    };
    let north = if is(Tag::GPSLatitudeRef, b"S") { "南纬" } else { "北纬" };
    let east = if is(Tag::GPSLongitudeRef, b"W") { "西经" } else { "东经" };
    Some(format!("约{north} {}、{east} {}", degrees(Tag::GPSLatitude)?, degrees(Tag::GPSLongitude)?))
}

/// An EXIF that holds the direction and nothing else.
pub fn only_turn(turn: u16) -> Vec<u8> {
    let [high, low] = turn.to_be_bytes();
    let [tag_high, tag_low] = TURN.to_be_bytes();
    let field = [tag_high, tag_low, 0, 3, 0, 0, 0, 1, high, low, 0, 0];
    // Big-endian TIFF; the directory at byte 8 with one field; none after it.
    [&b"MM\0*\0\0\0\x08\0\x01"[..], &field, &[0; 4]].concat()
}
