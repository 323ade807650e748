//! One server's answers.

use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Result, anyhow};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use clap::ValueEnum;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::mint::{MintError, Wish};
use super::public::PublicUrl;
use super::upstream::{Upstream, is_loopback};
use super::{Mount, RecordingOptions, Settings, files, mint, policy, simulator};

/// Whether pages get the headers that isolate them, and with that `SharedArrayBuffer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Isolation {
    /// `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`.
    Isolated,
    /// Without them, as on most servers.
    Plain,
}

/// Everything a request can be answered from.
#[derive(Debug)]
pub(super) struct Site {
    mounts: Vec<Mount>,
    isolation: Isolation,
    upstream: Upstream,
    public: Option<PublicUrl>,
    config: Value,
    simulator: Router,
    recordings: RecordingOptions,
}

impl Site {
    /// A site at `port`.
    pub(super) fn new(settings: Settings, port: u16) -> Self {
        let Settings { isolation, mounts, upstream, recordings, public, .. } = settings;
        let mut config = json!({ "mode": upstream.mode(), "endpoint": upstream.endpoint(port), "model": upstream.model() });
        if let Some(wish) = recordings.wish() {
            config["record"] = wish;
        }
        let simulator = match &upstream {
            Upstream::Simulator { recording, .. } => simulator::router(recording.clone()),
            Upstream::Service { .. } => Router::new(),
        };
        Self { mounts, isolation, upstream, public, config, simulator, recordings }
    }

    /// What the page is told that was asked for by this name. The simulator is where the page is.
    fn config_for(&self, headers: &HeaderMap) -> Value {
        let mut config = self.config.clone();
        if let (Some(public), Upstream::Simulator { .. }) = (self.public_of(headers), &self.upstream) {
            config["endpoint"] = public.endpoint().into();
        }
        config
    }

    /// The public address, if the request came by it.
    fn public_of(&self, headers: &HeaderMap) -> Option<&PublicUrl> {
        let host = headers.get(header::HOST)?.to_str().ok()?;
        self.public.as_ref().filter(|public| public.is_at(host))
    }

    /// Whether the request names this machine, or the public address that leads here. A name that a stranger's name server
    /// points here does not: his page would be of our origin.
    fn is_for_us(&self, headers: &HeaderMap) -> bool {
        is_for_this_machine(headers) || self.public_of(headers).is_some()
    }

    /// Whether the request comes from a page of this server, or from no page at all. Each token costs the key's owner: a
    /// page from elsewhere cannot read one, but could have them minted.
    fn is_own_page(&self, headers: &HeaderMap) -> bool {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let own = match self.public_of(headers) {
            Some(public) => Some(public.origin()),
            None => text("host").map(|host| format!("http://{host}")),
        };
        let is_own_origin = text("origin").is_none_or(|origin| Some(origin) == own.as_deref());
        is_own_origin && text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"))
    }

    /// Asks for a token, so that a key that is no good is noticed now and not when a user has begun to speak.
    pub(super) async fn probe(&self) -> Result<()> {
        self.token().await.map(|_| ()).map_err(|error| anyhow!("{}", error.message))
    }

    /// The site as something that can be served.
    pub(super) fn into_router(self: Arc<Self>) -> Router {
        Router::new().fallback(answer).with_state(self)
    }

    async fn token(&self) -> Result<Value, MintError> {
        let wish = Wish::at(SystemTime::now());
        match &self.upstream {
            Upstream::Simulator { .. } => mint::from_simulator(self.simulator.clone(), &wish).await,
            Upstream::Service { base, key, .. } => {
                let (base, key) = (base.clone(), key.clone());
                let asked = tokio::task::spawn_blocking(move || mint::from_service(&base, &key, &wish));
                asked.await.unwrap_or_else(|_| {
                    Err(mint::unusable("The token endpoint failed.", "Restart the demo."))
                })
            }
        }
    }

