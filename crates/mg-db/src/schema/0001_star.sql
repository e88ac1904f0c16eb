-- Version 1: the star schema of SITADEL permits and of the indicators drawn from them.
-- The same text on every engine (SQLite 3.37, PostgreSQL 13, MariaDB 10.6): SITADEL's own column names in lower snake case;
-- DATE (ISO text on SQLite), months CHAR(7) 'YYYY-MM', codes VARCHAR, booleans SMALLINT 0/1, money and ratios DECIMAL;
-- keys are given by the loader; timestamps are ISO 8601 in UTC, VARCHAR(25); no reserved words as names.
CREATE TABLE dim_commune (
  comm CHAR(5) NOT NULL PRIMARY KEY, nom VARCHAR(80) NOT NULL, dep_code VARCHAR(3) NOT NULL, reg_code CHAR(2) NOT NULL,
  epci_siren CHAR(9), epci_nom VARCHAR(120), siren_commune CHAR(9), code_postal CHAR(5), superficie_km2 DECIMAL(9,2),
  soumise_sru SMALLINT NOT NULL DEFAULT 0, taux_sru_cible DECIMAL(5,2), valide_du DATE, valide_au DATE);
CREATE TABLE dim_territoire (
  territoire VARCHAR(9) NOT NULL PRIMARY KEY, niveau VARCHAR(12) NOT NULL, nom VARCHAR(120) NOT NULL, parent VARCHAR(9));
CREATE TABLE dim_date (
  date_id DATE NOT NULL PRIMARY KEY, annee SMALLINT NOT NULL, trimestre SMALLINT NOT NULL, mois SMALLINT NOT NULL, mois_iso CHAR(7) NOT NULL,
  jour SMALLINT NOT NULL, jour_semaine SMALLINT NOT NULL, est_ferie SMALLINT NOT NULL DEFAULT 0, nom_ferie VARCHAR(40), est_ouvre SMALLINT NOT NULL);
CREATE TABLE dim_code (
  variable VARCHAR(40) NOT NULL, code VARCHAR(8) NOT NULL, libelle_fr VARCHAR(160) NOT NULL, libelle_en VARCHAR(160), PRIMARY KEY (variable, code));
CREATE TABLE dim_zac (
  zac_id VARCHAR(20) NOT NULL PRIMARY KEY, nom VARCHAR(120) NOT NULL, comm CHAR(5) NOT NULL REFERENCES dim_commune(comm),
  amenageur VARCHAR(120), date_creation DATE, nb_lgt_programmes INTEGER, surf_activite_programmee INTEGER, etat VARCHAR(20));
CREATE TABLE source_fichier (
  fichier_id VARCHAR(40) NOT NULL PRIMARY KEY, jeu VARCHAR(60) NOT NULL, url VARCHAR(500), licence VARCHAR(60) NOT NULL, millesime CHAR(7),
  sha256 CHAR(64), nb_lignes INTEGER, charge_le VARCHAR(25) NOT NULL, synthetique SMALLINT NOT NULL DEFAULT 0, remarque TEXT);
CREATE TABLE source_couverture (
  fichier_id VARCHAR(40) NOT NULL REFERENCES source_fichier(fichier_id), jeu VARCHAR(60) NOT NULL, mesure VARCHAR(40) NOT NULL, territoire VARCHAR(9) NOT NULL, debut DATE NOT NULL, fin DATE NOT NULL,
  PRIMARY KEY (fichier_id, mesure, territoire, debut));
