from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A sentence a person reads, in both languages of the portal."""

    vi: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.en if language == "en" else self.vi
