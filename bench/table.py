"""The rows of peers/table.sql in a SQLite file. usage: table.py FILE"""

import datetime
import sqlite3
import sys

TOWNS = ["Lagny-sur-Marne", "Bussy-Saint-Georges", "Chelles", "Thorigny", "Éméville"]
FIRST_DAY = datetime.date(2013, 1, 1)


def row(number):
    day = FIRST_DAY + datetime.timedelta(days=number % 4300)
    surface = number * 137 / 100
    return (f"PC077{number:09}", TOWNS[number % 5], day.isoformat(), number % 40, surface, None)


def main():
    connection = sqlite3.connect(sys.argv[1])
    connection.execute(
        "CREATE TABLE fact_permis (num_dau text PRIMARY KEY, commune text, date_autorisation date,"
        " nb_lgt int, surface numeric(12, 2), geom_wkt text)"
    )
    connection.executemany("INSERT INTO fact_permis VALUES (?, ?, ?, ?, ?, ?)", map(row, range(1, 1_000_001)))
    connection.execute("CREATE INDEX fact_permis_commune ON fact_permis (commune)")
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


if __name__ == "__main__":
    main()
