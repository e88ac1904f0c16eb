//! Questions that an analyst would start from.

use mg_core::serve::{Prompt, PromptArgument};

/// The prompts of mg-airflow.
pub(crate) const PROMPTS: &[Prompt] = &[
    Prompt {
        name: "failed_overnight",
        title: "Échecs de la nuit",
        description: "Which workflows failed lately, and why",
        arguments: &[PromptArgument {
            name: "since",
            description: "How far back: 12h, 7d or a date",
            default: Some("24h"),
        }],
        french: "Quels workflows ont échoué depuis {since}, et pourquoi ? Utilise list_workflow_runs (state failed, since {since}) \
                 puis, seulement si une cause n'est pas claire, diagnose_workflow_run. Pour chacun : la tâche, l'exception, \
                 et ce qu'il faudrait corriger. Ne relance rien.",
        english: "Which workflows failed since {since}, and why? Use list_workflow_runs (state failed, since {since}) and then, \
                  only where a cause is unclear, diagnose_workflow_run. For each: the task, the exception, and what would mend \
                  it. Start nothing again.",
    },
    Prompt {
        name: "run_and_follow",
        title: "Lancer et suivre",
        description: "Run a workflow with the right parameters and follow it to its end",
        arguments: &[PromptArgument {
            name: "dag_id",
            description: "The workflow, e.g. mg_sitadel_refresh",
            default: None,
        }],
        french: "Lance le workflow {dag_id} : décris-le d'abord (describe_workflow) et demande-moi les paramètres qui manquent, \
                 puis run_workflow, et suis l'exécution avec get_workflow_run (wait_s 45) jusqu'à la fin. En cas d'échec, \
                 diagnose_workflow_run. S'il est en pause, dis-le et arrête-toi là.",
        english: "Run the workflow {dag_id}: describe it first (describe_workflow) and ask me for parameters that are lacking, then \
                  run_workflow, and follow the run with get_workflow_run (wait_s 45) to its end. If it fails, \
                  diagnose_workflow_run. If it is paused, say so and stop there.",
    },
    Prompt {
        name: "explain_workflow",
        title: "Expliquer un workflow",
        description: "What a workflow does, when, with which parameters, and how its last runs went",
        arguments: &[PromptArgument {
            name: "dag_id",
            description: "The workflow, e.g. mg_sitadel_refresh",
            default: None,
        }],
        french: "Explique le workflow {dag_id} à un agent qui ne connaît pas Airflow : ce qu'il fait, quand il tourne, ses \
                 paramètres, et l'état de ses dernières exécutions.",
        english: "Explain the workflow {dag_id} to an officer who does not know Airflow: what it does, when it runs, its \
                  parameters, and how its last runs went.",
    },
];
