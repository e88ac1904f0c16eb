//! Sales, on rows of the shape that the loader of DVF writes: several lines a sale, off plan, in two communes.

use serde_json::{Value, json};

use crate::{
    engines::{AUTHORITY, Engine},
    loaded::{COMMUNES, covered, insert, with_three_communes},
};

/// A line of a sale: mutation, line, day, nature, price, commune, parcel, kind of building, built area.
fn line(
    sale: (&str, i32, &str, &str),
    price: &str,
    of: (&str, &str, Option<i32>, Option<i32>),
) -> String {
    let (id, number, day, nature) = sale;
    let (commune, parcel, kind, area) = of;
    let told = |number: Option<i32>| number.map_or("NULL".into(), |number| number.to_string());
    format!(
        "'{id}', {number}, '{day}', '{nature}', {price}, '{commune}', '{parcel}', {}, {}, 'valeur_fonciere'",
        told(kind),
        told(area)
    )
}

/// Sales of March 2025 in two communes of three, of every kind that there is.
pub(crate) async fn sales(engine: &Engine) {
    covered(engine, "valeur_fonciere", (2025, 2025), &COMMUNES).await;
    let vente = "Vente";
    let flat = |id, day, price, commune, area| {
        line(
            (id, 1, day, vente),
            price,
            (commune, "A1", Some(2), Some(area)),
        )
    };
    let rows = [
        // One flat with its cellar: two lines, the price repeated.
        flat("1", "2025-03-04", "300000.50", "77243", 60),
        line(
            ("1", 2, "2025-03-04", vente),
            "300000.50",
            ("77243", "A1", Some(3), None),
        ),
        flat("2", "2025-03-09", "280000", "77243", 70),
        // A house whose line is repeated for each kind of land.
        line(
            ("3", 1, "2025-03-10", vente),
            "450000",
            ("77243", "B7", Some(1), Some(100)),
        ),
        line(
            ("3", 2, "2025-03-10", vente),
            "450000",
            ("77243", "B7", Some(1), Some(100)),
        ),
        flat("4", "2025-03-20", "255000", "77243", 51),
        // Two flats at once, a shop, a token price, off plan, an exchange: sales or not, but no price of a dwelling.
        flat("5", "2025-03-21", "900000", "77243", 50),
        line(
            ("5", 2, "2025-03-21", vente),
            "900000",
            ("77243", "A1", Some(2), Some(50)),
        ),
        flat("6", "2025-03-22", "700000", "77243", 70),
        line(
            ("6", 2, "2025-03-22", vente),
            "700000",
            ("77243", "A1", Some(4), Some(90)),
        ),
        flat("7", "2025-03-23", "1", "77243", 40),
        line(
            ("8", 1, "2025-03-24", "Vente en l''état futur d''achèvement"),
            "310000",
            ("77243", "C1", Some(2), Some(62)),
        ),
        line(
            ("9", 1, "2025-03-25", "Echange"),
            "100000",
            ("77243", "C2", Some(1), Some(90)),
        ),
        // Bare land, and a sale of two communes.
        line(
            ("10", 1, "2025-03-26", vente),
            "80000",
            ("77243", "D1", None, None),
        ),
        line(
            ("11", 1, "2025-03-27", vente),
            "500000",
            ("77243", "D2", Some(1), Some(80)),
        ),
        line(
            ("11", 2, "2025-03-27", vente),
            "500000",
            ("77307", "D3", None, None),
        ),
        flat("12", "2025-03-28", "200000", "77307", 50),
    ];
    insert(
        engine,
        "fact_dvf",
        "id_mutation, numero_ligne, date_mutation, nature_mutation, valeur_fonciere, code_commune, id_parcelle, code_type_local, surface_reelle_bati, fichier_id",
        &rows,
    )
    .await;
}

#[tokio::test]
async fn prices_are_of_sales_of_one_dwelling_and_never_of_lines() {
    for engine in with_three_communes().await {
        sales(&engine).await;
        // 5000.01, 4000, 4500, 5000: the median lies between 4500 and 5000.
        let told = engine.at("prix_median_m2", "2025-03", "Lagny").await;
        assert_eq!(
            (&told["value"], &told["sample_size"], &told["status"]),
            (&json!(4750), &json!(4), &json!("final")),
            "{}: {told}",
            engine.name
        );
        let whole = engine.get("prix_median_m2", "2025").await;
        assert_eq!(
            (&whole["value"], &whole["sample_size"]),
            (&json!(4500), &json!(5))
        );
        let secret = engine.at("prix_median_m2", "2025-03", "Montévrain").await;
        assert_eq!(
            (&secret["value"], &secret["status"]),
            (&Value::Null, &json!("secret"))
        );
        assert!(
            secret["notes"].to_string().contains("moins de 3 ventes"),
            "{secret}"
        );
        let none = engine.at("prix_median_m2", "2025-04", "Lagny").await;
        assert_eq!(
            (&none["value"], &none["status"]),
            (&Value::Null, &json!("final"))
        );
    }
}

#[tokio::test]
async fn sales_are_counted_once_with_those_off_plan_and_without_exchanges() {
    for engine in with_three_communes().await {
        sales(&engine).await;
        let count = async |date: &str, territory: &str| {
            engine.at("nb_transactions", date, territory).await["value"].clone()
        };
        assert_eq!(count("2025-03", "Lagny").await, 10);
        assert_eq!(
            count("2025", AUTHORITY).await,
            11,
            "one of two communes counts once"
        );
        assert_eq!(count("2025-04", AUTHORITY).await, 0);
        assert_eq!(count("2024", AUTHORITY).await, Value::Null);
    }
}

#[tokio::test]
async fn a_territory_without_data_is_told_which_have_some() {
    for engine in with_three_communes().await {
        sales(&engine).await;
        let refusal = engine
            .ask(json!({"name": "nb_transactions", "territory": "D77"}))
            .await
            .refusal();
        assert!(refusal.contains("77243"), "{refusal}");
        let told = engine.at("nb_transactions", "2025", "D77").await;
        assert_eq!(told["status"], "missing");
        assert!(told["notes"].to_string().contains("77243"), "{told}");
    }
}
