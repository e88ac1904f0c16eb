//! Training that was stopped goes on where it was, and gets where it would have got.

use burn::{
    module::Module,
    tensor::{Bytes, Device},
};
use serde::{Deserialize, Serialize};

use super::{State, Training, optimizer};
use crate::{
    envelope,
    failure::Failure,
    panel::Panel,
    shape::{Settings, Shape},
    weights::{bytes_of, damaged, network_of},
};

#[derive(Serialize, Deserialize)]
struct About {
    panel: String,
    shape: Shape,
    settings: Settings,
    state: State,
    /// Where each part of the content ends: the network, the best one, what Adam remembers.
    ends: [usize; 3],
}

impl<'a> Training<'a> {
    /// All that is needed to go on.
    ///
    /// # Errors
    /// [`Failure::Damaged`] where it cannot be written, which its type excludes.
    pub fn checkpoint(&self) -> Result<Vec<u8>, Failure> {
        let mut content = bytes_of(&self.network)?;
        let network = content.len();
        content.extend(bytes_of(&self.best)?);
        let best = content.len();
        let remembered = self.optimizer.into_bytes();
        content.extend_from_slice(&remembered.map_err(|error| damaged(&error))?);
        let about = About {
            panel: self.fingerprint.clone(),
            shape: self.shape.clone(),
            settings: self.settings.clone(),
            state: self.state.clone(),
            ends: [network, best, content.len()],
        };
        envelope::seal(&about, &content)
    }

    /// Goes on with the same panel.
    ///
    /// # Errors
    /// [`Failure::OtherFormat`], [`Failure::Damaged`], [`Failure::OtherTraining`] where panel, shape or settings are others
    /// than those the file was made with, and as [`Training::begin`].
    pub fn resume(
        panel: &'a Panel,
        shape: Shape,
        settings: Settings,
        file: &[u8],
        device: &Device,
    ) -> Result<Self, Failure> {
        let (about, content): (About, _) = envelope::open(file)?;
        let part = |from: usize, to: usize| {
            let part = content.get(from..to);
            part.ok_or_else(|| Failure::Damaged("a part is lacking".into()))
        };
        let [network, best, end] = about.ends;
        let mut training = Self::begin(panel, shape, settings, device)?;
        if !training.is_of(&about) {
            return Err(Failure::OtherTraining);
        }
        let read = |from, to| network_of(&training.shape, part(from, to)?, &training.device);
        let (last, best_so_far) = (read(0, network)?, read(network, best)?);
        let remembered = Bytes::from_bytes_vec(part(best, end)?.to_vec());
        training.network = last;
        training.best = best_so_far.valid();
        training.optimizer = optimizer()
            .from_bytes(remembered)
            .map_err(|error| damaged(&error))?;
        training.state = about.state;
        Ok(training)
    }

    fn is_of(&self, about: &About) -> bool {
        about.panel == self.fingerprint
            && about.shape == self.shape
            && about.settings == self.settings
    }
}
