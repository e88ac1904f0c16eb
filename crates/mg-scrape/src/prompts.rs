//! Questions that an analyst would start from.

use mg_core::serve::{Prompt, PromptArgument};

/// The prompts of mg-scrape.
pub(crate) const PROMPTS: &[Prompt] = &[
    Prompt {
        name: "load_and_follow",
        title: "Charger et suivre",
        description: "Run a spider and follow it to its end: what came, what changed",
        arguments: &[PromptArgument {
            name: "spider",
            description: "The spider, e.g. sitadel",
            default: Some("sitadel"),
        }],
        french: "Lance le robot {spider} (list_spiders dit ce qu'il charge et ses paramètres), puis suis-le avec get_scrape_run \
                 (wait_s 45) jusqu'à la fin. Dis en trois phrases : les lignes ajoutées, modifiées et rejetées, ce que dit le \
                 rapport de changement, et les erreurs par nature. S'il a échoué, dis pourquoi et ce qu'il faudrait faire.",
        english: "Run the spider {spider} (list_spiders tells what it loads and its parameters), then follow it with \
                  get_scrape_run (wait_s 45) to its end. Say in three sentences: rows added, changed and rejected, what the \
                  change report says, and the errors by kind. If it failed, say why and what to do.",
    },
    Prompt {
        name: "last_runs",
        title: "État des collectes",
        description: "How the last runs of all spiders went",
        arguments: &[],
        french: "Où en sont les collectes ? Utilise list_scrape_runs, puis get_scrape_run pour celles qui ont échoué ou qui \
                 n'avancent plus. Un tableau : robot, date, état, pages, lignes, et la cause en quelques mots. Ne relance rien.",
        english: "How are the spiders doing? Use list_scrape_runs, then get_scrape_run for those that failed or make no progress. \
                  One table: spider, date, state, pages, rows, and the cause in a few words. Start nothing again.",
    },
];
