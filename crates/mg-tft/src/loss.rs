//! The quantile loss.

use burn::tensor::{Tensor, TensorData};

/// `Σ m · max(q (y − ŷ), (q − 1) (y − ŷ)) / (Σ m · |Q|)` over quantiles `q` (equations 24 and 25): `m` is 0 where `y` is not
/// known. Doubled, so that that of the median is the absolute error.
///
/// `said` is `[1, rows, quantiles]`, `targets` and `counted` `[1, rows, 1]`.
pub(crate) fn quantile_loss(
    said: Tensor<3>,
    targets: Tensor<3>,
    counted: Tensor<3>,
    quantiles: &[f64],
) -> Tensor<1> {
    let shares: Vec<f32> = quantiles.iter().map(|share| *share as f32).collect();
    let options = (&said.device(), said.dtype());
    let shares = TensorData::new(shares, [1, 1, quantiles.len()]);
    let shares = Tensor::<3>::from_data(shares, options);
    let error = targets - said;
    // max(q e, (q - 1) e) = q e + max(-e, 0)
    let below = burn::tensor::activation::relu(-error.clone());
    let count = counted.clone().sum() * quantiles.len() as f64;
    let sum = ((error * shares + below) * counted).sum();
    sum * 2.0 / count.clamp_min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processor;

    #[test]
    fn the_median_pays_the_absolute_error_and_others_pay_by_side() {
        let device = processor();
        let tensor =
            |values: [[f32; 2]; 2]| Tensor::<2>::from_data(values, &device).unsqueeze_dim(0);
        let said: Tensor<3> = tensor([[0.0, 0.0], [9.0, 9.0]]);
        let targets = Tensor::<3>::from_data([[[2.0], [1.0]]], &device);
        let counted = Tensor::<3>::from_data([[[1.0], [0.0]]], &device);
        let loss = quantile_loss(said, targets, counted, &[0.5, 0.9]);
        let loss: f32 = loss.try_into_scalar().unwrap();
        assert!((loss - (2.0 + 3.6) / 2.0).abs() < 1e-6, "{loss}");
    }
}
