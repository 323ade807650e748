//! The page for people, and the path that says that there is somebody.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::Simulator;

/// What people and test runners open first.
pub(super) fn routes() -> Router<Simulator> {
    let page = || get(async || file("text/html; charset=utf-8", include_str!("../page/index.html")));
    Router::new()
        .route("/", page())
        .route("/_simulator/", page())
        .route("/_simulator/page.js", get(async || file("text/javascript", include_str!("../page/page.js"))))
        .route("/_simulator/page.css", get(async || file("text/css", include_str!("../page/page.css"))))
        .route("/_simulator/icon.svg", get(async || file("image/svg+xml", include_str!("../page/icon.svg"))))
        .route("/_simulator/health", get(async || "ok\n"))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers.map(|(name, value): (HeaderName, &str)| (name, HeaderValue::from_static(value))), text)
        .into_response()
}

/// The page shows what applications were told and what models said: nothing of that may become a script, or leave.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
