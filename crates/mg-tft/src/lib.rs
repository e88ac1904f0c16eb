//! A Temporal Fusion Transformer (Lim, Arık, Loeff and Pfister, 2021): one network over a panel of series, which learns from
//! all of them together and says which inputs and which steps a forecast rests on.
//!
//! [`Training`] makes [`Weights`] from a [`Panel`]; [`Weights::forecast`] answers. Everything is numbers: the same panel, shape
//! and seed give the same weights. It computes on whatever [`burn::tensor::Device`] it is given; the feature `gpu` adds
//! graphics cards.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "the network computes in single precision; counts are far below what that holds"
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::cast_sign_loss,
        clippy::float_cmp,
        reason = "tests stop at the first surprise and know their numbers"
    )
)]

mod batch;
mod block;
mod chance;
mod draws;
mod envelope;
mod failure;
mod forecast;
mod loss;
mod network;
mod panel;
mod scale;
mod shape;
mod training;
mod weights;
mod window;

pub use burn::tensor::Device;
pub use failure::Failure;
pub use forecast::Prediction;
pub use panel::{Panel, Series};
pub use shape::{Settings, Shape, Variable};
pub use training::{Round, Training};
pub use weights::{Origin, Weights};

/// The processor.
#[must_use]
pub fn processor() -> Device {
    Device::flex()
}

/// Where training is fastest: the best graphics card with the feature `gpu`, else the processor. Each makes the same weights of
/// the same seed anew; one does not make those of the other.
#[must_use]
pub fn fastest() -> Device {
    #[cfg(feature = "gpu")]
    return Device::wgpu(burn::tensor::DeviceKind::DefaultDevice);
    #[cfg(not(feature = "gpu"))]
    processor()
}
