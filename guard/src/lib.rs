//! The privacy guard: what may not be published anywhere, found before it is.
//!
//! In scope: numbers and words that name a person ([`patterns`]), in an entry ([`entry`]) and in the name, text and
//! properties of an attachment ([`attachment`]); what an attachment may be at all. The clerk's tool runs it before
//! sealing, the server again before it takes anything (formats.md section 3, domain.md sections 2.5 and 3.4).
//!
//! Out of scope: names of persons (`clerk` keeps them out), what stands in pictures' pixels, taking anything out.

mod attachment;
mod entry;
mod hit;
mod limits;
mod media;
mod numbers;
pub mod patterns;
mod pdf;
mod picture;
mod sheet;
mod text;
mod words;

pub use attachment::{GuardError, attachment};
pub use entry::entry;
pub use hit::{Hit, Place, What, Why};
pub use limits::{MAX_BYTES, MAX_HITS, MAX_PAGES, MAX_PARTS, MAX_TEXT, MAX_UNPACKED};
pub use media::Media;
pub use words::Class;
