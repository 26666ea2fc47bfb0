"""What is written: words, names, dates and sums, drawn by chance."""

from __future__ import annotations

from random import Random


def _listed(text: str, separator: str | None = None) -> list[str]:
    return [" ".join(part.split()) for part in text.split(separator)]


COMMON = _listed(
    """
    the of and to in is that for it as was with be by on not his from are this but have an they which
    one you were all her she there would their we him been has when who will no more if out so said what
    up its about into than them can only other new some could time these two may then do first any my
    now such like our over man me even most made after also did many before must through back years
    where much your way well down should because each just those people how too little state good very
    make world still own see men work long get here between both life being under never day same another
    know while last might us great old year off come since against go came right used take three house
    small place white water number part found night point home early group paper letter window garden
    morning evening winter summer station bridge market supply harbour engine copper timber sailor
    doctor teacher pupil answer question reason record measure weight column signal matter season border
    village railway journey captain kitchen silver golden yellow orange planet ocean river forest meadow
    valley mountain island castle church tower street corner table chair carpet candle mirror bottle
    basket ladder hammer needle thread button collar jacket carry bring build write read speak hear
    listen follow gather offer order repair deliver promise remember forget believe consider arrive
    depart travel wander settle plant harvest borrow return count divide
    """
)
FIRST_NAMES = _listed(
    """
    Anna Boris Clara David Elena Felix Greta Henry Irene Jonas Karin Lukas Maria Nils Olga Peter Rosa
    Simon Tessa Viktor Wanda Yusuf Zara Amir Bianca Carlos Dalia Emil Fatima Gustav Hanna Ismail Julia
    Kofi Leila Marco Nadia Oscar Petra Quentin Renata Samuel Tomas Ursula
    """
)
LAST_NAMES = _listed(
    """
    Adler Bergman Castillo Dahl Eriksen Fischer Garcia Hoffman Ivanov Jansen Keller Larsen Moreau Novak
    Olsen Petrov Quist Rossi Santos Tanaka Ullman Varga Weber Yilmaz Zeller Andersson Baker Cooper
    Dubois Evans Forster Greene Horvath Iversen Johansson Kovacs Lindgren Mueller Nowak Osborne Palmer
    Ritter Silva
    """
)
TOWNS = _listed(
    """
    Alderby Brookhaven Castleton Dunmore Eastfield Fairview Grantham Hollins Inverley Kingsport Lakewood
    Marston Northgate Oakridge Pinehurst Queensbury Ravensworth Southmere Thornbury Underhill Westbrook
    Ashcombe Birchwood Coldwater Deerfield Elmstead Foxborough Glenmoor
    """
)
STREETS = _listed(
    """
    Mill Harbour Church Station Garden Market Bridge Castle Forest River School Park Chapel Orchard
    """
)
GOODS = _listed(
    """
    Copy paper A4, 500 sheets | Ballpoint pens, blue, 50 | Cleaning of the office | Toner cartridge,
    black | Desk lamp, brass | Filing cabinet, grey | Coffee beans, 1 kg | Network cable, 10 m | Chair,
    adjustable | Window blinds, white | Screws 4 x 40 mm, 200 | Cedar boards, planed | Wall paint, matt,
    10 l | Garden hose, 25 m | Work gloves, size 9 | Monthly maintenance | Travel expenses | Consulting,
    hours | Printing of leaflets | Transport and handling | Spare keys | Batteries AA, 24 | Extension
    lead, 5 m | Whiteboard markers | Hand soap, 5 l | Paper towels, 12 rolls | Envelopes C5, 500 | Hard
    disk 2 TB | Keyboard, wired | Screen 24 inch
    """,
    "|",
)
TRADES = _listed(
    """
    Supplies Trading Logistics Instruments Textiles Foods Energy Printing Furniture Software
    """
)
MONTHS = _listed(
    """
    January February March April May June July August September October November December
    """
)
DAYS = _listed(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday
    """
)


def word(chance: Random) -> str:
    """One common word."""
    return chance.choice(COMMON)


def words(chance: Random, count: int) -> list[str]:
    """Common words, in no order that means anything."""
    return [chance.choice(COMMON) for _ in range(count)]


def sentence(chance: Random, least: int = 6, most: int = 14) -> str:
    """Words that begin with a capital and end with a full stop."""
    chosen = words(chance, chance.randint(least, most))
    chosen[0] = chosen[0].capitalize()
    if len(chosen) > 8 and chance.random() < 0.5:
        middle = len(chosen) // 2
        chosen[middle] += ","
    return " ".join(chosen) + "."


def text(chance: Random, count: int) -> str:
    """Sentences of about so many words in all."""
    found: list[str] = []
    while sum(len(line.split()) for line in found) < count:
        found.append(sentence(chance))
    return " ".join(found)


def name(chance: Random) -> str:
    """A first and a last name."""
    return f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"


def company(chance: Random) -> str:
    """A firm."""
    return (
        f"{chance.choice(LAST_NAMES)} {chance.choice(TRADES)} {chance.choice(('Ltd', 'Inc', 'GmbH', 'SA'))}"
    )


def street(chance: Random) -> str:
    """A street and a house number."""
    return f"{chance.choice(STREETS)} Street {chance.randint(1, 199)}"


def town(chance: Random) -> str:
    """A postal code and a town."""
    return f"{chance.randint(10000, 99999)} {chance.choice(TOWNS)}"


def digits(chance: Random, count: int) -> str:
    """So many digits, the first of them not 0."""
    return str(chance.randint(10 ** (count - 1), 10**count - 1))


def date(chance: Random) -> str:
    """A day of the twenties, as 14.03.2023."""
    return f"{chance.randint(1, 28):02}.{chance.randint(1, 12):02}.{chance.randint(2020, 2026)}"


def clock(chance: Random) -> str:
    """A time of the day, as 09:45."""
    return f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}"


def money(cents: int) -> str:
    """A sum with separators, as 1,284.50."""
    return f"{cents / 100:,.2f}"
