//! Stand-in for `spider_fingerprint`: mg-scrape never imitates a browser, so nothing here does anything. The crate it stands
//! for downloads a list of browser versions while it is built.

/// How much of a browser is imitated.
pub mod configs {
    /// The degrees of imitation.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Tier {
        /// Little.
        Basic,
        /// Some.
        Low,
        /// More.
        Mid,
        /// All.
        Full,
        /// Nothing: what is always used here.
        #[default]
        None,
    }
}

/// Header names as browsers write them.
pub mod spoof_headers {
    use std::collections::HashMap;

    /// Whether a browser writes this name in title case: never asked for.
    #[must_use]
    pub fn is_title_case_browser_header(_name: &str) -> bool {
        false
    }

    /// Leaves the names as they are.
    #[expect(clippy::implicit_hasher, reason = "the signature of the crate it stands for")]
    pub fn rewrite_headers_to_title_case(_headers: &mut HashMap<String, String>) {}
}

/// The window of a browser.
pub mod spoof_viewport {
    /// Its size and kind.
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    pub struct Viewport {
        /// Pixels across.
        pub width: u32,
        /// Pixels down.
        pub height: u32,
        /// Device pixels a pixel.
        pub device_scale_factor: Option<f64>,
        /// Whether it claims to be a telephone.
        pub emulating_mobile: bool,
        /// Whether it lies on its side.
        pub is_landscape: bool,
        /// Whether it feels fingers.
        pub has_touch: bool,
    }
}
