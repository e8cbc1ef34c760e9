"""The settings: the only room that reads the environment. Each package is handed its own small value."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

from dotenv import dotenv_values
from phonenumbers import SUPPORTED_REGIONS
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from alerts.rules.ladder import Ladder
from alerts.rules.words import Priority
from heed.mail import Server
from markers.matching.phone import understand_phone
from markers.matching.values import Numbering, Phone

PREFIX = "HEED_"
DOTENV = ".env"
KEY_FILE_NAME = "heed.keys"


class UnknownSetting(ValueError):
    """A name with Heed's prefix that is no setting: a misspelt one must not be silent."""


class BadSetting(ValueError):
    """A setting's value can't be used; says which and why."""


_LISTS = ("escalation_desks", "allowed_hosts", "area_codes", "channel_numbers", "trusted_proxies")


class Settings(BaseSettings):
    """Read from the environment (prefix `HEED_`) and from `.env` in the working folder; the environment wins."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=DOTENV, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: str = Field(
        "sqlite:///heed.sqlite", description="Where everything is kept: sqlite:///FILE or postgresql://…"
    )
    force: str = Field("default", min_length=1, max_length=64, description="The force of tokens that name none")
    region: str = Field(
        "GB", pattern="^[A-Z]{2}$", description="The region in which numbers without a country are read"
    )
    area_codes: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="The area codes, separated by commas (0151,01704), in which a number given without one may lie: "
        "what it matches is possible, not certain",
    )
    channel_numbers: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Numbers of relay services and alarm companies, separated by commas: a pattern counts them as "
        "channels, and not as people",
    )
    default_queue: str = Field("control-room", min_length=1, description="The desk for what nothing else routes")
    escalation_desks: Annotated[tuple[str, ...], NoDecode] = Field(
        ("supervisors",), description="The desks that an unanswered alert goes up to, in order, separated by commas"
    )
    answer_immediate_s: float = Field(
        30.0, gt=0, le=3600, description="Seconds for which an `immediate` alert waits for an answer before it goes up"
    )
    answer_urgent_s: float = Field(120.0, gt=0, le=7200, description="The same for an `urgent` one")
    answer_routine_s: float = Field(900.0, gt=0, le=86400, description="The same for a `routine` one")
    idle_immediate_minutes: float = Field(
        15.0, gt=0, le=1440,
        description="Minutes after which an acknowledged `immediate` alert, with which nobody did anything, stands "
        "raised again",
    )  # fmt: skip
    idle_other_minutes: float = Field(60.0, gt=0, le=2880, description="The same for the others")
    provisional_days: int = Field(
        45, ge=1, le=366, description="Days for which a provisional marker fires without an officer's word"
    )
    sealing_keys: SecretStr | None = Field(None, description="Keys that seal text: ID:BASE64, the first one seals")
    digest_key: SecretStr | None = Field(None, description="Key of the digests, BASE64")
    key_file: Path | None = Field(None, description="A file with the two keys above; made on first start if absent")
    near_m: float = Field(100.0, ge=0, le=1000, description="Metres beside an area that still are near")
    intake_deadline_s: float = Field(
        0.9, gt=0, le=60, description="Seconds after which a waiting event is answered 503: unknown, ask again"
    )
    intake_waiting: int = Field(5000, ge=1, description="Events that may wait; more are answered 503 at once")
    feed_window_hours: float = Field(72.0, gt=0, description="Hours for which a stream can be resumed")
    look_back: float = Field(
        72.0,
        ge=0,
        le=720,
        description="Hours of events that a marker placed or amended looks back at; 0: none",
    )
    review_days: int = Field(90, ge=1, description="Days until the next review when a marker is renewed without a date")
    pool_size: int = Field(10, ge=1, le=100, description="Database connections for requests, per process")
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("*",), description="Host names that requests may carry, separated by commas"
    )
    idle_minutes: float = Field(
        20.0,
        ge=2,
        le=720,
        description="Minutes after which an unused session in the console ends, with a warning before",
    )
    session_hours: float = Field(
        12.0, gt=0, le=24, description="Hours after which a session in the console ends, however much it is used"
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
        description="With --behind-proxy: the addresses or networks of proxies whose word about a client is taken, "
        "separated by commas",
    )
    tile_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s{}]+/.*\{z\}.*\{[xy]\}.*\{[xy]\}",
        description="Map tiles under the plans: a URL with {z}, {x} and {y}; without it the plan is plain, and no page "
        "asks another host",
    )
    tile_attribution: str = Field("", max_length=200, description="Whose map it is, shown under each plan with tiles")
    map_start: str = Field(
        "", pattern=r"^(-?\d{1,2}(\.\d+)?, ?-?\d{1,3}(\.\d+)?)?$",
        description="Where a map begins on which an area is drawn: latitude, longitude; without it, all of the country",
    )  # fmt: skip
    supervisor_phone: str = Field(
        "", max_length=40, description="The number to ring while screens are not live, shown on the bar that says so"
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="The mail server by which people are told each day what waits for them: smtp://host, "
        "smtp+starttls://name:password@host or smtps://…; without it no mail is sent",
    )
    smtp_from: str = Field("heed@localhost", max_length=200, description="From whom that mail comes")
    console_url: str = Field("", max_length=500, description="Where that mail says to look: the console's address")
    time_zone: str = Field("Europe/London", description="The time zone in which the console shows times; UTC is kept")
    log_format: str = Field("json", pattern="^(json|console)$", description="json for machines, console for people")

    @field_validator(*_LISTS, mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("area_codes")
    @classmethod
    def _dialled(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not re.fullmatch(r"\d{1,6}", code, re.ASCII) for code in value):
            raise ValueError("area codes are digits as they are dialled (0151), separated by commas")
        return value

    @field_validator("region")
    @classmethod
    def _known_region(cls, value: str) -> str:
        if value not in SUPPORTED_REGIONS:
            raise ValueError("no region of telephone numbers has this code (the United Kingdom's is GB)")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _can_be_reached(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            Server(value.get_secret_value(), "")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("no time zone has this name (the United Kingdom's is Europe/London)")
        return value

    @property
    def numbering(self) -> Numbering:
        """How numbers are read."""
        return Numbering(self.region, self.area_codes)

    @model_validator(mode="after")
    def _channels_are_numbers(self) -> "Settings":
        if any(not isinstance(understand_phone(text, self.numbering), Phone) for text in self.channel_numbers):
            raise ValueError("channel_numbers: telephone numbers are wanted, separated by commas")
        return self

    @property
    def channels(self) -> frozenset[str]:
        """The numbers (E.164) that speak for many."""
        read = (understand_phone(text, self.numbering) for text in self.channel_numbers)
        return frozenset(one.e164 for one in read if isinstance(one, Phone))

    @property
    def mail(self) -> Server | None:
        """How mail is sent; `None`: it is not."""
        if self.smtp_url is None:
            return None
        return Server(self.smtp_url.get_secret_value(), self.smtp_from, self.console_url)

    @property
    def ladder(self) -> Ladder:
        """How alerts that nobody answers go up."""
        patience = (self.answer_immediate_s, self.answer_urgent_s, self.answer_routine_s)
        idle = (self.idle_immediate_minutes, self.idle_other_minutes, self.idle_other_minutes)
        return Ladder(
            {one: timedelta(seconds=seconds) for one, seconds in zip(Priority, patience, strict=True)},
            self.escalation_desks,
            {one: timedelta(minutes=minutes) for one, minutes in zip(Priority, idle, strict=True)},
            self.default_queue,
        )


def read_settings() -> Settings:
    """The settings in force; an unknown `HEED_` name is refused, by name."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    given = {name.upper() for name in os.environ} | {name.upper() for name in dotenv_values(DOTENV)}
    unknown = sorted(name for name in given if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise UnknownSetting(f"{', '.join(unknown)}: no such setting (see docs/reference/settings.md)")
    try:
        return Settings()
    except ValidationError as error:
        told = "; ".join(_named(found["loc"]) + _said(found["msg"]) for found in error.errors())
        raise BadSetting(told) from None


def told(settings: Settings) -> list[tuple[str, str, str]]:
    """Each setting's name, what is in force, and what it is for; secrets are never told, nor passwords in addresses."""
    return [
        (f"{PREFIX}{name.upper()}", _in_force(getattr(settings, name)), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def _in_force(value: Any) -> str:
    if value is None or value == ():
        return "not set"
    if isinstance(value, SecretStr):
        return "set, and not shown"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    scheme, separator, rest = str(value).partition("://")
    if not separator:
        return str(value)
    # Whatever stands before the last @, or behind a question mark, may be a secret, however it is written.
    who, at, where = rest.rpartition("@")
    where, asked, _ = where.partition("?")
    return f"{scheme}://{'…@' if at or who else ''}{where}{'?…' if asked else ''}"


def _named(location: tuple[int | str, ...]) -> str:
    """The setting's name; what is wrong between several of them names them itself."""
    return f"{PREFIX}{location[0]!s}".upper() + ": " if location else PREFIX


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")


def plain_settings(**values: Any) -> Settings:
    """Settings made of defaults and `values` alone: neither environment nor `.env` is read."""
    return _PlainSettings(**values)


class _PlainSettings(Settings):
    @classmethod
    def settings_customise_sources(cls, *_: Any, **sources: Any) -> tuple[Any, ...]:
        return (sources["init_settings"],)
