//! Many windows as tensors.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::{
    panel::Series,
    scale::Scale,
    shape::Shape,
    window::{Place, Window},
};

/// What cannot be attended to gets this before the softmax.
const UNSEEN: f32 = -1e9;

/// `B` windows; rows are ordered by time first.
#[derive(Debug)]
pub(crate) struct Batch {
    /// A vector `[B]` a static variable.
    pub(crate) statics: Vec<Tensor<1, Int>>,
    /// `[2, P · B, 1]`: values of the past, and whether they are known.
    pub(crate) observed: Tensor<3>,
    /// `[numbers, (P + H) · B, 1]`.
    pub(crate) numbers: Tensor<3>,
    /// A vector `[(P + H) · B]` a variable of kinds.
    pub(crate) kinds: Vec<Tensor<1, Int>>,
    /// `[1, P · B, 1]`: 0 before a series began; none where all had.
    pub(crate) begun: Option<Tensor<3>>,
    /// `[B, H, P + H]`: 0 where a step may be attended to.
    pub(crate) mask: Tensor<3>,
    /// `[1, H · B, 1]`.
    pub(crate) targets: Tensor<3>,
    /// `[1, H · B, 1]`: 1 where a target is known.
    pub(crate) counted: Tensor<3>,
    /// One a window.
    pub(crate) scales: Vec<Scale>,
}

impl Batch {
    /// Of windows of a panel.
    pub(crate) fn of(panel: &[Series], places: &[Place], shape: &Shape, device: &Device) -> Self {
        let window = |place: &Place| Window::of(&panel[place.series], *place, shape);
        let windows: Vec<Window> = places.iter().map(window).collect();
        let statics = (0..shape.statics.len()).map(|which| {
            let kinds = places.iter().map(|place| {
                let kind = panel[place.series].statics[which];
                let is_known = !place.unnamed && kind < shape.statics[which].kinds();
                if is_known { kind } else { 0 }
            });
            integers(kinds, device)
        });
        let (past, all) = (shape.past, shape.past + shape.horizon);
        let numbers = (0..Shape::DERIVED.len() + shape.numbers.len())
            .flat_map(|which| by_time(&windows, all, move |window| &window.numbers[which]));
        let kinds = (0..shape.kinds.len()).map(|which| {
            let most = shape.kinds[which].kinds();
            let kinds = by_time(&windows, all, move |window| &window.kinds[which]);
            integers(kinds.map(|kind| if kind < most { kind } else { 0 }), device)
        });
        let values = by_time(&windows, past, |window| &window.values);
        let known = by_time(&windows, past, |window| &window.known);
        let all_begun = windows
            .iter()
            .all(|window| window.begun.iter().all(|begun| *begun > 0.0));
        let rows = |groups: usize, steps: usize| [groups, steps * windows.len(), 1];
        Self {
            statics: statics.collect(),
            observed: floats(values.chain(known), rows(2, past), device),
            numbers: floats(
                numbers,
                rows(Shape::DERIVED.len() + shape.numbers.len(), all),
                device,
            ),
            kinds: kinds.collect(),
            begun: (!all_begun).then(|| {
                let begun = by_time(&windows, past, |window| &window.begun);
                floats(begun, rows(1, past), device)
            }),
            mask: mask(&windows, shape, device),
            targets: floats(
                by_time(&windows, shape.horizon, |window| &window.targets),
                rows(1, shape.horizon),
                device,
            ),
            counted: floats(
                by_time(&windows, shape.horizon, |window| &window.counted),
                rows(1, shape.horizon),
                device,
            ),
            scales: windows.iter().map(|window| window.scale).collect(),
        }
    }
}

/// Rows of all windows, the first step of each first.
fn by_time<'a, T: Copy + 'a>(
    windows: &'a [Window],
    steps: usize,
    row: impl Fn(&'a Window) -> &'a Vec<T> + Copy + 'a,
) -> impl Iterator<Item = T> + 'a {
    (0..steps).flat_map(move |step| windows.iter().map(move |window| row(window)[step]))
}

/// Steps of the past since the series began, and those of the horizon up to the one that asks.
fn mask(windows: &[Window], shape: &Shape, device: &Device) -> Tensor<3> {
    let (past, horizon) = (shape.past, shape.horizon);
    let mut mask = Vec::with_capacity(windows.len() * horizon * (past + horizon));
    for window in windows {
        for asking in 0..horizon {
            let begun = window.begun.iter().map(|begun| *begun > 0.0);
            let seen = begun.chain((0..horizon).map(|step| step <= asking));
            mask.extend(seen.map(|seen| if seen { 0.0 } else { UNSEEN }));
        }
    }
    floats(
        mask.into_iter(),
        [windows.len(), horizon, past + horizon],
        device,
    )
}

fn floats(values: impl Iterator<Item = f32>, shape: [usize; 3], device: &Device) -> Tensor<3> {
    let values: Vec<f32> = values.collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn integers(values: impl Iterator<Item = usize>, device: &Device) -> Tensor<1, Int> {
    let values: Vec<i32> = values
        .map(|value| i32::try_from(value).unwrap_or_default())
        .collect();
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}
