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


def picture_of(digits: str) -> str:
    """A data URI of a PNG of 220 × 80 px."""
    png = _painter().generate(digits, bg_color=PAPER, fg_color=INK).getvalue()
    return _data_uri("image/png", png)


def sound_of(digits: str) -> str:
    """A data URI of a WAV of about five seconds: a beep, then the digits over murmuring."""
    return _data_uri("audio/wav", bytes(_speaker().generate(digits)))


class _Speaker(AudioCaptcha):
    """Pauses of less than a second: the library's one to three seconds make the file four times as big."""

    def create_wave_body(self, chars: str) -> bytearray:
        spoken = bytearray(SILENCE)
        for digit in chars:
            spoken += self._twist_pick(digit) + SILENCE + bytearray(b"\x80") * _pause()
        murmur = self.create_background_noise(len(spoken), chars)[: len(spoken)]
        return BEEP + SILENCE + bytearray(map(_mixed, spoken, murmur))


def _pause() -> int:
    """In samples."""
    return secrets.randbelow(WAVE_SAMPLE_RATE // 3)


def _mixed(voice: int, noise: int) -> int:
    return max(0, min(255, voice + (noise - 128) // 2))


@cache
def _painter() -> ImageCaptcha:
    return ImageCaptcha(width=220, height=80)


@cache
def _speaker() -> AudioCaptcha:
    return _Speaker(voicedir=str(VOICES))


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{b64encode(content).decode()}"
