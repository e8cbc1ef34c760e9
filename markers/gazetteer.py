"""The gazetteer, where one is loaded: addresses are resolved to their property reference, their building and a point.

It only adds to what the texts say. Without one, and for what it does not have, everything works as before.
"""

import json
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.base import rowcount_of, table_of
from db.engine import upsert
from markers.matching.address import understand_address
from markers.matching.reference import Reference, reference_keys, resolve
from markers.matching.values import Address, Known, Part, Point, TargetValue
from markers.models import ReferenceAddress, ReferenceKey, Target

FOUND_AT_MOST = 40
"""So many addresses of one key are compared: where more have it, nobody could say which one is meant."""
_AT_ONCE = 400

log = logging.getLogger("heed.gazetteer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of a gazetteer."""

    uprn: int
    parent_uprn: int | None
    address: str
    postcode: str | None
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Keyed:
    """A row with the keys by which it is found."""

    entry: Entry
    keys: frozenset[int]


def keyed(entry: Entry) -> Keyed:
    """A row, understood; one that says nothing is kept for its reference."""
    understood = understand_address(entry.address, entry.postcode)
    return Keyed(entry, reference_keys(understood) if isinstance(understood, Address) else frozenset())


def keep(session: Session, entries: Sequence[Keyed], now: datetime) -> None:
    """Put rows in the place of those of the same UPRN. Done in the order of the UPRNs: two imports do not deadlock."""
    last = sorted({one.entry.uprn: one for one in entries}.values(), key=lambda one: one.entry.uprn)
    if not last:
        return
    names = list(Entry.__dataclass_fields__)
    rows = [{name: getattr(one.entry, name) for name in names} | {"imported_at": now} for one in last]
    table = table_of(ReferenceAddress)
    add = upsert(session, table)
    replaced = {name: add.excluded[name] for name in table.c.keys() if name != "uprn"}  # noqa: SIM118  no mapping
    session.execute(add.on_conflict_do_update(index_elements=["uprn"], set_=replaced), rows)
    _drop_keys(session, [row["uprn"] for row in rows])
    keys = [{"key": key, "uprn": one.entry.uprn} for one in last for key in sorted(one.keys)]
    if keys:
        session.execute(insert(table_of(ReferenceKey)), keys)


def remove(session: Session, uprns: Collection[int]) -> int:
    """Take out rows that a supply says are gone; how many there were."""
    listed = sorted(uprns)
    _drop_keys(session, listed)
    gone = 0
    for some in _some_at_once(listed):
        gone += rowcount_of(session.execute(delete(ReferenceAddress).where(ReferenceAddress.uprn.in_(some))))
    return gone


def older_than(session: Session, moment: datetime) -> list[int]:
    """Some of the rows that were last imported before a moment: what a full supply no longer has."""
    older = select(ReferenceAddress.uprn).where(ReferenceAddress.imported_at < moment)
    return list(session.scalars(older.limit(_AT_ONCE)))


def _drop_keys(session: Session, uprns: Sequence[int]) -> None:
    for some in _some_at_once(uprns):
        session.execute(delete(ReferenceKey).where(ReferenceKey.uprn.in_(some)))


def _some_at_once(listed: Sequence[int]) -> Iterator[Sequence[int]]:
    """So many as one statement takes."""
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]


def known_addresses(session: Session, addresses: Sequence[Address]) -> list[Address]:
    """Each address with what the gazetteer knows of it, where it has it without a doubt.

    Two questions for all of them; with no gazetteer loaded, the first finds nothing.
    """
    wanted = [_wanted(address) for address in addresses]
    given = {uprn for _, uprn in wanted if uprn is not None}
    by_key = _uprns_by_key(session, sorted(frozenset().union(*(keys for keys, _ in wanted))))
    rows = _rows(session, given.union(*by_key.values()))
    return [
        _with_known(address, uprn, [rows[one] for one in sorted(_found(keys, by_key)) if one in rows], rows)
        for address, (keys, uprn) in zip(addresses, wanted, strict=True)
    ]


def _wanted(address: Address) -> tuple[frozenset[int], int | None]:
    return reference_keys(address), int(address.uprn) if address.uprn else None


def _found(keys: Iterable[int], by_key: dict[int, set[int]]) -> set[int]:
    found: set[int] = set()
    return found.union(*(by_key[key] for key in keys if key in by_key))


