//! One URL for one page: fragment dropped, query sorted, parameters that make no other page dropped. Case is kept.

use url::Url;

use crate::definition::Follow;

/// The canonical form of an absolute URL. The scheme's own port, `.` and `..` went when it was parsed.
#[must_use]
pub fn canonical(url: &Url, follow: Option<&Follow>) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    if let Some(host) = url
        .host_str()
        .filter(|host| host.ends_with('.') && host.len() > 1)
    {
        let bare = host.trim_end_matches('.').to_owned();
        // A host that was one stays one without its last dot; if not, the URL stays as it is.
        let _same = url.set_host(Some(&bare));
    }
    if let Some(query) = url.query() {
        let query = kept(query, follow);
        url.set_query((!query.is_empty()).then_some(query.as_str()));
    }
    url.into()
}

/// The parameters that count, in order of name; those of one name in their own order, each as it was written.
fn kept(query: &str, follow: Option<&Follow>) -> String {
    let mut pairs: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && counts(name(pair), follow))
        .collect();
    pairs.sort_by_key(|pair| name(pair));
    pairs.join("&")
}

fn name(pair: &str) -> &str {
    pair.split_once('=').map_or(pair, |(name, _)| name)
}

fn counts(name: &str, follow: Option<&Follow>) -> bool {
    let Some(follow) = follow else { return true };
    if follow
        .pages
        .as_ref()
        .is_some_and(|pages| pages.param == name)
    {
        return true;
    }
    let kept =
        follow.keep_query.is_empty() || follow.keep_query.iter().any(|pattern| fits(pattern, name));
    kept && !follow.drop_query.iter().any(|pattern| fits(pattern, name))
}

/// Whether a name is meant by a pattern in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(place) => rest = rest.get(place + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn follow() -> Follow {
        toml::from_str(
            "allow = ['/']\ndrop_query = ['utm_*', 'sid', '*click*']\npages = { param = 'page' }",
        )
        .unwrap()
    }

    fn made(url: &str) -> String {
        canonical(&url.parse().unwrap(), Some(&follow()))
    }

    #[test]
    fn two_writings_of_a_page_are_one() {
        for url in [
            "HTTPS://WWW.Lagny.fr:443/Avis/../Avis/a?b=2&a=1#haut",
            "https://www.lagny.fr./Avis/a?a=1&utm_source=x&b=2&sid=9&fbclickid=3",
            "https://www.lagny.fr/Avis/a?&b=2&&a=1",
        ] {
            assert_eq!(made(url), "https://www.lagny.fr/Avis/a?a=1&b=2", "{url}");
        }
        assert_eq!(made("http://x.fr?utm_a=1"), "http://x.fr/");
    }

    #[test]
    fn what_makes_another_page_is_kept() {
        assert_ne!(made("http://x.fr/Doc"), made("http://x.fr/doc"));
        assert_ne!(made("http://x.fr/?page=1"), made("http://x.fr/?page=2"));
        assert_eq!(made("http://x.fr/?t=2&t=1"), "http://x.fr/?t=2&t=1");
        assert_eq!(made("http://x.fr/?q=%C3%A9+a"), "http://x.fr/?q=%C3%A9+a");
        let only: Follow = toml::from_str("keep_query = ['id']\npages = { param = 'p' }").unwrap();
        assert_eq!(
            canonical(&"http://x.fr/?id=1&p=2&z=3".parse().unwrap(), Some(&only)),
            "http://x.fr/?id=1&p=2"
        );
    }

    proptest! {
        #[test]
        fn a_canonical_url_stays_as_it_is(path in "[a-zA-Z0-9/.%-]{0,30}", query in "[a-z0-9=&_%]{0,30}") {
            if let Ok(url) = format!("http://x.fr/{path}?{query}").parse::<Url>() {
                let once = canonical(&url, Some(&follow()));
                prop_assert_eq!(canonical(&once.parse().unwrap(), Some(&follow())), once);
            }
        }
    }
}
