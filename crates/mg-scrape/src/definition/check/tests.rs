//! Every mistake is named with its key and with what would work.

use super::super::{Problem, parse};

const GOOD: &str = r#"
name = "good"
title = { fr = "Bon", en = "Good" }
description = "A spider of every block"
version = "2"
engine = "auto"
visible_to = "viewer"
retention_days = 400
[params.commune]
type = "list"
pattern = '\d{5}'
default = ["77018"]
[params.word]
default = "plu"
[start]
urls = ["https://www.x.fr/liste/{word}"]
sitemaps = ["https://www.x.fr/sitemap.xml"]
allow_hosts = ["www.x.fr", "*.data.x.fr"]
[follow]
allow = ['^/detail/']
next = "a.next"
max_depth = 5
[limits]
max_pages = 10
max_per_pattern = { '/calendrier/' = 5 }
[politeness]
hours = "20:00-06:00"
retry = { times = 2, on = [503] }
[browser]
wait_for = "table"
[auth]
host = "www.x.fr"
header_env = { Authorization = "X_TOKEN" }
[[page]]
match = '/detail/'
[[page.item]]
table = "web_detail"
rows = "table:table.a"
key = ["num"]
mode = "replace"
scope = ["comm"]
[page.item.fields]
num = { header = "Numéro", regex = '\d+', required = true }
comm = { css = "td", type = "insee" }
day = { css = "td", type = "date", format = "%d/%m/%Y" }
[[file]]
name = "csv"
url = "https://a.data.x.fr/{commune}.csv"
for_each = ["commune"]
kind = "csv"
where = "ETAT != '4' and COMM in {commune}"
table = "fact_population"
key = ["comm", "annee_reference"]
[file.columns]
COMM = { to = "comm", type = "insee" }
AN = { to = "annee_reference", type = "int" }
POP = { to = "population_municipale", type = "int" }
[[api]]
name = "rows"
url = "https://www.x.fr/api/{commune}"
for_each = ["commune"]
rows = "data"
total = "total"
page = { param = "page" }
page_size = { param = "pageSize", values = [100, 50] }
table = "web_api"
key = ["id"]
[api.columns]
id = { to = "id" }
[api.constants]
commune = "{commune}"
[expect]
max_null = { day = 0.1 }
[[source]]
file = "good"
dataset = "Good"
licence = "Licence Ouverte 2.0"
vintage = { const = "2026-03" }
"#;

fn problem(old: &str, new: &str) -> Problem {
    assert!(GOOD.contains(old), "{old} is not in the file");
    match parse("good", &GOOD.replacen(old, new, 1)) {
        Ok(_) => panic!("{new} was taken"),
        Err(problem) => problem,
    }
}

#[test]
fn a_file_of_every_block_is_read_and_written_alike() {
    let spider = parse("good", GOOD).unwrap_or_else(|problem| panic!("{problem}"));
    let tables: Vec<&str> = spider
        .targets()
        .iter()
        .map(|target| target.table.as_str())
        .collect();
    assert_eq!(tables, ["web_detail", "fact_population", "web_api"]);
    let columns: Vec<(&str, bool)> = spider.targets()[0]
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.required))
        .collect();
    assert_eq!(columns, [("num", true), ("comm", false), ("day", false)]);
    let written = toml::to_string(&spider.definition).unwrap();
    let again = parse("good", &written).unwrap_or_else(|problem| panic!("{problem}\n{written}"));
    assert_eq!(again, spider);
    assert_eq!(spider.max_depth(), 5);
}

