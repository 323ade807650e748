//! The demo's server: static files, a token endpoint, and the simulator when no key is given. At 127.0.0.1 only.

mod files;
mod key;
mod mint;
mod policy;
mod public;
mod recordings;
pub(crate) mod simulator;
mod site;
mod upstream;

use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use gemini_live_simulator::{Line, Lines};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub(crate) use files::Mount;
pub(crate) use public::PublicUrl;
pub(crate) use recordings::RecordingOptions;
pub(crate) use site::Isolation;
pub(crate) use upstream::Upstream;

use crate::workspace::Workspace;
use site::Site;

/// Options of `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// The port to listen on, at 127.0.0.1; 0 takes any that is free
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Whether the page gets the headers that allow SharedArrayBuffer
    #[arg(long, value_enum, default_value_t = Isolation::Isolated)]
    pub(crate) headers: Isolation,
    /// A directory to look in before the demo's own, or PREFIX=DIR to serve it under a prefix such as /fixtures/
    #[arg(long = "root", value_name = "[PREFIX=]DIR")]
    pub(crate) roots: Vec<Mount>,
    #[command(flatten)]
    pub(crate) recordings: RecordingOptions,
}

/// Serves until interrupted.
pub(crate) fn run(workspace: &Workspace, options: &ServeOptions) -> Result<ExitCode> {
    let mut mounts = options.roots.clone();
    mounts.extend(demo_mounts(workspace));
    let site = Settings {
        port: options.port,
        isolation: options.headers,
        mounts,
        upstream: Upstream::playing(options.recordings.played()?)?,
        recordings: options.recordings.clone(),
        public: None,
    };
    let server = Server::start(site)?;
    println!("listening on {}", server.url());
    server.join()
}

/// The demo page at `/`, and the package where the page imports it from.
pub(crate) fn demo_mounts(workspace: &Workspace) -> [Mount; 2] {
    [Mount::new("/pkg/", workspace.package()), Mount::new("/", workspace.path("www/demo"))]
}

/// What to serve, and how.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The port, 0 for any free one.
    pub(crate) port: u16,
    /// Whether pages are cross-origin isolated.
    pub(crate) isolation: Isolation,
    /// The directories served. Of two under the same prefix the first wins.
    pub(crate) mounts: Vec<Mount>,
    /// Where tokens come from.
    pub(crate) upstream: Upstream,
    /// What becomes of the page's recordings.
    pub(crate) recordings: RecordingOptions,
    /// The address by which others reach it, if there is one.
    pub(crate) public: Option<PublicUrl>,
}

/// A running server. It ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    runtime: Runtime,
    port: u16,
}

impl Server {
    /// Binds the port, tries the upstream, and serves in the background.
    pub(crate) fn start(settings: Settings) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listener = runtime.block_on(bind(settings.port))?;
        let port = listener.local_addr()?.port();
        let site = Arc::new(Site::new(settings, port));
        runtime.block_on(site.probe())?;
        runtime.spawn(serve(listener, site.into_router()));
        Ok(Self { runtime, port })
    }

    /// Where the server is to be found.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Serves until the program is interrupted.
    pub(crate) fn join(self) -> Result<ExitCode> {
        self.runtime.block_on(std::future::pending::<()>());
        Ok(ExitCode::SUCCESS)
    }
}

/// Listens at 127.0.0.1.
async fn bind(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            anyhow!("port {port} is taken: end what listens there, or choose another with --port N (0 takes any free one)")
        }
        std::io::ErrorKind::PermissionDenied => {
            anyhow!("port {port} is not for ordinary users: choose one above 1023 with --port N")
        }
        _ => anyhow!("cannot listen on 127.0.0.1:{port}: {error}"),
    })
}

async fn serve(listener: TcpListener, router: axum::Router) -> Result<()> {
    // The simulator's connections can be ended as networks end them; and no small message waits for the next.
    let router = router.into_make_service_with_connect_info::<Line>();
    axum::serve(Lines(listener), router).await.context("the server ended")
}
