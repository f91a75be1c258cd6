"""A number as a picture and as Vietnamese speech, for people without JavaScript or without sight.

The voices in data/voices are eSpeak NG's (northern, central, southern Vietnamese), 8 kHz, 8 bit, mono.
"""

import secrets
from base64 import b64encode
from functools import cache
from pathlib import Path

from captcha.audio import BEEP, SILENCE, WAVE_SAMPLE_RATE, AudioCaptcha
from captcha.image import ImageCaptcha

VOICES = Path(__file__).parents[1] / "data" / "voices"
PAPER = (250, 247, 242)
INK = (33, 27, 23, 255)
HISS = bytes(126 + byte % 5 for byte in range(256))
LONGEST_PAUSE = WAVE_SAMPLE_RATE // 3


def picture_of(digits: str) -> str:
    """A data URI of a PNG of 220 × 80 px."""
    png = _painter().generate(digits, bg_color=PAPER, fg_color=INK).getvalue()
    return f"data:image/png;base64,{b64encode(png).decode()}"


def sound_of(digits: str) -> bytes:
    """A WAV of about five seconds: a beep, then the digits over murmuring."""
    return bytes(_speaker().generate(digits))


class _Painter(ImageCaptcha):
    """Dark digits apart from each other: the library draws dark colours faint and lets digits overlap."""

    lookup_table: list[int] = [min(255, brightness * 9) for brightness in range(256)]  # noqa: RUF012
    word_offset_dx: float = 0.02
    word_space_probability: float = 1.0
    character_rotate: tuple[int, int] = (-20, 20)


class _Speaker(AudioCaptcha):
    """The library's pauses of one to three seconds and its noise byte by byte cost four times as much."""

    def create_wave_body(self, chars: str) -> bytearray:
        spoken = bytearray(SILENCE)
        for digit in chars:
            spoken += (
                self._twist_pick(digit) + SILENCE + bytearray(b"\x80") * secrets.randbelow(LONGEST_PAUSE)
            )
        murmur = self.create_background_noise(len(spoken), chars)
        return BEEP + SILENCE + bytearray(map(_mixed, spoken, murmur))

    def create_background_noise(self, length: int, chars: str) -> bytearray:  # noqa: ARG002 - the library's
        """Digits backwards, softly, without a gap, over a hiss."""
        murmur = bytearray()
        while len(murmur) < length:
            murmur += self._noise_pick()
        return bytearray(map(_mixed, secrets.token_bytes(length).translate(HISS), murmur))


def _mixed(one: int, other: int) -> int:
    """Two samples around 128, the second at half its loudness."""
    return max(0, min(255, one + (other - 128) // 2))


@cache
def _painter() -> ImageCaptcha:
    return _Painter(width=220, height=80)


@cache
def _speaker() -> AudioCaptcha:
    return _Speaker(voicedir=str(VOICES))