#[test]
fn what_cannot_be_read_is_named_with_its_key() {
    for (old, new, key, reason) in [
        (
            "visible_to",
            "visible_for",
            "visible_for",
            "did you mean `visible_to`",
        ),
        (
            "engine = \"auto\"",
            "engine = \"automatic\"",
            "engine",
            "did you mean `auto`",
        ),
        (
            "css = \"td\", type = \"insee\"",
            "cs = \"td\", type = \"insee\"",
            "page.item.fields.comm",
            "did you mean `css`",
        ),
        (
            "css = \"td\", type = \"insee\"",
            "xpath = \"//td\"",
            "page.item.fields.comm",
            "CSS selector",
        ),
        (
            "regex = '\\d+'",
            "regex = '('",
            "page.item.fields.num",
            "not a regular expression",
        ),
        (
            "css = \"td\", type = \"date\"",
            "css = \"td:::\", type = \"date\"",
            "page.item.fields.day",
            "not a CSS selector",
        ),
        (
            "rows = \"table:table.a\"",
            "rows = \"//table/tr\"",
            "page.item.rows",
            "XPath",
        ),
        (
            "type = \"date\"",
            "type = \"datum\"",
            "page.item.fields.day",
            "did you mean `date`",
        ),
        (
            "\"www.x.fr\", \"*.data.x.fr\"",
            "\"https://www.x.fr/\"",
            "start.allow_hosts",
            "without scheme",
        ),
        (
            "\"20:00-06:00\"",
            "\"la nuit\"",
            "politeness.hours",
            "20:00-06:00",
        ),
        ("ETAT != '4'", "ETAT > 4", "file.where", "COLUMN =="),
        ("title = {", "titel = {", "titel", "did you mean `title`"),
        (
            "max_pages = 10",
            "max_pages = \"ten\"",
            "limits.max_pages",
            "invalid type",
        ),
        (
            "next = \"a.next\"",
            "next = \"a..next\"",
            "follow.next",
            "not a CSS selector",
        ),
        (
            "kind = \"csv\"",
            "kind = \"pdf\"",
            "file.kind",
            "csv, xlsx, json",
        ),
    ] {
        let problem = problem(old, new);
        assert_eq!(problem.key, key, "{problem}");
        assert!(problem.reason.contains(reason), "{problem}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_no_spider_could_do_is_named_with_its_key() {
    for (old, new, key, reason) in [
        (
            "name = \"good\"",
            "name = \"other\"",
            "name",
            "write `good`",
        ),
        (
            "liste/{word}",
            "liste/{mot}",
            "start.urls",
            "there are commune, word",
        ),
        (
            "https://www.x.fr/liste",
            "https://www.y.fr/liste",
            "start.urls",
            "allow_hosts",
        ),
        (
            "https://www.x.fr/liste",
            "ftp://www.x.fr/liste",
            "start.urls",
            "http and https",
        ),
        (
            "https://www.x.fr/liste",
            "https://{word}.x.fr/liste",
            "start.urls",
            "written out",
        ),
        (
            "default = [\"77018\"]",
            "default = [\"7701\"]",
            "params.commune",
            "`7701` does not",
        ),
        (
            "default = \"plu\"",
            "default = [\"plu\"]",
            "params.word",
            "type = \"list\"",
        ),
        (
            "for_each = [\"commune\"]\nkind",
            "for_each = [\"word\"]\nkind",
            "file.url",
            "for_each",
        ),
        (
            "for_each = [\"commune\"]\nrows",
            "for_each = []\nrows",
            "api.url",
            "for_each",
        ),
        (
            "allow = ['^/detail/']\nnext = \"a.next\"",
            "deny = ['x']",
            "follow",
            "follows nothing",
        ),
        (
            "max_pages = 10",
            "max_pages = 0",
            "limits.max_pages",
            "at least 1",
        ),
        ("times = 2", "times = 20", "politeness.retry", "at most 10"),
        (
            "host = \"www.x.fr\"",
            "host = \"www.y.fr\"",
            "auth.host",
            "written out",
        ),
        (
            "\"X_TOKEN\"",
            "\"s3cret-value\"",
            "auth",
            "never write the secret",
        ),
        (
            "Authorization",
            "Host",
            "auth.header_env",
            "not a header that can be set",
        ),
        (
            "engine = \"auto\"",
            "engine = \"static\"",
            "browser",
            "engine = \"browser\"",
        ),
        (
            "header = \"Numéro\", regex",
            "regex",
            "page.item.fields.num",
            "where is it",
        ),
        (
            "rows = \"table:table.a\"",
            "rows = \"table.a tr\"",
            "page.item.fields.num",
            "table:<selector>",
        ),
        (
            "type = \"insee\" }\nday",
            "type = \"insee\", format = \"fr\" }\nday",
            "page.item.fields.comm",
            "`format` goes with",
        ),
        (
            "format = \"%d/%m/%Y\"",
            "format = \"jj/mm\"",
            "page.item.fields.day",
            "%d/%m/%Y",
        ),
        (
            "type = \"date\", ",
            "type = \"date\", default = \"hier\", ",
            "page.item.fields.day",
            "`default`",
        ),
        (
            "table = \"web_detail\"",
            "table = \"stg_detail\"",
            "table",
            "made and dropped by runs",
        ),
        (
            "table = \"web_detail\"",
            "table = \"kpi_value\"",
            "table",
            "web_",
        ),
        (
            "key = [\"num\"]",
            "key = [\"nom\"]",
            "key",
            "no field fills",
        ),
        (
            "scope = [\"comm\"]",
            "scope = [\"commune\"]",
            "scope",
            "no field fills",
        ),
        (
            "mode = \"replace\"",
            "mode = \"upsert\"",
            "scope",
            "mode = \"replace\"",
        ),
        ("key = [\"id\"]", "key = []", "key", "tell its rows apart"),
        (
            "to = \"population_municipale\"",
            "to = \"population\"",
            "table",
            "nearest: population_",
        ),
        (
            "kind = \"csv\"",
            "kind = \"json\"\nsheet = \"a\"",
            "file.sheet",
            "xlsx",
        ),
        (
            "kind = \"csv\"",
            "kind = \"csv\"\nencoding = \"latin-42\"",
            "file.encoding",
            "windows-1252",
        ),
        (
            "COMM in {commune}",
            "COMM in {communes}",
            "file.where",
            "no parameter `communes`",
        ),
        (
            "values = [100, 50]",
            "values = [50, 100]",
            "api.page_size",
            "largest first",
        ),
        (
            "commune = \"{commune}\"",
            "id = \"{commune}\"",
            "api.constants.id",
            "fills `id` already",
        ),
        (
            "max_null = { day = 0.1 }",
            "max_null = { jour = 0.1 }",
            "expect.max_null",
            "no rule fills",
        ),
        ("day = 0.1", "day = 10.0", "expect.max_null", "from 0 to 1"),
        (
            "{ const = \"2026-03\" }",
            "{ const = \"mars 2026\" }",
            "source.vintage",
            "2026-03",
        ),
        (
            "day = { css",
            "_day = { css",
            "fields",
            "the run's own columns",
        ),
    ] {
        let problem = problem(old, new);
        assert_eq!(problem.key, key, "{problem}");
        assert!(problem.reason.contains(reason), "{problem}");
    }
}

#[test]
fn two_rules_of_a_table_must_agree() {
    let second = "[[page]]\nmatch = 'b'\n[[page.item]]\ntable = \"web_detail\"\nkey = [\"num\"]\nmode = \"replace\"\nscope = [\"comm\"]\n\
        [page.item.fields]\nnum = { css = \"b\", type = \"int\" }\ncomm = { css = \"i\", type = \"insee\" }\n[[file]]";
    let disagreed = problem("[[file]]", second);
    assert!(
        disagreed
            .reason
            .contains("`num` is text in one and int in the other"),
        "{disagreed}"
    );
    let agreed = GOOD.replacen(
        "[[file]]",
        &second.replace(", type = \"int\"", ", personal = true"),
        1,
    );
    let spider = parse("good", &agreed).unwrap_or_else(|problem| panic!("{problem}"));
    assert!(spider.targets()[0].columns[0].personal);
}