    async fn token_response(&self, method: &Method, headers: &HeaderMap) -> Response {
        if !self.is_own_page(headers) {
            return refusal(StatusCode::FORBIDDEN, "wrong-origin", "tokens are for the page served here");
        }
        // Not GET: browsers send that on their own, and some old ones do not say for whom.
        if method != Method::POST {
            return refusal(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", "ask for a token with POST");
        }
        match self.token().await {
            Ok(token) => respond(StatusCode::OK, JSON, token.to_string()),
            Err(error) => {
                eprintln!("token: {}", error.message);
                refusal(StatusCode::BAD_GATEWAY, error.code.as_str(), &error.message)
            }
        }
    }

    /// Takes a recording of the page's. Only of this server's page: it is written to a disk.
    async fn recording_response(&self, asked: &Parts, body: Body) -> Response {
        if !self.is_own_page(&asked.headers) {
            return refusal(
                StatusCode::FORBIDDEN,
                "wrong-origin",
                "recordings are taken of the page served here",
            );
        }
        if asked.method != Method::POST {
            return refusal(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", "give a recording with POST");
        }
        let Ok(text) = to_bytes(body, LARGEST_RECORDING).await else {
            return refusal(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "the recording is too large");
        };
        match self.recordings.keep(&String::from_utf8_lossy(&text)) {
            Ok(path) => {
                println!("  recorded {}", path.display());
                respond(StatusCode::CREATED, JSON, json!({ "file": path }).to_string())
            }
            Err(error) => {
                eprintln!("recording: {error:#}");
                refusal(StatusCode::UNPROCESSABLE_ENTITY, "not-kept", &format!("{error:#}"))
            }
        }
    }

    async fn file(&self, asked: &Parts) -> Response {
        if ![Method::GET, Method::HEAD].contains(&asked.method) {
            return refusal(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", "files are asked for with GET");
        }
        match files::answer(&self.mounts, asked).await {
            Some(response) => self.with_policy(asked, response).await,
            None => refusal(StatusCode::NOT_FOUND, "not-found", "there is no such file here"),
        }
    }

    /// The demo pages' policy, and that of scripts; the tests' own pages do things that no page should.
    async fn with_policy(&self, asked: &Parts, response: Response) -> Response {
        let (mut parts, mut body) = response.into_parts();
        let kind = parts.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        let policy = match asked.uri.path() {
            "/" | "/index.html" | "/check.html" => {
                let page = to_bytes(body, LARGEST_PAGE).await.unwrap_or_default();
                let config = self.config_for(&asked.headers);
                let endpoint = config["endpoint"].as_str().unwrap_or_default();
                let policy = policy::of_page(&String::from_utf8_lossy(&page), endpoint);
                body = page.into();
                Some(policy)
            }
            _ if kind.starts_with(b"text/javascript") => Some(policy::OF_WORKER.to_owned()),
            _ => None,
        };
        if let Some(policy) = policy.and_then(|policy| HeaderValue::try_from(policy).ok()) {
            parts.headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        Response::from_parts(parts, body)
    }
}

async fn answer(State(site): State<Arc<Site>>, request: Request) -> Response {
    if !site.is_for_us(request.headers()) {
        let message = "open this server as http://127.0.0.1 or http://localhost, or name the address that leads here with --public-url";
        return refusal(StatusCode::MISDIRECTED_REQUEST, "wrong-host", message);
    }
    if simulator::is_inspection(request.uri().path()) && site.public_of(request.headers()).is_some() {
        // It has what was said to it, by whomever.
        return refusal(
            StatusCode::FORBIDDEN,
            "not-public",
            "look into the simulator from the machine it runs on",
        );
    }
    if simulator::answers(request.uri().path()) {
        let Ok(response) = site.simulator.clone().oneshot(request).await;
        return response;
    }
    let (asked, body) = request.into_parts();
    let mut response = match asked.uri.path() {
        "/token" => site.token_response(&asked.method, &asked.headers).await,
        "/recording" if site.recordings.wish().is_some() => site.recording_response(&asked, body).await,
        "/config.json" => respond(StatusCode::OK, JSON, site.config_for(&asked.headers).to_string()),
        _ => site.file(&asked).await,
    };
    response.headers_mut().extend(headers(site.isolation));
    response
}

/// The headers of everything but the simulator's own answers.
fn headers(isolation: Isolation) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let always = [("cache-control", "no-store"), ("x-content-type-options", "nosniff")];
    let isolating = [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    let isolating = isolating.into_iter().filter(move |_| isolation == Isolation::Isolated);
    always
        .into_iter()
        .chain(isolating)
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
}

/// Whether the request names this machine.
fn is_for_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    is_loopback(name)
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    respond(status, JSON, json!({ "error": { "code": code, "message": message } }).to_string())
}

fn respond(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

const JSON: &str = "application/json";

/// In bytes: the page keeps up to 60 MiB.
const LARGEST_RECORDING: usize = 64 << 20;

/// In bytes. What is longer is no page of ours.
const LARGEST_PAGE: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn site(isolation: Isolation) -> Router {
        site_of(isolation, vec![Mount::new("/", Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))])
    }

    fn site_of(isolation: Isolation, mounts: Vec<Mount>) -> Router {
        let (upstream, recordings) = (Upstream::simulator(), RecordingOptions::default());
        let public = Some("https://phone.example".parse().expect("an address"));
        let settings = Settings { port: 0, isolation, mounts, upstream, recordings, public };
        Arc::new(Site::new(settings, 81)).into_router()
    }

    fn ask(isolation: Isolation, request: axum::http::request::Builder) -> (StatusCode, HeaderMap, String) {
        ask_of(site(isolation), request)
    }

    fn ask_of(site: Router, request: axum::http::request::Builder) -> (StatusCode, HeaderMap, String) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let request = request.body(Body::empty()).expect("a request");
            let (parts, body) = site.oneshot(request).await.expect("an answer").into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a body");
            (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
        })
    }