CREATE TABLE fact_permis (
  type_dau VARCHAR(2) NOT NULL, num_dau VARCHAR(15) NOT NULL, fichier VARCHAR(10) NOT NULL,
  comm CHAR(5) NOT NULL REFERENCES dim_commune(comm), etat_dau SMALLINT NOT NULL,
  date_reelle_autorisation DATE NOT NULL, date_reelle_doc DATE, date_reelle_daact DATE, an_depot SMALLINT,
  dpc_prem CHAR(7), dpc_aut CHAR(7), dpc_doc CHAR(7), dpc_dern CHAR(7),
  cat_dem SMALLINT, ape_dem VARCHAR(6), cj_dem VARCHAR(4), denom_dem VARCHAR(120), siren_dem CHAR(9), siret_dem CHAR(14),
  codpost_dem VARCHAR(5), localite_dem VARCHAR(40), rec_archi SMALLINT,
  adr_num_ter VARCHAR(12), adr_typevoie_ter VARCHAR(5), adr_libvoie_ter VARCHAR(60), adr_lieudit_ter VARCHAR(60), adr_localite_ter VARCHAR(40), adr_codpost_ter VARCHAR(5),
  sec_cadastre1 VARCHAR(5), num_cadastre1 VARCHAR(8), sec_cadastre2 VARCHAR(5), num_cadastre2 VARCHAR(8), sec_cadastre3 VARCHAR(5), num_cadastre3 VARCHAR(8),
  superficie_terrain INTEGER, zone_op SMALLINT, zac_id VARCHAR(20),
  nature_projet_declaree SMALLINT, nature_projet_completee SMALLINT, destination_principale SMALLINT, type_princip_logts_crees SMALLINT,
  i_extension SMALLINT, i_surelevation SMALLINT, nb_niv_max SMALLINT, utilisation SMALLINT, residence SMALLINT,
  nb_lgt_tot_crees INTEGER NOT NULL DEFAULT 0, nb_lgt_ind_crees INTEGER NOT NULL DEFAULT 0, nb_lgt_col_crees INTEGER NOT NULL DEFAULT 0,
  nb_lgt_indiv_purs INTEGER NOT NULL DEFAULT 0, nb_lgt_indiv_groupes INTEGER NOT NULL DEFAULT 0, nb_lgt_res INTEGER NOT NULL DEFAULT 0, nb_lgt_col_hors_res INTEGER NOT NULL DEFAULT 0,
  nb_lgt_demolis INTEGER NOT NULL DEFAULT 0, nb_lgt_1p INTEGER, nb_lgt_2p INTEGER, nb_lgt_3p INTEGER, nb_lgt_4p INTEGER, nb_lgt_5p INTEGER, nb_lgt_6p_plus INTEGER,
  nb_lgt_pret_loc_social INTEGER, nb_lgt_acc_soc_hors_ptz INTEGER, nb_lgt_ptz INTEGER,
  surf_hab_avant INTEGER, surf_hab_creee INTEGER, surf_hab_issue_transfo INTEGER, surf_hab_demolie INTEGER, surf_hab_transformee INTEGER,
  surf_loc_avant INTEGER, surf_loc_creee INTEGER, surf_loc_issue_transfo INTEGER, surf_loc_demolie INTEGER, surf_loc_transformee INTEGER,
  fichier_id VARCHAR(40) REFERENCES source_fichier(fichier_id), synthetique SMALLINT NOT NULL DEFAULT 0,
  PRIMARY KEY (type_dau, num_dau, fichier));
CREATE INDEX ix_permis_comm_date ON fact_permis (comm, date_reelle_autorisation);
CREATE INDEX ix_permis_doc ON fact_permis (date_reelle_doc);
CREATE TABLE fact_logements_annuel (
  territoire VARCHAR(9) NOT NULL REFERENCES dim_territoire(territoire), annee SMALLINT NOT NULL, type_lgt VARCHAR(14) NOT NULL,
  log_aut INTEGER, log_com INTEGER, sdp_aut INTEGER, sdp_com INTEGER, fichier_id VARCHAR(40), PRIMARY KEY (territoire, annee, type_lgt));
CREATE TABLE fact_serie (
  serie VARCHAR(40) NOT NULL, territoire VARCHAR(9) NOT NULL REFERENCES dim_territoire(territoire), periode DATE NOT NULL, grain VARCHAR(8) NOT NULL, valeur DECIMAL(18,4), fichier_id VARCHAR(40), PRIMARY KEY (serie, territoire, periode, grain));
CREATE TABLE fact_dvf (
  id_mutation VARCHAR(20) NOT NULL, numero_ligne INTEGER NOT NULL, date_mutation DATE NOT NULL, numero_disposition VARCHAR(6), nature_mutation VARCHAR(40) NOT NULL,
  valeur_fonciere DECIMAL(14,2), code_commune CHAR(5) NOT NULL, id_parcelle CHAR(14), nombre_lots SMALLINT, code_type_local SMALLINT, type_local VARCHAR(45),
  surface_reelle_bati INTEGER, nombre_pieces_principales SMALLINT, surface_terrain INTEGER, longitude DECIMAL(9,6), latitude DECIMAL(9,6),
  fichier_id VARCHAR(40), PRIMARY KEY (id_mutation, numero_ligne));
CREATE TABLE fact_population (
  comm CHAR(5) NOT NULL REFERENCES dim_commune(comm), annee_reference SMALLINT NOT NULL, population_municipale INTEGER NOT NULL, population_totale INTEGER, fichier_id VARCHAR(40), PRIMARY KEY (comm, annee_reference));
