"""What the demo shop is made of. Every value is invented."""

from dataclasses import dataclass
from typing import Final

from bot.local.bigquery.demo.dice import Weighted

COUNTRIES: Final[list[Weighted]] = [
    ("United States", 0.36),
    ("China", 0.2),
    ("Brasil", 0.14),
    ("Germany", 0.09),
    ("United Kingdom", 0.08),
    ("France", 0.08),
    ("Japan", 0.05),
]
STATES: Final = {
    "United States": ["Texas", "California", "New York", "Florida", "Illinois"],
    "China": ["Guangdong", "Shanghai", "Beijing"],
    "Brasil": ["São Paulo", "Minas Gerais"],
    "Germany": ["Bayern", "Berlin", "Hessen"],
    "United Kingdom": ["England", "Scotland"],
    "France": ["Île-de-France", "Occitanie"],
    "Japan": ["Tokyo", "Osaka"],
}
CITIES: Final = ["Springfield", "Rivertown", "Lakeview", "Hillcrest", "Fairview"]

SIGN_UP_SOURCES: Final[list[Weighted]] = [
    ("Search", 0.7),
    ("Organic", 0.15),
    ("Facebook", 0.06),
    ("Email", 0.05),
    ("Display", 0.04),
]
SESSION_SOURCES: Final[list[Weighted]] = [
    ("Email", 0.45),
    ("Adwords", 0.3),
    ("Organic", 0.05),
    ("YouTube", 0.1),
    ("Facebook", 0.1),
]


@dataclass(frozen=True, slots=True)
class Category:
    price: float
    """Typical list price, USD."""
    cost_share: float
    departments: list[str]


_BOTH = ["Women", "Men"]

CATEGORIES: Final = {
    "Jeans": Category(98, 0.47, _BOTH),
    "Sweaters": Category(75, 0.48, _BOTH),
    "Swim": Category(57, 0.44, _BOTH),
    "Outerwear & Coats": Category(146, 0.56, _BOTH),
    "Accessories": Category(42, 0.6, _BOTH),
    "Dresses": Category(83, 0.55, ["Women"]),
    "Suits & Sport Coats": Category(125, 0.6, ["Men"]),
    "Socks": Category(16, 0.4, _BOTH),
    "Sleep & Lounge": Category(50, 0.52, _BOTH),
    "Shorts": Category(46, 0.5, _BOTH),
    "Tops & Tees": Category(40, 0.46, _BOTH),
    "Active": Category(48, 0.57, _BOTH),
}
BRANDS: Final = [
    *("Northfell", "Alder & Co", "Kestrel", "Marlowe", "Bright Harbor", "Tidewater", "Fable", "Quill"),
    *("Orchard", "Vantage", "Loam", "Sable", "Juniper Row", "Halden", "Piper"),
]
STYLES: Final = ["Classic", "Slim", "Relaxed", "Vintage", "Essential", "Pro"]

FIRST_NAMES: Final = [
    *("Ana", "Ben", "Chen", "Dana", "Eli", "Fay", "Gus", "Hana", "Ivo", "Jun", "Kai", "Lea", "Max", "Nia", "Oto"),
    *("Pia", "Qin", "Ravi", "Sara", "Tom", "Uma", "Vic", "Wen", "Xia", "Yan", "Zoe"),
]
LAST_NAMES: Final = [
    *("Abe", "Brown", "Costa", "Diaz", "Engel", "Faure", "Gupta", "Hall", "Ito", "Jones", "Khan", "Lopez", "Meyer"),
    *("Novak", "Olsen", "Park", "Quinn", "Rossi", "Silva", "Tan", "Ueda", "Vogel", "Wang", "Xu", "Young", "Zhou"),
]
DISTRIBUTION_CENTERS: Final = [
    *("Memphis TN", "Chicago IL", "Houston TX", "Los Angeles CA", "Savannah GA", "Port of NY/NJ"),
]

ORDER_STATUSES: Final = ["Complete", "Shipped", "Processing", "Cancelled", "Returned"]
SESSION_STEPS: Final = ["home", "department", "product", "cart", "purchase"]
BROWSERS: Final = ["Chrome", "Chrome", "Safari", "Firefox", "IE"]
WEB_EVENTS: Final = ["page_view", "page_view", "view_item", "add_to_cart", "purchase"]
DEVICES: Final = ["mobile", "desktop", "tablet"]
OPERATING_SYSTEMS: Final = ["iOS", "Android", "Windows", "Macintosh"]
JOB_TITLES: Final = ["Engineer", "Analyst", "Manager"]
