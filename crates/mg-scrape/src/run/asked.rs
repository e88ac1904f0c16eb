//! What a run asked for, in a few words that are the same for runs that ask for the same.

use aws_lc_rs::digest::{SHA256, digest};

use crate::{
    definition::{Allowed, Bound, Filter},
    hexadecimal::hexadecimal,
};

/// What a run asked for: its first requests, and the parameters by which it keeps rows of its files, which no request tells.
pub(super) fn asked_for(bound: &Bound) -> String {
    let starts = bound.start.iter().map(|request| request.url.as_str());
    let mut told = shortened(&starts.collect::<Vec<_>>(), " ");
    let files = &bound.spider.definition.file;
    let filters = files.iter().filter_map(|rule| rule.filter.as_ref());
    let mut names: Vec<&String> = filters
        .flat_map(Filter::conditions)
        .filter_map(|condition| match &condition.values {
            Allowed::Param(name) => Some(name),
            Allowed::Texts(_) => None,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let values = bound.params.get(name).map_or(&[][..], Vec::as_slice);
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        told = format!("{told} [{name}: {}]", shortened(&values, ", "));
    }
    told
}

/// Of many texts the first ones, and a number that tells the rest apart.
fn shortened(texts: &[&str], mark: &str) -> String {
    const TOLD: usize = 3;
    let told = texts.get(..TOLD).unwrap_or(texts).join(mark);
    match texts.len().checked_sub(TOLD) {
        None | Some(0) => told,
        Some(more) => {
            let all = digest(&SHA256, texts.join(mark).as_bytes());
            let all = hexadecimal(&all.as_ref()[..4]);
            format!("{told} and {more} more ({all})")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{Catalogue, LimitsGiven};

    fn asked(spider: &str, communes: &str) -> String {
        let catalogue = Catalogue::load(None).unwrap();
        let params = [("commune".to_owned(), communes.to_owned())].into();
        let bound = catalogue
            .find(spider)
            .unwrap()
            .bind(None, &params, &LimitsGiven::default());
        asked_for(&bound.unwrap())
    }

    #[test]
    fn runs_that_keep_other_rows_of_the_same_file_asked_for_something_else() {
        let one = asked("lovac", "77243");
        assert!(one.ends_with(" [commune: 77243]"), "{one}");
        let four = asked("lovac", "77243,77307,77018,77058");
        assert!(four.contains("77243, 77307, 77018 and 1 more ("), "{four}");
        assert_ne!(four, asked("lovac", "77243,77307,77018,77059"));
    }

    #[test]
    fn requests_that_tell_their_parameters_say_all() {
        let one = asked("insee_population", "77243");
        assert!(one.contains("COM-77243") && !one.contains('['), "{one}");
        assert!(asked("insee_population", "77243,77307,77018,77058").contains(" and 1 more ("));
    }
}
