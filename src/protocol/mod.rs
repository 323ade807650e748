//! The wire, and nothing but the wire: what is sent, what is received, where to, and what a close means.

pub mod client;
pub mod close;
pub mod config;
pub mod endpoint;
pub mod server;

/// `snake_case` as `camelCase`; what is not snake_case stays as it is.
fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut is_next_upper = false;
    for letter in name.chars() {
        if letter == '_' && !camel.is_empty() {
            is_next_upper = true;
        } else if is_next_upper {
            camel.push(letter.to_ascii_uppercase());
            is_next_upper = false;
        } else {
            camel.push(letter);
        }
    }
    camel
}
