//! When the service is to end.

use tokio::signal;

/// Is ready when the process is asked to end: Ctrl-C, or SIGTERM where there are signals.
///
/// # Panics
///
/// Panics if the system lets nobody wait for them.
pub async fn signal() {
    let interrupted = async {
        signal::ctrl_c().await.expect("a handler of Ctrl-C");
    };
    #[cfg(unix)]
    let terminated = async {
        signal::unix::signal(signal::unix::SignalKind::terminate())
            .expect("a handler of SIGTERM")
            .recv()
            .await;
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
    tracing::info!("told to stop");
}
