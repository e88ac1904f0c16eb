//! Claude Code: `${NAME}` and `${NAME:-default}` are replaced; the user's file serves all projects.

use serde_json::Value;

use super::Host;

pub(super) const HOST: Host = Host {
    title: "Claude Code",
    servers_key: "mcpServers",
    typed: true,
    file: |folders| folders.home_dir().join(".claude.json"),
    replace: |reference, environment| match reference.split_once(":-") {
        Some((name, default)) => Some(environment.raw(name).unwrap_or(default).to_owned()),
        None => environment.raw(reference).map(str::to_owned),
    },
    one_step: Some(command),
};

/// `claude mcp add`, for all projects of this user.
fn command(name: &str, entry: &Value) -> String {
    let words = |key: &str| entry[key].as_array().cloned().unwrap_or_default();
    let variables = entry["env"].as_object().into_iter().flatten();
    let variables = variables.filter_map(|(variable, value)| {
        Some(format!(
            " -e {}",
            quoted(&format!("{variable}={}", value.as_str()?))
        ))
    });
    let program = std::iter::once(entry["command"].clone()).chain(words("args"));
    let program: Vec<String> = program
        .filter_map(|word| word.as_str().map(quoted))
        .collect();
    format!(
        "claude mcp add --scope user {name}{} -- {}",
        variables.collect::<String>(),
        program.join(" ")
    )
}

/// A word that a shell takes as it is.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_=./:@%+,".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_that_a_shell_would_change_are_quoted() {
        let entry = json!({"command": "/opt/l'agglo/mg sql", "args": ["--lang", "en"], "env": {"MG_ROLE": "viewer"}});
        assert_eq!(
            command("mg-sql", &entry),
            r"claude mcp add --scope user mg-sql -e MG_ROLE=viewer -- '/opt/l'\''agglo/mg sql' --lang en"
        );
    }
}
