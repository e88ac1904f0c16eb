//! Sentences about runs, in French and English.

use mg_core::Language;

use crate::{
    run::Run as ToldRun,
    wire::{Dag, Run, TaskInstance},
};

/// A state in words.
pub(crate) fn state(language: Language, state: &str) -> String {
    let known = match state {
        "success" => language.pick("réussie", "succeeded"),
        "failed" => language.pick("en échec", "failed"),
        "running" => language.pick("en cours", "running"),
        "queued" => language.pick("en file d'attente", "queued"),
        other => return mg_core::clean(other),
    };
    known.into()
}

/// A label and what follows it, with French spacing.
pub(crate) fn label(language: Language, french: &str, english: &str) -> String {
    match language {
        Language::French => format!("{french}\u{a0}: "),
        Language::English => format!("{english}: "),
    }
}

/// Seconds as people read them: `12,3 s`, `4 min 05 s`.
pub(crate) fn seconds(language: Language, seconds: f64) -> String {
    if seconds < 60.0 {
        let text = format!("{seconds:.1}");
        let text = match language {
            Language::French => text.replace('.', ","),
            Language::English => text,
        };
        return format!("{text}\u{a0}s");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a duration of at least a minute"
    )]
    let whole = seconds.round() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    match hours {
        0 => format!("{minutes}\u{a0}min {seconds:02}\u{a0}s"),
        _ => format!("{hours}\u{a0}h {minutes:02}\u{a0}min"),
    }
}

/// The headline of a run: `mg_quick · run: succeeded, 3.2 s`.
pub(crate) fn headline(language: Language, run: &ToldRun) -> String {
    let took = run
        .seconds
        .map(|taken| format!(", {}", seconds(language, taken)));
    format!(
        "{} · {}{}{}",
        run.dag_id,
        label(language, &run.run_id, &run.run_id),
        state(language, &run.state),
        took.unwrap_or_default()
    )
}

/// How far a run is, for a client that waits.
pub(crate) fn progress(
    language: Language,
    run_id: &str,
    in_state: &str,
    tasks: Option<(usize, usize)>,
) -> String {
    let state = state(language, in_state);
    let tasks = tasks.map(|(done, total)| match language {
        Language::French => format!(", {done}/{total} tâches"),
        Language::English => format!(", {done}/{total} tasks"),
    });
    let tasks = tasks.unwrap_or_default();
    match language {
        Language::French => {
            format!("{run_id} {state}{tasks} ; annuler l'appel n'arrête pas l'exécution")
        }
        Language::English => {
            format!("{run_id} {state}{tasks}; cancelling the call does not stop the run")
        }
    }
}

/// That Airflow went away while it was asked.
pub(crate) fn lost_sight(language: Language, why: &str) -> String {
    match language {
        Language::French => format!(
            "l'état donné est le dernier connu, l'exécution continue peut-être ; pendant l'attente\u{a0}: {why}"
        ),
        Language::English => {
            format!("the state told is the last one known, the run may go on; while waiting: {why}")
        }
    }
}

/// That a run has not ended within the wait.
pub(crate) fn goes_on(language: Language) -> String {
    let text = language.pick(
        "l'exécution continue ; get_workflow_run avec wait_s attend la suite",
        "the run goes on; get_workflow_run with wait_s waits on",
    );
    text.into()
}

/// That a wish had its run already.
pub(crate) fn existed(language: Language, has_ended: bool) -> String {
    let text = match (has_ended, language) {
        (false, Language::French) => {
            "cette exécution existait déjà pour la même demande : rien de nouveau n'a été lancé"
        }
        (false, Language::English) => {
            "this run was there already for the same wish: nothing new was started"
        }
        (true, Language::French) => {
            "cette exécution existait déjà pour la même demande (mêmes paramètres, même heure) et est terminée ; pour relancer, donner un autre idempotency_key"
        }
        (true, Language::English) => {
            "this run was there already for the same wish (same params, same hour) and has ended; to run again, give another idempotency_key"
        }
    };
    spaced(text)
}

