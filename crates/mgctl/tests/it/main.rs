//! Tests of the real mgctl, run as a person would.

mod calls;
mod clients;
mod database;
mod demo;
mod doctor;
mod home;
mod mariadb;
mod postgres;
mod tokens;
