//! Prompts: questions an analyst would start from, as plain data.

use rmcp::{
    ErrorData,
    model::{GetPromptResult, JsonObject, PromptMessage, Role as Speaker},
};

use crate::{Language, nearest};

/// A prompt template.
#[derive(Clone, Copy, Debug)]
pub struct Prompt {
    /// The name it is fetched by.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// What it leads to.
    pub description: &'static str,
    /// What it asks for.
    pub arguments: &'static [PromptArgument],
    /// The text in French, with `{argument}` where a value goes.
    pub french: &'static str,
    /// The text in English.
    pub english: &'static str,
}

/// An argument of a prompt.
#[derive(Clone, Copy, Debug)]
pub struct PromptArgument {
    /// Its name.
    pub name: &'static str,
    /// What it means, with an example.
    pub description: &'static str,
    /// The value when it is not given; `None` makes it required.
    pub default: Option<&'static str>,
}

impl Prompt {
    /// The entry of `prompts/list`.
    pub(super) fn listed(&self) -> rmcp::model::Prompt {
        let arguments = self.arguments.iter().map(|argument| {
            rmcp::model::PromptArgument::new(argument.name)
                .with_description(argument.description)
                .with_required(argument.default.is_none())
        });
        let arguments: Vec<_> = arguments.collect();
        rmcp::model::Prompt::new(self.name, Some(self.description), Some(arguments))
            .with_title(self.title)
    }

    /// The prompt with its arguments filled in.
    fn filled(&self, given: &JsonObject, language: Language) -> Result<String, ErrorData> {
        let mut text = language.pick(self.french, self.english).to_owned();
        for argument in self.arguments {
            let value = given
                .get(argument.name)
                .and_then(|value| value.as_str())
                .or(argument.default);
            let value = value.ok_or_else(|| {
                ErrorData::invalid_params(
                    format!(
                        "prompt `{}` needs `{}`: {}",
                        self.name, argument.name, argument.description
                    ),
                    None,
                )
            })?;
            text = text.replace(&format!("{{{}}}", argument.name), &crate::clean(value));
        }
        Ok(text)
    }
}

/// Answers `prompts/get`.
pub(super) fn get(
    prompts: &[Prompt],
    name: &str,
    given: &JsonObject,
    language: Language,
) -> Result<GetPromptResult, ErrorData> {
    let Some(prompt) = prompts.iter().find(|prompt| prompt.name == name) else {
        let known = nearest(name, prompts.iter().map(|prompt| prompt.name), 3);
        return Err(ErrorData::invalid_params(
            format!(
                "no prompt named `{}`; known: {}",
                crate::excerpt(&crate::clean(name)),
                known.join(", ")
            ),
            None,
        ));
    };
    let message = PromptMessage::new_text(Speaker::User, prompt.filled(given, language)?);
    Ok(GetPromptResult::new(vec![message]).with_description(prompt.description))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMPTS: &[Prompt] = &[Prompt {
        name: "housing",
        title: "Housing",
        description: "Dwellings of a commune",
        arguments: &[
            PromptArgument {
                name: "commune",
                description: "A commune, e.g. Lagny",
                default: None,
            },
            PromptArgument {
                name: "year",
                description: "A year",
                default: Some("2022"),
            },
        ],
        french: "Logements de {commune} en {year} ?",
        english: "Dwellings of {commune} in {year}?",
    }];

    fn text(given: &serde_json::Value) -> Result<String, ErrorData> {
        let given = given.as_object().cloned().unwrap();
        let result = get(PROMPTS, "housing", &given, Language::French)?;
        Ok(result.messages[0].content.as_text().unwrap().text.clone())
    }

    #[test]
    fn a_prompt_is_filled_with_what_was_given_and_with_defaults() {
        let filled = text(&serde_json::json!({"commune": "Lagny\u{202e}"})).unwrap();
        assert_eq!(filled, "Logements de Lagny en 2022 ?");
    }

    #[test]
    fn a_missing_argument_and_an_unknown_prompt_say_what_would_work() {
        let missing = text(&serde_json::json!({})).unwrap_err();
        assert!(missing.message.contains("`commune`") && missing.message.contains("Lagny"));
        let unknown = get(PROMPTS, "house", &JsonObject::new(), Language::French).unwrap_err();
        assert!(unknown.message.contains("housing"));
    }
}