    fn get(path: &str) -> axum::http::request::Builder {
        Request::builder().uri(path).header("host", "127.0.0.1:81")
    }

    #[test]
    fn an_isolated_page_gets_both_headers_and_a_plain_one_neither() {
        let (status, headers, _) = ask(Isolation::Isolated, get("/main.rs"));
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(headers["cross-origin-embedder-policy"], "require-corp");
        assert_eq!(headers["cache-control"], "no-store");
        let (status, headers, _) = ask(Isolation::Plain, get("/main.rs"));
        assert_eq!(status, StatusCode::OK);
        assert!(headers.keys().all(|name| !name.as_str().starts_with("cross-origin")), "{headers:?}");
        assert_eq!(headers["cache-control"], "no-store");
    }

    #[test]
    fn the_demo_page_and_its_scripts_have_a_policy() {
        let www = Path::new(env!("CARGO_MANIFEST_DIR")).join("../www");
        let policy = |path: &str| {
            let mounts = [("/tests/", "../tests/e2e/pages"), ("/pkg/", "package"), ("/", "demo")];
            let mounts = mounts.map(|(prefix, folder)| Mount::new(prefix, www.join(folder)));
            let (status, headers, body) = ask_of(site_of(Isolation::Plain, mounts.to_vec()), get(path));
            assert_eq!((status, body.is_empty()), (StatusCode::OK, false), "{path}");
            headers.get("content-security-policy").map(|policy| policy.to_str().expect("text").to_owned())
        };
        let page = policy("/").expect("a policy");
        assert!(
            page.contains("connect-src 'self' ws://127.0.0.1:81;") && page.contains("'sha256-"),
            "{page}"
        );
        assert_eq!(policy("/index.html"), Some(page));
        assert!(policy("/check.html").is_some_and(|policy| policy.contains("'sha256-")));
        assert_eq!(policy("/pkg/entry.js").as_deref(), Some(policy::OF_WORKER));
        assert_eq!(policy("/tests/bench.html"), None);
    }

