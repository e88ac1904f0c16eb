//! Questions that an analyst would start from.

use mg_core::serve::{Prompt, PromptArgument};

const TERRITORY: PromptArgument = PromptArgument {
    name: "territory",
    description: "A commune or the authority, e.g. Montévrain",
    default: Some("CA Marne et Gondoire"),
};

/// The prompts of mg-kpi.
pub(crate) const PROMPTS: &[Prompt] = &[
    Prompt {
        name: "housing_report",
        title: "Point sur le logement",
        description: "The state of housing construction in a territory, with targets and caveats",
        arguments: &[
            TERRITORY,
            PromptArgument {
                name: "date",
                description: "A year or a month, e.g. 2022",
                default: Some("latest"),
            },
        ],
        french: "Fais le point sur la construction de logements pour {territory}, période {date} : logements autorisés, commencés \
                 et achevés, part du collectif, comparés à l'année précédente et à l'objectif (get_series), \
                 et les communes entre elles (compare_territories). Donne pour chaque chiffre sa source, \
                 son millésime et son statut ; une donnée manquante n'est pas un zéro.",
        english: "Report on housing construction in {territory}, period {date}: dwellings authorised, started and completed, share \
                  of flats, compared with the year before and the target (get_series), and the communes with each other \
                  (compare_territories). Give source, vintage and status of each number; missing is not zero.",
    },
    Prompt {
        name: "target_check",
        title: "Rythme, objectif et prévision",
        description: "Whether a territory keeps pace with its housing plan (PLH), and what the next year may bring",
        arguments: &[TERRITORY],
        french: "Où en est {territory} par rapport à son objectif PLH, et que peut-on attendre de l'année qui vient ? Utilise \
                 avancement_plh, get_series de logements_autorises par an avec son objectif, et forecast_kpi de \
                 logements_autorises_cumul12 ; compare les communes sur la dernière année. Dis si les objectifs sont fictifs, \
                 donne l'intervalle de la prévision et reprends ses avertissements.",
        english: "How does {territory} stand against its housing plan (PLH), and what may the next year bring? Use avancement_plh, \
                  get_series of logements_autorises by year with its target, and forecast_kpi of logements_autorises_cumul12; \
                  compare the communes in the last year. Say whether the targets are fictitious, give the interval of the \
                  forecast and pass its warnings on.",
    },
    Prompt {
        name: "explain_indicator",
        title: "Expliquer un indicateur",
        description: "What an indicator means, how it is computed, and its limits",
        arguments: &[PromptArgument {
            name: "name",
            description: "An indicator, e.g. logements_autorises",
            default: None,
        }],
        french: "Explique l'indicateur {name} à un élu : ce qu'il mesure, sa formule, sa source, ses limites.",
        english: "Explain the indicator {name} to an elected official: what it measures, its formula, its source, its limits.",
    },
];
