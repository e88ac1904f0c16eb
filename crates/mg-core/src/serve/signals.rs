//! SIGTERM and Ctrl-C: every one of them asks for the next step of the end.

use tokio_util::sync::CancellationToken;

/// Cancels the first token at the first signal, the second one at the second.
///
/// # Errors
///
/// When the system does not let signals be awaited.
#[cfg(unix)]
pub(super) fn cancel_on_signal<const N: usize>(
    steps: [&CancellationToken; N],
) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let steps = steps.map(CancellationToken::clone);
    tokio::spawn(async move {
        for step in steps {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            step.cancel();
        }
    });
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn cancel_on_signal<const N: usize>(
    steps: [&CancellationToken; N],
) -> std::io::Result<()> {
    let steps = steps.map(CancellationToken::clone);
    tokio::spawn(async move {
        for step in steps {
            if tokio::signal::ctrl_c().await.is_ok() {
                step.cancel();
            }
        }
    });
    Ok(())
}