/// What became of a wish to end a run.
pub(crate) fn cancelled(language: Language, cancelled: bool) -> String {
    let text = if cancelled {
        language.pick(
            "les tâches en cours sont arrêtées en quelques secondes ; ce qu'elles ont écrit reste écrit",
            "running tasks are stopped within some seconds; what they wrote stays written",
        )
    } else {
        language.pick(
            "l'exécution était déjà terminée : rien n'a été changé",
            "the run had ended already: nothing was changed",
        )
    };
    spaced(text)
}

/// Failed tasks that are only named.
pub(crate) fn more_failed(language: Language, names: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    let more = if names.len() > SHOWN { "…" } else { "" };
    format!(
        "{}{}{more}",
        label(
            language,
            &format!("{} autres tâches en échec", names.len()),
            &format!("{} more tasks failed", names.len())
        ),
        shown.join(", ")
    )
}

/// Why a run stands where it stands, where that is not an exception's doing.
pub(crate) fn standing(
    language: Language,
    run: &Run,
    dag: Option<&Dag>,
    tasks: &[TaskInstance],
) -> Vec<String> {
    let mut notes = Vec::new();
    let Some(dag) = dag else {
        notes.push(language.pick(
            "Airflow ne connaît plus ce workflow : son fichier a disparu ou ne se charge plus (list_workflows donne les erreurs d'import)",
            "Airflow knows this workflow no longer: its file is gone or cannot be loaded (list_workflows tells the import errors)",
        ));
        return notes.into_iter().map(spaced).collect();
    };
    if dag.is_paused && !run.has_ended() {
        notes.push(language.pick(
            "le workflow est en pause : l'exécution n'avancera pas tant qu'une personne ne l'a pas réactivé dans Airflow",
            "the workflow is paused: the run will not move until a person unpauses it in Airflow",
        ));
    }
    if run.state == "running"
        && tasks
            .iter()
            .any(|task| task.state.as_deref() == Some("up_for_retry"))
    {
        notes.push(language.pick(
            "une tâche a échoué et sera retentée",
            "a task failed and will be tried again",
        ));
    }
    if run.state == "success" {
        notes.push(language.pick("l'exécution a réussi", "the run succeeded"));
    }
    if run.has_failed() && !tasks.iter().any(TaskInstance::has_failed) {
        notes.push(language.pick(
            "aucune tâche n'est en échec : l'exécution a été marquée ainsi ou a dépassé son délai",
            "no task failed: the run was marked so, or exceeded its time limit",
        ));
    }
    notes.into_iter().map(spaced).collect()
}

/// French colons stand after a no-break space.
fn spaced(text: &str) -> String {
    text.replace(" :", "\u{a0}:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_as_people_read_them() {
        let french = |taken| seconds(Language::French, taken).replace('\u{a0}', " ");
        assert_eq!(french(3.24), "3,2 s");
        assert_eq!(french(65.2), "1 min 05 s");
        assert_eq!(french(7384.0), "2 h 03 min");
        assert_eq!(seconds(Language::English, 3.0), "3.0\u{a0}s");
    }

    #[test]
    fn a_run_that_a_pause_holds_is_told_so() {
        let run = Run {
            state: "queued".into(),
            ..Run::default()
        };
        let dag = Dag {
            is_paused: true,
            ..Dag::default()
        };
        let notes = standing(Language::English, &run, Some(&dag), &[]);
        assert!(notes[0].contains("paused"), "{notes:?}");
        let gone = standing(Language::French, &run, None, &[]);
        assert!(gone[0].contains("ne connaît plus"), "{gone:?}");
    }

    #[test]
    fn a_failure_without_a_failed_task_is_told_so() {
        let run = Run {
            state: "failed".into(),
            ..Run::default()
        };
        let notes = standing(Language::English, &run, Some(&Dag::default()), &[]);
        assert!(notes[0].contains("no task failed"), "{notes:?}");
    }
}
