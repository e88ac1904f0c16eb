//! Attention whose weights can be read: the heads share their values.

use burn::{
    module::Module,
    tensor::{Tensor, activation::softmax},
};

use super::Affine;
use crate::{chance::Chance, draws::Draws};

/// `Ã = 1/H Σ_h softmax(Q_h K_hᵀ / √d_k + M)` and `Ã V W_H` (equations 13 to 16). Each head has queries and keys of its own,
/// all have the same values, so that `Ã` says which steps counted. Queries are those of the horizon: outputs of earlier
/// steps are used nowhere.
#[derive(Module, Debug)]
pub(crate) struct InterpretableAttention {
    query: Affine,
    key: Affine,
    value: Affine,
    output: Affine,
    heads: usize,
}

/// What was attended to.
#[derive(Debug)]
pub(crate) struct Attended {
    /// `[1, H · B, width]`.
    pub(crate) values: Tensor<3>,
    /// `[B, H, T]`; each row sums to one.
    pub(crate) weights: Tensor<3>,
}

impl InterpretableAttention {
    /// `width` is a multiple of `heads`.
    pub(crate) fn new(width: usize, heads: usize, draws: &mut Draws) -> Self {
        let head = width / heads;
        Self {
            query: Affine::new(1, width, head * heads, draws),
            key: Affine::new(1, width, head * heads, draws),
            value: Affine::new(1, width, head, draws),
            output: Affine::new(1, head, width, draws),
            heads,
        }
    }

    /// From the last `horizon` of all steps, `[1, T · B, width]`, and a mask `[B, H, T]` that is 0 where a step may be seen
    /// and very low where not.
    pub(crate) fn forward(&self, steps: &Tensor<3>, mask: Tensor<3>, chance: &Chance) -> Attended {
        let [windows, horizon, all] = mask.dims();
        let past = (all - horizon) * windows;
        let asking = steps.clone().narrow(1, past, horizon * windows);
        let queries = self.by_head(self.query.forward(asking), windows);
        let keys = self.by_head(self.key.forward(steps.clone()), windows);
        let scale = 1.0 / (queries.dims()[3] as f64).sqrt();
        let scores = queries.matmul(keys.swap_dims(2, 3)) * scale;
        let scores = scores + mask.reshape([windows, 1, horizon, all]);
        let weights = softmax(scores, 3).mean_dim(1);
        let weights = weights.reshape([windows, horizon, all]);
        let values = self.value.forward(steps.clone());
        let head = values.dims()[2];
        let values = values.reshape([all, windows, head]).swap_dims(0, 1);
        let seen = chance.drop(weights.clone()).matmul(values);
        let seen = seen.swap_dims(0, 1).reshape([1, horizon * windows, head]);
        Attended {
            values: self.output.forward(seen),
            weights,
        }
    }

    /// `[1, T · B, width]` to `[B, heads, T, width / heads]`.
    fn by_head(&self, rows: Tensor<3>, windows: usize) -> Tensor<4> {
        let [_, count, width] = rows.dims();
        rows.reshape([count / windows, windows, self.heads, width / self.heads])
            .permute([1, 2, 0, 3])
    }
}