CREATE TABLE fact_indicateur_commune (
  comm CHAR(5) NOT NULL, annee SMALLINT NOT NULL, indicateur VARCHAR(40) NOT NULL, valeur DECIMAL(18,4), secret_stat SMALLINT NOT NULL DEFAULT 0, fichier_id VARCHAR(40), PRIMARY KEY (comm, annee, indicateur));
CREATE TABLE kpi_cible (
  kpi_code VARCHAR(60) NOT NULL, territoire VARCHAR(9) NOT NULL, debut DATE NOT NULL, fin DATE NOT NULL, cible DECIMAL(18,4) NOT NULL, origine VARCHAR(120) NOT NULL, PRIMARY KEY (kpi_code, territoire, debut));
CREATE TABLE kpi_value (
  kpi_code VARCHAR(60) NOT NULL, territoire VARCHAR(9) NOT NULL, periode DATE NOT NULL, grain VARCHAR(8) NOT NULL, millesime CHAR(7) NOT NULL,
  valeur DECIMAL(18,4), statut VARCHAR(12) NOT NULL, nb_obs INTEGER, calcule_le VARCHAR(25) NOT NULL, fichier_id VARCHAR(40), PRIMARY KEY (kpi_code, territoire, periode, grain, millesime));
CREATE TABLE forecast_run (
  run_id VARCHAR(36) NOT NULL PRIMARY KEY, kpi_code VARCHAR(60) NOT NULL, territoire VARCHAR(9) NOT NULL, grain VARCHAR(8) NOT NULL, modele VARCHAR(40) NOT NULL, millesime CHAR(7), parametres TEXT,
  debut_train DATE NOT NULL, fin_train DATE NOT NULL, horizon SMALLINT NOT NULL, mase DECIMAL(12,6), smape DECIMAL(12,6), mase_naif DECIMAL(12,6), cree_le VARCHAR(25) NOT NULL);
CREATE TABLE forecast_value (
  run_id VARCHAR(36) NOT NULL REFERENCES forecast_run(run_id), periode DATE NOT NULL, niveau SMALLINT NOT NULL, prevision DECIMAL(18,4) NOT NULL, borne_basse DECIMAL(18,4), borne_haute DECIMAL(18,4), PRIMARY KEY (run_id, periode, niveau));
CREATE TABLE scrape_run (
  run_id VARCHAR(36) NOT NULL PRIMARY KEY, spider VARCHAR(60) NOT NULL, url VARCHAR(1000) NOT NULL, demande_par VARCHAR(80) NOT NULL, statut VARCHAR(12) NOT NULL, debut VARCHAR(25) NOT NULL, fin VARCHAR(25),
  nb_pages INTEGER, nb_items INTEGER, octets INTEGER, robots_autorise SMALLINT, erreur TEXT);
CREATE VIEW v_permis_public AS
 SELECT type_dau, CASE WHEN cat_dem BETWEEN 20 AND 49 AND COALESCE(cj_dem,'6540') NOT IN ('6540','1000') THEN num_dau END AS num_dau, fichier, comm, etat_dau, date_reelle_autorisation, date_reelle_doc, date_reelle_daact, an_depot, cat_dem,
   CASE WHEN cat_dem BETWEEN 20 AND 49 AND COALESCE(cj_dem,'6540') NOT IN ('6540','1000') THEN denom_dem END AS denom_dem, CASE WHEN cat_dem BETWEEN 20 AND 49 AND COALESCE(cj_dem,'6540') NOT IN ('6540','1000') THEN siren_dem END AS siren_dem,
   zone_op, zac_id, nature_projet_declaree, destination_principale, type_princip_logts_crees, nb_lgt_tot_crees, nb_lgt_indiv_purs, nb_lgt_indiv_groupes, nb_lgt_res, nb_lgt_col_hors_res, nb_lgt_pret_loc_social,
   surf_hab_creee, surf_loc_creee, synthetique
 FROM fact_permis;
CREATE VIEW v_logements_mensuel AS
 SELECT comm, SUBSTR(CAST(date_reelle_autorisation AS CHAR(10)),1,7) AS mois_iso, COUNT(*) AS nb_permis, SUM(nb_lgt_tot_crees) AS log_aut
 FROM fact_permis WHERE fichier = 'logements' AND etat_dau <> 4 GROUP BY comm, SUBSTR(CAST(date_reelle_autorisation AS CHAR(10)),1,7);
CREATE TABLE schema_version (version INTEGER NOT NULL PRIMARY KEY, applique_le VARCHAR(25) NOT NULL);
