//! A trained network: what it is, where it comes from, and its file.

use burn::{
    module::Module,
    store::ModuleRecord,
    tensor::{Bytes, Device},
};
use serde::{Deserialize, Serialize};

use crate::{
    draws::Draws,
    envelope,
    failure::Failure,
    forecast::{Prediction, forecast},
    network::Network,
    panel::Series,
    shape::{Settings, Shape},
};

/// Where weights come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The release of the data that was learnt from.
    pub vintage: String,
    /// Year and month from which on nothing was learnt from, where series are of months: honest backtests begin there.
    pub learnt_until: Option<(i16, u8)>,
    /// How it was trained.
    pub settings: Settings,
    /// After how many steps the network was this good.
    pub step: usize,
    /// Its quantile loss on what was kept apart, in the scale of windows.
    pub loss: f64,
    /// Series learnt from.
    pub series: usize,
}

#[derive(Serialize, Deserialize)]
struct About {
    shape: Shape,
    origin: Origin,
}

/// A network that forecasts.
#[derive(Debug, Clone)]
pub struct Weights {
    shape: Shape,
    origin: Origin,
    network: Network,
    device: Device,
}

impl Weights {
    pub(crate) fn of(shape: Shape, origin: Origin, network: &Network, device: Device) -> Self {
        Self {
            shape,
            origin,
            network: network.valid(),
            device: device.without_autodiff(),
        }
    }

    /// What goes in and comes out.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Where they come from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Forecasts of a series, one for each of `origins`: after so many of its first values.
    ///
    /// # Errors
    /// [`Failure::Series`] where the series lacks what the shape names.
    pub fn forecast(&self, series: &Series, origins: &[usize]) -> Result<Vec<Prediction>, Failure> {
        forecast(&self.network, &self.shape, series, origins, &self.device)
    }

    /// The content of a file.
    ///
    /// # Errors
    /// [`Failure::Damaged`] where the network cannot be written, which its type excludes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Failure> {
        let about = About {
            shape: self.shape.clone(),
            origin: self.origin.clone(),
        };
        envelope::seal(&about, &bytes_of(&self.network)?)
    }

    /// Reads the content of a file.
    ///
    /// # Errors
    /// [`Failure::OtherFormat`] and [`Failure::Damaged`].
    pub fn from_bytes(file: &[u8], device: &Device) -> Result<Self, Failure> {
        let (about, content): (About, _) = envelope::open(file)?;
        about.shape.check()?;
        let device = device.clone().without_autodiff();
        let network = network_of(&about.shape, content, &device)?;
        Ok(Self::of(about.shape, about.origin, &network, device))
    }
}

/// The parameters of a network.
pub(crate) fn bytes_of(network: &Network) -> Result<Vec<u8>, Failure> {
    let bytes = network.clone().into_record().into_bytes();
    Ok(bytes.map_err(|error| damaged(&error))?.to_vec())
}

/// A network of this shape with these parameters.
pub(crate) fn network_of(shape: &Shape, bytes: &[u8], device: &Device) -> Result<Network, Failure> {
    let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes.to_vec()));
    let record = record.map_err(|error| damaged(&error))?;
    let network = Network::new(shape, &mut Draws::new(0, device));
    network
        .try_load_record(record)
        .map_err(|error| damaged(&error))
}

pub(crate) fn damaged(error: &dyn std::fmt::Display) -> Failure {
    Failure::Damaged(error.to_string())
}
