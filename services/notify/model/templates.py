"""The words people are sent: data, checked whole when it is loaded."""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter

from vocabulary.calendar import VIETNAM

Data = Mapping[str, Mapping[str, Mapping[str, object]]]
Allowed = Mapping[str, Mapping[str, set[str]]]
LANGUAGES = ("vi", "en")

# A channel may say no more than this. SMS lies open on a lock screen: never a reason or a procedure.
_DOSSIER = {
    "title": {"code"},
    "inbox": {"code", "procedure", "agency", "at", "due", "answer_due", "reason"},
    "sms": {"code", "agency", "due", "answer_due"},
    "mail": {"code", "procedure", "agency", "at", "due", "answer_due", "portal"},
}
_CODE = {"sms": {"one_time_code", "until"}}
_INVITATION = {
    "title": {"agency"},
    "sms": {"agency", "link", "until"},
    "mail": {"agency", "link", "until"},
}
PURPOSES = ("registration", "login", "password-reset", "phone-change", "recovery")


def needed(events: Iterable[str], notices: Mapping[str, Collection[str]]) -> dict[str, dict[str, set[str]]]:
    """What a channel of a template may say.

    `events`: the dossier events as `dossier.submitted`. `notices`: what owners of accounts are told, each
    with its details; nothing in them is personal, so that every channel may say all. A secret is for the
    link in an SMS or e-mail.
    """
    fixed = {f"code.{purpose}": _CODE for purpose in PURPOSES} | {"invitation": _INVITATION}
    return (
        fixed | dict.fromkeys(events, _DOSSIER) | {f"notice.{n}": _notice(set(d)) for n, d in notices.items()}
    )


def _notice(details: set[str]) -> dict[str, set[str]]:
    told = details | {"at"}
    beyond = told | {"portal", "secret"}
    return {"title": set(), "inbox": told, "sms": beyond, "mail": beyond}


@dataclass(frozen=True)
class Templates:
    """`sentences[name, language, channel]`; a title is one sentence."""

    sentences: Mapping[tuple[str, str, str], tuple[str, ...]]

    @classmethod
    def parse(cls, toml: str, events: Iterable[str], notices: Mapping[str, Collection[str]]) -> "Templates":
        """ValueError names everything that is missing, unknown or asks for what its channel may not say."""
        data = tomllib.loads(toml)
        allowed = needed(events, notices)
        faults = [*_shape_faults(data, allowed), *_placeholder_faults(data, allowed)]
        if faults:
            raise ValueError("; ".join(faults))
        return cls(
            {
                (name, language, channel): _sentences(words)
                for name, language, channel, words in _entries(data)
            }
        )

    def say(self, name: str, language: str, channel: str, values: Mapping[str, str | None]) -> str:
        """A sentence whose placeholder has no value is left out. E-mail: one sentence a line."""
        told = [
            sentence.format_map(values)
            for sentence in self.sentences[name, language, channel]
            if all(values.get(field) for field in _placeholders(sentence))
        ]
        return ("\n" if channel == "mail" else " ").join(told)


def moment(at: datetime | None, language: str) -> str | None:
    """`16:30 ngày 25/11/2026`, local time."""
    if at is None:
        return None
    local = at.astimezone(VIETNAM)
    return f"{local:%H:%M} ngày {local:%d/%m/%Y}" if language == "vi" else f"{local:%H:%M, %d %B %Y}"


def clock_time(at: datetime) -> str:
    """`14:05`, local time."""
    return f"{at.astimezone(VIETNAM):%H:%M}"


def _sentences(words: object) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words) if isinstance(words, list) else ()


def _entries(data: Data) -> Iterator[tuple[str, str, str, object]]:
    for name, by_language in data.items():
        for language, by_channel in by_language.items():
            for channel, words in by_channel.items():
                yield name, language, channel, words


def _shape_faults(data: Data, allowed: Allowed) -> Iterator[str]:
    asked = {
        (name, language, channel)
        for name, channels in allowed.items()
        for language in LANGUAGES
        for channel in channels
    }
    written = {(name, language, channel) for name, language, channel, _ in _entries(data)}
    yield from (f"{' '.join(entry)} is missing" for entry in sorted(asked - written))
    yield from (f"{' '.join(entry)} is unknown" for entry in sorted(written - asked))


def _placeholder_faults(data: Data, allowed: Allowed) -> Iterator[str]:
    for name, language, channel, words in _entries(data):
        known = allowed.get(name, {}).get(channel, set())
        if not _sentences(words):
            yield f"{name} {language} {channel} says nothing"
        for sentence in _sentences(words):
            for field in sorted(_placeholders(sentence) - known):
                yield f"{name} {language} {channel} may not say {{{field}}}"


def _placeholders(sentence: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(sentence) if field is not None}