def _uprns_by_key(session: Session, keys: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for some in _some_at_once(keys):
        asked = select(ReferenceKey.key, ReferenceKey.uprn).where(ReferenceKey.key.in_(some))
        for row in session.execute(asked):
            found.setdefault(row.key, set()).add(row.uprn)
    return {key: uprns for key, uprns in found.items() if len(uprns) <= FOUND_AT_MOST}


def _rows(session: Session, uprns: Collection[int]) -> dict[int, ReferenceAddress]:
    found: dict[int, ReferenceAddress] = {}
    for some in _some_at_once(sorted(uprns)):
        rows = session.scalars(select(ReferenceAddress).where(ReferenceAddress.uprn.in_(some)))
        found |= {row.uprn: row for row in rows}
    return found


def _with_known(
    address: Address, uprn: int | None, candidates: Sequence[ReferenceAddress], rows: dict[int, ReferenceAddress]
) -> Address:
    if uprn is not None and uprn in rows:
        # It was told by its reference: that names it, whatever is written beside it.
        return _spelt_out(replace(address, known=_known(rows[uprn])), rows[uprn])
    found = []
    for row in candidates:
        written = understand_address(row.address, row.postcode)
        if isinstance(written, Address):
            found.append(Reference(written, _known(row)))
    known = resolve(address, found)
    return replace(address, known=known) if known else address


def _spelt_out(address: Address, row: ReferenceAddress) -> Address:
    """A reference alone is read as the gazetteer writes it, too: the other's text may not have been resolved."""
    if address.is_a_reference_alone and address.known:
        return spelt_out(replace(address, known=replace(address.known, text=row.address, postcode=row.postcode)))
    return address


def spelt_out(address: Address) -> Address:
    """An address that is known by its reference alone, with the words that the gazetteer has for it."""
    known = address.known
    if not (known and known.text and address.is_a_reference_alone):
        return address
    written = understand_address(known.text, known.postcode, address.uprn)
    if not isinstance(written, Address):
        return address
    said = "the gazetteer writes it"
    readings = tuple(replace(one, known=known, read_as=said) for one in written.others)
    return replace(written, known=known, point=address.point, read_as=said, others=readings)


def _known(row: ReferenceAddress) -> Known:
    point = None
    if row.latitude is not None and row.longitude is not None:
        point = Point(row.latitude, row.longitude)
    return Known(str(row.uprn), str(row.parent_uprn) if row.parent_uprn is not None else None, point)


def known_parts(session: Session, asked: Sequence[Sequence[Part]]) -> list[Sequence[Part]]:
    """Parts as they are looked up: addresses with what is known of them, and the points where they stand.

    A part that can't be resolved is looked up as it is: what only adds may not take anything away.
    """
    places = [
        (question, place)
        for question, parts in enumerate(asked)
        for place, part in enumerate(parts)
        if isinstance(part.value, Address)
    ]
    if not places:
        return list(asked)
    try:
        resolved = known_addresses(session, [_address_at(asked, *place) for place in places])
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        log.error("addresses not resolved", extra={"kind": type(error).__name__})
        return list(asked)
    answers = [list(parts) for parts in asked]
    located = {
        (question, part.at) for question, parts in enumerate(asked) for part in parts if isinstance(part.value, Point)
    }
    for (question, place), address in zip(places, resolved, strict=True):
        part = asked[question][place]
        answers[question][place] = replace(part, value=address)
        if address.known and address.known.point and not address.relation and (question, part.at) not in located:
            point = replace(address.known.point, of_address=True)
            answers[question].append(replace(part, value=point))
    return [tuple(parts) for parts in answers]


def _address_at(asked: Sequence[Sequence[Part]], question: int, place: int) -> Address:
    value = asked[question][place].value
    assert isinstance(value, Address)
    return value


def resolved(session: Session, targets: Sequence[Target], values: Sequence[TargetValue]) -> list[TargetValue]:
    """Targets' values as they are to be keyed: of addresses, with what is known of them, which their rows keep."""
    places = [place for place, value in enumerate(values) if isinstance(value, Address)]
    known = known_addresses(session, [value for value in values if isinstance(value, Address)])
    answers = list(values)
    for place, address in zip(places, known, strict=True):
        answers[place] = address
        targets[place].known = written_known(address.known)
    return answers


def written_known(known: Known | None) -> str | None:
    """What a target keeps of it."""
    if known is None:
        return None
    point = (known.point.latitude, known.point.longitude) if known.point else (None, None)
    return json.dumps([known.uprn, known.parent, *point, known.text, known.postcode])


def read_known(text: str) -> Known:
    """What `written_known` wrote."""
    uprn, parent, latitude, longitude, written, postcode = json.loads(text)
    point = Point(latitude, longitude) if latitude is not None else None
    return Known(uprn, parent, point, written, postcode)
