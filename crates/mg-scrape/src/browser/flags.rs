//! The browser's command line.

use std::{net::SocketAddr, path::Path};

/// What keeps the browser from everything but the pages it is told to open.
const FLAGS: [&str; 38] = [
    "--headless",
    "--remote-debugging-pipe",
    // Every connection goes through the guarding proxy, those to this machine too, and no name is looked up here.
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--dns-prefetch-disable",
    // The headless shell follows the one, the full browser the other; without its own each sends UDP past the proxy.
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    // Nothing on its own account.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--no-pings",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,InterestFeedContentSuggestions",
    // A page has one window, and is looked at as if it were in front.
    "--block-new-web-contents",
    // What a window has shown is gone, and not kept for the way back.
    "--disable-back-forward-cache",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--hide-scrollbars",
    "--window-size=1280,1024",
    // Nothing of the machine: no graphics, sound, key store, or shared memory beyond what containers have.
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
    "--disable-dev-shm-usage",
    // The most that the scripts of a page may hold; its process as a whole is watched.
    "--js-flags=--max-old-space-size=512",
    "--lang=fr",
    "--accept-lang=fr-FR,fr,en",
    "--log-level=3",
];

/// The whole command line: this profile, that proxy, without a sandbox where there can be none.
pub(super) fn flags(
    profile: &Path,
    proxy: SocketAddr,
    user_agent: Option<&str>,
    sandboxed: bool,
) -> Vec<String> {
    let mut flags: Vec<String> = FLAGS.map(String::from).into();
    flags.push(format!("--user-data-dir={}", profile.display()));
    flags.push(format!("--proxy-server=http://{proxy}"));
    flags.extend(user_agent.map(|name| format!("--user-agent={name}")));
    flags.extend((!sandboxed).then(|| "--no-sandbox".to_owned()));
    flags.push("about:blank".to_owned());
    flags
}
