//! Telephone numbers of the offices that answer, from the signed profiles of the unit and of what it belongs to.

use ledger::bundle::Verified;
use ledger::unit::UnitId;

/// An office and its telephone number.
pub type Contact = (String, String);

/// The numbers in the order in which to call: the unit's own offices, the town's, the district's.
pub fn contacts_of(verified: &Verified) -> Vec<Contact> {
    let above = verified.unit.registries().into_iter().rev();
    let accounts = above.filter_map(|registry| UnitId::of_division(registry.division(), 0));
    let mut out: Vec<Contact> = Vec::new();
    for unit in std::iter::once(verified.unit).chain(accounts) {
        let profile = verified.registry.profile(&unit);
        for contact in profile.map(|p| p.contacts.as_slice()).unwrap_or_default() {
            if !out.iter().any(|(_, phone)| *phone == contact.1) {
                out.push(contact.clone());
            }
        }
    }
    out
}

/// The numbers as a phone remembers them: one a line, office and number with a tab between.
pub fn write_contacts(contacts: &[Contact]) -> String {
    let mut text = String::new();
    for (office, phone) in contacts {
        for part in [office, "\t", phone, "\n"] {
            text.push_str(part);
        }
    }
    text
}

/// Reads them back; lines that are not of the form are left out.
pub fn read_contacts(text: &str) -> Vec<Contact> {
    let mut contacts = Vec::new();
    for (office, phone) in text.split('\n').filter_map(|line| line.split_once('\t')) {
        contacts.push((office.to_owned(), phone.to_owned()));
    }
    contacts
}
