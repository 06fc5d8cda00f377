"""Rows of the dataset that no question may touch."""

from bot.local.bigquery.demo.dice import Dice
from bot.local.bigquery.demo.vocabulary import FIRST_NAMES, JOB_TITLES, LAST_NAMES
from bot.local.bigquery.schema import Row

EMPLOYEES = 59


def salary_rows(dice: Dice) -> list[Row]:
    return [
        {
            "employee_id": employee_id,
            "name": f"{dice.choice(FIRST_NAMES)} {dice.choice(LAST_NAMES)}",
            "title": dice.choice(JOB_TITLES),
            "salary": dice.randint(50, 200) * 1000,
        }
        for employee_id in range(1, EMPLOYEES + 1)
    ]
