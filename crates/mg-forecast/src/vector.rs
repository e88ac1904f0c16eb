//! Lists of numbers of one length.

/// `Σ left · right`. Four sums beside each other: one alone waits for each addition before the next.
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    let ((left, left_end), (right, right_end)) = (left.as_chunks::<4>(), right.as_chunks::<4>());
    let mut sums = [0.0; 4];
    for (left, right) in left.iter().zip(right) {
        for lane in 0..4 {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let end: f64 = left_end.iter().zip(right_end).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + end
}

/// `left − right`, each.
pub(crate) fn difference(left: &[f64], right: &[f64]) -> Vec<f64> {
    let pairs = left.iter().zip(right);
    pairs.map(|(left, right)| left - right).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_summed_to_the_end() {
        for count in 0..10 {
            let values: Vec<f64> = (0..count).map(f64::from).collect();
            let expected: f64 = values.iter().map(|value| value * value).sum();
            assert_eq!(dot(&values, &values), expected, "{count}");
        }
    }
}
