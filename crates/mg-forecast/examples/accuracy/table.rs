//! Rows for people.

use super::Total;

pub(crate) const HEAD: &str = "\
| group     | model    | series |  sMAPE |  MASE |   OWA | cover 95 % |  MSIS | CPU s / 1,000 | refused |
|-----------|----------|-------:|-------:|------:|------:|-----------:|------:|--------------:|--------:|";

pub(crate) fn row(group: &str, model: &str, total: &Total) -> String {
    let Total {
        series,
        refused,
        smape,
        mase,
        owa,
        coverage,
        msis,
        seconds,
    } = total;
    format!(
        "| {group:<9} | {model:<8} | {series:>6} | {smape:>6.3} | {mase:>5.3} | {owa:>5.3} | {coverage:>10.3} \
         | {msis:>5.2} | {seconds:>13.2} | {refused:>7} |"
    )
}
