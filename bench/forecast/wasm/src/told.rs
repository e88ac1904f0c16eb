//! What was compared, as Markdown.

use crate::{
    compared::{Again, Compared, ENOUGH},
    fit::{Fit, apart},
};

pub(crate) fn tell(all: &[Compared]) {
    let differences = sorted(all.iter().map(|one| apart(&one.ours, &one.theirs)));
    let ours = sorted(all.iter().map(|one| one.ours.milliseconds));
    let theirs = sorted(all.iter().map(|one| one.theirs.milliseconds));
    let middle = |values: &[f64]| values[values.len() / 2];
    let within = differences.iter().filter(|value| **value <= ENOUGH).count();
    let largest = differences.last().copied().unwrap_or_default();
    println!(
        "| Prophet beside | series | within 1 % | median difference | largest | ours, median ms | theirs |\n\
         |---|---:|---:|---:|---:|---:|---:|\n\
         | Stan in WebAssembly | {} | {within} | {:.4} % | {:.2} % | {:.1} | {:.1} |\n\n\
         | series | months | apart | log posterior, theirs | ours | ours is higher by | ours from theirs | Newton |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|",
        all.len(),
        100.0 * middle(&differences),
        100.0 * largest,
        middle(&ours),
        middle(&theirs),
    );
    for one in all {
        if let Some(again) = &one.again {
            tell_apart(one, again);
        }
    }
}

fn tell_apart(one: &Compared, again: &Again) {
    let (ours, theirs) = (&one.ours.reached, &one.theirs.reached);
    let told = |fit: &Fit| {
        let difference = 100.0 * apart(fit, &one.ours);
        format!("{:.2} ({difference:.2} %)", fit.reached.log_density)
    };
    println!(
        "| {} | {} | {:.2} % | {:.2} | {:.2} | {:+.2} | {} | {} |",
        one.label,
        one.months,
        100.0 * apart(&one.ours, &one.theirs),
        theirs.log_density,
        ours.log_density,
        ours.log_density - theirs.log_density,
        told(&again.from_theirs),
        again.newton.as_ref().map_or("fails".to_owned(), told),
    );
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}