    #[test]
    fn a_name_that_is_not_this_machines_gets_nothing() {
        for host in ["evil.example", "evil.example:81", "127.0.0.1.evil.example", "192.168.0.1:81"] {
            let (status, ..) =
                ask(Isolation::Isolated, Request::builder().uri("/config.json").header("host", host));
            assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{host}");
        }
        for host in ["localhost", "localhost:81", "127.0.0.1", "[::1]:81", "[::1]"] {
            let (status, ..) =
                ask(Isolation::Isolated, Request::builder().uri("/config.json").header("host", host));
            assert_eq!(status, StatusCode::OK, "{host}");
        }
    }

    #[test]
    fn a_page_from_elsewhere_gets_no_token() {
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "http://127.0.0.1:82"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let (status, _, body) =
                ask(Isolation::Isolated, get("/token").method("POST").header(name, value));
            assert_eq!(status, StatusCode::FORBIDDEN, "{name}: {value}");
            assert!(!body.contains("auth_tokens"), "{body}");
        }
    }

    #[test]
    fn a_page_by_the_public_address_gets_a_token_and_is_told_to_come_back_by_it() {
        let by = |host: &str, path: &str| Request::builder().uri(path).header("host", host);
        let token = |origin: &str| {
            let request = by("phone.example", "/token").method("POST").header("origin", origin);
            ask(Isolation::Isolated, request.header("sec-fetch-site", "same-origin")).0
        };
        assert_eq!(token("https://phone.example"), StatusCode::OK);
        assert_eq!(token("http://phone.example"), StatusCode::FORBIDDEN);
        assert_eq!(token("https://evil.example"), StatusCode::FORBIDDEN);
        for (host, expected) in [("phone.example", StatusCode::FORBIDDEN), ("127.0.0.1:81", StatusCode::OK)] {
            let (status, ..) = ask(Isolation::Isolated, by(host, "/_simulator/connections"));
            assert_eq!(status, expected, "{host}");
        }
        let endpoint = |host: &str| {
            let (_, _, body) = ask(Isolation::Isolated, by(host, "/config.json"));
            serde_json::from_str::<Value>(&body).expect("json")["endpoint"].clone()
        };
        assert_eq!(endpoint("phone.example"), "wss://phone.example");
        assert_eq!(endpoint("127.0.0.1:81"), "ws://127.0.0.1:81");
    }

    #[test]
    fn the_page_served_here_gets_a_token() {
        let request = get("/token").method("POST").header("origin", "http://127.0.0.1:81");
        let (status, _, body) = ask(Isolation::Isolated, request.header("sec-fetch-site", "same-origin"));
        assert_eq!(status, StatusCode::OK, "{body}");
        let answer: Value = serde_json::from_str(&body).expect("json");
        assert!(answer["token"].as_str().is_some_and(|token| token.starts_with("auth_tokens/")), "{body}");
        assert!(answer["expireTime"].is_string() && answer["newSessionExpireTime"].is_string(), "{body}");
    }

    #[test]
    fn the_page_is_told_where_to_connect() {
        let (_, headers, body) = ask(Isolation::Isolated, get("/config.json"));
        let config: Value = serde_json::from_str(&body).expect("json");
        assert_eq!(
            config,
            json!({ "mode": "simulator", "endpoint": "ws://127.0.0.1:81", "model": "sim-parrot" })
        );
        assert_eq!(headers["content-type"], "application/json");
    }

    #[test]
    fn what_is_not_there_and_what_cannot_be_done_is_said_as_json() {
        for (request, expected) in [
            (get("/nothing.html"), StatusCode::NOT_FOUND),
            (get("/../Cargo.toml"), StatusCode::NOT_FOUND),
            (get("/main.rs").method("DELETE"), StatusCode::METHOD_NOT_ALLOWED),
            (get("/token").method("PUT"), StatusCode::METHOD_NOT_ALLOWED),
            (get("/token"), StatusCode::METHOD_NOT_ALLOWED),
            (get("/recording").method("POST"), StatusCode::METHOD_NOT_ALLOWED),
        ] {
            let (status, _, body) = ask(Isolation::Isolated, request);
            assert_eq!(status, expected);
            let answer: Value = serde_json::from_str(&body).expect("json");
            assert!(answer["error"]["code"].is_string() && answer["error"]["message"].is_string(), "{body}");
        }
    }
}
