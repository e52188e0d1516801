//! A QR code as an SVG path.

use qrcodegen::{DataTooLong, QrCode, QrCodeEcc, QrSegment};

/// Modules of white that a reader needs on each side.
pub const QUIET: i32 = 4;

/// Modules on a side, and the dark ones as rectangles one module high.
pub struct Qr {
    /// Modules on a side, without the white around them.
    pub size: i32,
    /// The path's `d`.
    pub path: String,
}

/// The code of an address; what follows its last `=` has capitals and digits only, which take half the room in a mode of
/// their own. Level M: 15% may be dirty or torn.
///
/// # Errors
/// [`DataTooLong`].
pub fn draw(address: &str) -> Result<Qr, DataTooLong> {
    let (head, code) = address.split_at(address.rfind('=').map_or(0, |at| at + 1));
    let segments = match QrSegment::is_alphanumeric(code) {
        true => vec![QrSegment::make_bytes(head.as_bytes()), QrSegment::make_alphanumeric(code)],
        false => vec![QrSegment::make_bytes(address.as_bytes())],
    };
    let qr = QrCode::encode_segments(&segments, QrCodeEcc::Medium)?;
    let mut path = String::new();
    for y in 0..qr.size() {
        let mut x = 0;
        while x < qr.size() {
            let dark = (x..qr.size()).take_while(|x| qr.get_module(*x, y)).count() as i32;
            if dark > 0 {
                path.push_str(&format!("M{x} {y}h{dark}v1h-{dark}z"));
            }
            x += dark + 1;
        }
    }
    Ok(Qr { size: qr.size(), path })
}
