//! Base32 for what is printed and typed: RFC 4648 section 6 in capitals without padding, which the alphanumeric mode
//! of QR codes holds in 5.5 bits a character (SPEC section 4.8, rule P-28).

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Eight characters for five bytes; as many as are needed for the last ones.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    let (mut kept, mut bits) = (0_u16, 0);
    let mut put = |five: u16| out.push(ALPHABET.get(usize::from(five & 31)).map_or('A', |c| char::from(*c)));
    for byte in bytes {
        kept = kept << 8 | u16::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            put(kept >> bits);
        }
        kept &= (1 << bits) - 1;
    }
    if bits > 0 {
        put(kept << (5 - bits));
    }
    out
}

/// The bytes of a text; `None` for lower case, padding, other characters, a length that no bytes have and stray bits
/// in the last character: each number of bytes has one spelling.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut kept, mut bits) = (0_u16, 0);
    for c in text.bytes() {
        let five = match c {
            b'A'..=b'Z' => c - b'A',
            b'2'..=b'7' => c - b'2' + 26,
            _ => return None,
        };
        kept = kept << 5 | u16::from(five);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((kept >> bits) as u8);
            kept &= (1 << bits) - 1;
        }
    }
    (bits < 5 && kept == 0).then_some(out)
}
