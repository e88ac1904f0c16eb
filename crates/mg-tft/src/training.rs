//! Training: rounds of steps, each followed by a judgement on what was kept apart.

mod checkpoint;
mod windows;

use burn::{
    grad_clipping::GradientClippingConfig,
    module::Module,
    optim::{AdamConfig, GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor},
};

use crate::{
    batch::Batch,
    chance::Chance,
    draws::Draws,
    envelope,
    failure::Failure,
    loss::quantile_loss,
    network::Network,
    panel::{Panel, Series},
    shape::{Settings, Shape},
    weights::{Origin, Weights},
};
use windows::Windows;

/// The share of windows whose series is not named: the network must know what to do with one that it never saw.
const UNNAMED: f64 = 0.05;

/// A network on its way.
pub struct Training<'a> {
    panel: &'a [Series],
    /// Of the panel: what was begun on one is not resumed on another.
    fingerprint: String,
    shape: Shape,
    settings: Settings,
    device: Device,
    windows: Windows,
    network: Network,
    optimizer: ModuleOptimizer,
    best: Network,
    state: State,
}

impl std::fmt::Debug for Training<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Training")
            .field("shape", &self.shape)
            .field("settings", &self.settings)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Where training is.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct State {
    step: usize,
    best_step: usize,
    best_loss: Option<f64>,
    /// Rounds since the best.
    rounds_since: usize,
}

/// What a round brought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Round {
    /// Steps so far.
    pub step: usize,
    /// The mean loss of the steps of this round.
    pub learnt: f64,
    /// The loss on what was kept apart.
    pub judged: f64,
    /// Whether it is the smallest so far.
    pub is_best: bool,
}

impl<'a> Training<'a> {
    /// A new network for a panel.
    ///
    /// # Errors
    /// A shape or series that cannot be, or [`Failure::NothingToLearn`].
    pub fn begin(
        panel: &'a Panel,
        shape: Shape,
        settings: Settings,
        device: &Device,
    ) -> Result<Self, Failure> {
        shape.check()?;
        settings.check()?;
        for series in &panel.series {
            series.check(&shape)?;
        }
        let device = device.clone().autodiff();
        let network = Network::new(&shape, &mut Draws::new(settings.seed, &device));
        let windows = Windows::of(&panel.series, &shape, &settings);
        if windows.is_empty() {
            return Err(Failure::NothingToLearn {
                needed: shape.least_history() + 1,
                kept_apart: settings.kept_apart,
            });
        }
        Ok(Self {
            panel: &panel.series,
            fingerprint: envelope::fingerprint(panel)?,
            best: network.valid(),
            shape,
            settings,
            device,
            windows,
            network,
            optimizer: optimizer(),
            state: State {
                step: 0,
                best_step: 0,
                best_loss: None,
                rounds_since: 0,
            },
        })
    }

    /// Steps at most, and those made.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        (self.state.step, self.settings.steps)
    }

    /// How many parameters the network has.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.network.num_params()
    }

    /// One more round; none once the steps are made or the network no longer gets better.
    ///
    /// # Errors
    /// [`Failure::Diverged`].
    pub fn round(&mut self) -> Result<Option<Round>, Failure> {
        let is_patient = self.state.rounds_since < self.settings.patience;
        let until = self
            .settings
            .steps
            .min(self.state.step + self.settings.round);
        if self.state.step >= until || !is_patient {
            return Ok(None);
        }
        let count = (until - self.state.step) as f64;
        let mut learnt = 0.0;
        while self.state.step < until {
            learnt += self.learn()? / count;
        }
        let judged = self.judge()?;
        let is_best = self.state.best_loss.is_none_or(|best| judged < best);
        if is_best {
            self.best = self.network.valid();
            self.state.best_loss = Some(judged);
            self.state.best_step = self.state.step;
            self.state.rounds_since = 0;
        } else {
            self.state.rounds_since += 1;
        }
        Ok(Some(Round {
            step: self.state.step,
            learnt,
            judged,
            is_best,
        }))
    }

    /// The best network so far, learnt from a release of the data, and from nothing from that month on.
    #[must_use]
    pub fn best(&self, vintage: &str, learnt_until: Option<(i16, u8)>) -> Weights {
        let origin = Origin {
            vintage: vintage.to_owned(),
            learnt_until,
            settings: self.settings.clone(),
            step: self.state.best_step,
            loss: self.state.best_loss.unwrap_or(f64::MAX),
            series: self.panel.len(),
        };
        Weights::of(self.shape.clone(), origin, &self.best, self.device.clone())
    }

    /// One step; its loss.
    fn learn(&mut self) -> Result<f64, Failure> {
        let (step, settings) = (self.state.step, &self.settings);
        let places = self.windows.draw(settings.batch, settings.seed, step);
        let batch = Batch::of(self.panel, &places, &self.shape, &self.device);
        let chance = Chance::of(settings.dropout, settings.seed, step);
        let loss = loss(&self.network, &batch, &self.shape, &chance);
        let value = number(&loss).ok_or(Failure::Diverged { step })?;
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        let rate = rate(settings, step);
        self.network = self.optimizer.step(rate, self.network.clone(), gradients);
        self.state.step += 1;
        Ok(value)
    }

    /// The mean loss at the origins kept apart, each batch by its known targets.
    fn judge(&self) -> Result<f64, Failure> {
        let (network, device) = (self.network.valid(), self.device.clone().without_autodiff());
        let (mut sum, mut count) = (0.0, 0.0);
        for places in self.windows.judging().chunks(256) {
            let batch = Batch::of(self.panel, places, &self.shape, &device);
            let known = number(&batch.counted.clone().sum()).unwrap_or_default();
            let loss = loss(&network, &batch, &self.shape, &Chance::none());
            let step = self.state.step;
            sum += number(&loss).ok_or(Failure::Diverged { step })? * known;
            count += known;
        }
        Ok(sum / f64::max(count, 1.0))
    }
}

fn loss(network: &Network, batch: &Batch, shape: &Shape, chance: &Chance) -> Tensor<1> {
    quantile_loss(
        network.forward(batch, chance).quantiles,
        batch.targets.clone(),
        batch.counted.clone(),
        &shape.quantiles,
    )
}

fn optimizer() -> ModuleOptimizer {
    AdamConfig::new()
        .with_epsilon(1e-8)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init()
}

/// Along a cosine from the first rate to a hundredth of it.
fn rate(settings: &Settings, step: usize) -> f64 {
    let share = step as f64 / settings.steps as f64;
    let fall = f64::midpoint(1.0, (std::f64::consts::PI * share).cos());
    settings.learning_rate * (0.01 + 0.99 * fall)
}

fn number(tensor: &Tensor<1>) -> Option<f64> {
    let value = tensor.clone().try_into_scalar::<f32>().ok()?;
    Some(f64::from(value)).filter(|value| value.is_finite())
}
