//! The scale of one window: series of permits and of euros look alike to the network.

/// `value = centre + size · scaled`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    centre: f64,
    size: f64,
}

impl Scale {
    /// Of what is known before the origin: the mean of the last year, and how far the values of all the window are from
    /// their mean; a thousandth of the level where they never changed.
    pub(crate) fn of(past: &[Option<f64>], period: usize) -> Self {
        let known: Vec<f64> = past.iter().flatten().copied().collect();
        let last = known.len().saturating_sub(period.max(4));
        let centre = mean(&known[last..]);
        let middle = mean(&known);
        let squares: Vec<f64> = known.iter().map(|value| (value - middle).powi(2)).collect();
        let spread = mean(&squares).sqrt();
        let least = centre.abs().max(middle.abs()) * 1e-3 + 1e-9;
        Self {
            centre,
            size: spread.max(least),
        }
    }

    pub(crate) fn scaled(self, value: f64) -> f32 {
        (((value - self.centre) / self.size).clamp(-20.0, 20.0)) as f32
    }

    pub(crate) fn back(self, scaled: f32) -> f64 {
        self.centre + self.size * f64::from(scaled)
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_scaled_and_back_is_the_same() {
        let past: Vec<Option<f64>> = (0..40)
            .map(|step| (step % 7 != 0).then(|| 1e6 + f64::from(step * step)))
            .collect();
        let scale = Scale::of(&past, 12);
        for value in [1e6, 1_000_900.0, 1_002_000.0] {
            assert!((scale.back(scale.scaled(value)) - value).abs() < 1e-3);
        }
    }

    #[test]
    fn what_never_changed_or_is_not_known_has_a_scale() {
        let flat = Scale::of(&[Some(0.0); 20], 12);
        assert_eq!((flat.scaled(0.0), flat.back(0.0)), (0.0, 0.0));
        assert!(Scale::of(&[None; 5], 12).scaled(3.0).is_finite());
    }
}
