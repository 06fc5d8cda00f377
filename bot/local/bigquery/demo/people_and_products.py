"""Rows of what the shop has before anybody orders: distribution centres, products, users."""

from datetime import timedelta

from bot.local.bigquery.demo.dice import CLOSES, OPENED, Dice, iso
from bot.local.bigquery.demo.vocabulary import (
    BRANDS,
    CATEGORIES,
    CITIES,
    COUNTRIES,
    DISTRIBUTION_CENTERS,
    FIRST_NAMES,
    LAST_NAMES,
    SIGN_UP_SOURCES,
    STATES,
    STYLES,
)
from bot.local.bigquery.schema import Row

PRODUCTS = 400
USERS = 2500


def distribution_center_rows(dice: Dice) -> list[Row]:
    return [
        {
            "id": number,
            "name": name,
            "latitude": round(dice.uniform(29, 42), 4),
            "longitude": round(dice.uniform(-118, -74), 4),
        }
        for number, name in enumerate(DISTRIBUTION_CENTERS, start=1)
    ]


def product_rows(dice: Dice, *, first_id: int = 1, number: int = PRODUCTS) -> list[Row]:
    return [_product(dice, product_id) for product_id in range(first_id, first_id + number)]


def _product(dice: Dice, product_id: int) -> Row:
    category = dice.choice(list(CATEGORIES))
    usual = CATEGORIES[category]
    price = round(max(4, dice.gauss(usual.price, usual.price * 0.35)), 2)
    return {
        "id": product_id,
        "cost": round(price * dice.uniform(usual.cost_share - 0.08, usual.cost_share + 0.08), 4),
        "category": category,
        "name": f"{dice.choice(BRANDS)} {category} {dice.choice(STYLES)} {dice.randrange(100, 999)}",
        "brand": dice.choice(BRANDS),
        "retail_price": price,
        "department": dice.choice(usual.departments),
        "sku": f"{dice.getrandbits(128):032X}",
        "distribution_center_id": dice.randint(1, len(DISTRIBUTION_CENTERS)),
    }


def user_rows(dice: Dice) -> list[Row]:
    return [_user(dice, user_id) for user_id in range(1, USERS + 1)]


def _user(dice: Dice, user_id: int) -> Row:
    country = dice.pick(COUNTRIES)
    first_name, last_name = dice.choice(FIRST_NAMES), dice.choice(LAST_NAMES)
    return {
        "id": user_id,
        "first_name": first_name,
        "last_name": last_name,
        "email": f"{first_name}{last_name}{user_id}@example.com".lower(),
        "age": dice.randint(12, 70),
        "gender": dice.choice("MF"),
        "state": dice.choice(STATES[country]),
        "street_address": f"{dice.randint(1, 9999)} {dice.choice(LAST_NAMES)} St",
        "postal_code": str(dice.randint(10000, 99999)),
        "city": dice.choice(CITIES),
        "country": country,
        "traffic_source": dice.pick(SIGN_UP_SOURCES),
        # Nobody signs up in the last three days, so that everybody has had time to order.
        "created_at": iso(dice.moment(OPENED, CLOSES - timedelta(days=3))),
    }
