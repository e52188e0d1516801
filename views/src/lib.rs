//! From verified data to HTML, for server, phone and loopback pages alike.
