"""A file that airflow cannot import: its dag is never there."""

from airflow.sdk import dag

import a_module_that_is_nowhere


@dag
def mg_broken():
    a_module_that_is_nowhere.work()


mg_broken()
