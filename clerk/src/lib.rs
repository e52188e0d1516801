//! The township clerk: from Excel rows to sealed, published entries.
