//! The content security policy that the demo is served with: as strict as the README says that a page may be.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA256, digest};

/// What the demo page may do: load its own files, compile wasm, and connect to `endpoint`. The import map is the one script
/// that has to stand in the page itself.
pub(super) fn of_page(html: &str, endpoint: &str) -> String {
    let map = html
        .split_once(r#"<script type="importmap">"#)
        .and_then(|(_, rest)| rest.split_once("</script>"))
        .map(|(map, _)| format!(" 'sha256-{}'", BASE64_STANDARD.encode(digest(&SHA256, map.as_bytes()))))
        .unwrap_or_default();
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{map}; connect-src 'self' {endpoint}; \
         frame-ancestors 'none'"
    )
}

/// What a script may do that is a Worker: it has a policy of its own. Where it may connect to is the page's choice, and the
/// tests' pages choose a lot.
pub(super) const OF_WORKER: &str =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http: https: ws: wss:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_import_map_is_allowed_by_its_hash_and_nothing_else_inline() {
        let html = r#"<head><script type="importmap">{}</script><script>alert(1)</script></head>"#;
        let policy = of_page(html, "ws://127.0.0.1:81");
        // printf '{}' | openssl dgst -sha256 -binary | base64
        assert!(policy.contains("'sha256-RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o='"), "{policy}");
        assert!(policy.contains("connect-src 'self' ws://127.0.0.1:81;"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("blob:"), "{policy}");
    }
}
