"""The colours of posters: a few palettes for each genre."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Flat colours as #rrggbb. `ink` is legible on `ground` (at least 4.5 to 1)."""

    ground: str
    ink: str
    first: str
    second: str
    third: str


def _palettes(*rows: str) -> tuple[Palette, ...]:
    return tuple(Palette(*(f"#{colour}" for colour in row.split())) for row in rows)


# Each row: ground, ink, first, second and third colour.
PALETTES: dict[str, tuple[Palette, ...]] = {
    "Action": _palettes(
        "c4261d fff1dc ffb238 1b1722 ff6a3d",
        "14161f fff1dc ff4a2b ffc53d 3f5bd8",
        "f3a712 1d1510 c8301c 1d1510 fff1d0",
    ),
    "Adventure": _palettes(
        "f2dfb4 1f2e2b e2793a 2d6a62 1f3f4a",
        "0f3d4c fdf0d2 f0a93b e1623b 2a7d80",
        "dd5f32 20140f f9cf7a 7a2a35 2c1d33",
    ),
    "Animation": _palettes(
        "ffd23f 23204f ff6b5e 2bb3c0 5c4bd6",
        "5b4fd0 fff7e6 ffcf4d ff7d66 7fe0c8",
        "ffb7c5 2a1b4a ff5d5d 2e86de ffd84d",
        "83d6c4 1d2a4d ff7a59 fff3c9 3a52b4",
    ),
    "Children": _palettes(
        "8fd3f4 1a2750 ff7059 ffd34e 2f63c9",
        "ffe08a 2c2257 f2587a 3aa6a0 6656d6",
        "f9a58c 31183f fff0cf 4f7fd9 d8365a",
    ),
    "Comedy": _palettes(
        "ffcf33 1f1b3a ef4e3a 2a7de1 fff6dd",
        "ff8a65 25123b ffe27a 5a2d82 fff3e4",
        "f6efe0 241d33 f0503c f7b32b 2f8f83",
        "1f7a74 fff6dc ffc94a f26d4f 0f3f49",
        "f3b8c8 2b1740 e0405e ffd35c 4c4fb8",
    ),
    "Crime": _palettes(
        "1a1c22 f4ead8 d8402f e8b04a 4a5366",
        "ece2cf 1c1a1e b5291f 2b2d36 d79a3c",
        "28303b f6ecd9 e5b045 8c2f2b 5f7389",
    ),
    "Documentary": _palettes(
        "e9e4d6 1f2424 2f5d62 d98a3d 7f9a8e",
        "1d2f33 f0ead9 e0a458 7fb2a8 c6533d",
        "d9e2de 182427 c2512f 27545b efb95e",
    ),
    "Drama": _palettes(
        "efe3d0 27202a b6523a 3f5b6e e0a85c",
        "24344d f6ead6 d98e5f 8fa9bd f2cf8f",
        "7c2f3b fbeedb e7a977 381727 c85f52",
        "cfd8d3 1e2930 35606b c7663f f1e3bf",
        "3b2a44 f8eadb e39a76 8d5a80 f4cf9a",
        "dcb27a 2a1a1c 7d2e2f 264653 f5e3c3",
        "1d4045 f5ecd8 e0b15c c75d45 6fa396",
    ),
    "Fantasy": _palettes(
        "2b1d52 fbeed2 f5c451 8a5cd1 46b5b0",
        "123b4f fdf0d0 f3c65b 6d4bb5 e27396",
        "d9c7ef 2a1846 7a3fb3 f2a541 2d6f8e",
    ),
    "Film-Noir": _palettes(
        "121214 f3eee2 c9c2b4 5b5a5f b3241d",
        "d8d2c4 141416 1d1d21 77736c a3211c",
        "24262b f3ead6 e9d9a8 6d7078 0d0e10",
    ),
    "Horror": _palettes(
        "12100f f3e6d3 c81e1e 5a1212 e9d8b8",
        "9f1616 fdeedb 190b0b f0c9a0 4d0808",
        "1c2a1f eef0d2 9cc23c 0d140f e5482e",
        "e6dcc4 1a0f10 a81717 46352f 6d7a4d",
    ),
    "Musical": _palettes(
        "e23b6d 1d0a1a ffd166 5b1f6e fff0dd",
        "1b1440 fff0dc ff4f79 ffc857 43c6c9",
        "f9c74f 271440 e84a5f 2a9d8f 6a3fa0",
    ),
    "Mystery": _palettes(
        "1b2440 f6ead0 e7b955 5a6ea8 c4473a",
        "2f2440 f4e6d2 d8a75b 7c5aa6 15101f",
        "c9c3a5 1d1f2b 2f3d5c a8402d e9dcb2",
    ),
    "Romance": _palettes(
        "f7c6c0 3b1226 d93a55 f7ead9 8c2346",
        "a82045 fff0e6 f59a9a 5a1030 ffc9a8",
        "f6e6d8 3a1a2c e4607a f0a66c 7b4a88",
        "50285c ffeee2 f58b8b f6c177 a34a86",
    ),
    "Sci-Fi": _palettes(
        "0d1830 eaf4f4 f4663b 3cc6cf f6c667",
        "101014 f5f1e6 f2545b 6c7cff f5d76e",
        "d7e5e4 10222e f2602f 1d6f80 103a4c",
        "32195c fbefe0 ff6f91 ffc75f 35d0ba",
    ),
    "Thriller": _palettes(
        "16202a f3ebda e4572e 8aa0ad f2b134",
        "e8562a 190f0d 190f0d f9e0b5 8f2413",
        "d6dad4 15191d 1f3b4d e03e2d 8c9b9b",
        "0f2f3a f5eddb f0b429 d64933 4b8a95",
    ),
    "War": _palettes(
        "3a4230 f4ead0 d9813f 191d16 a7a774",
        "d8c9a3 23241a a4462b 4b5136 23241a",
        "262b33 f0e7d2 d6603a 6d7885 e7bd6a",
    ),
    "Western": _palettes(
        "f0b660 2c130d c4472a 7c2a20 f8dfae",
        "b3401f fff0d6 f7c066 571c18 e7813e",
        "f3e1bd 2d160f da7036 8d3524 3d6b73",
    ),
}
PALETTES["IMAX"] = PALETTES["Documentary"]
PALETTES["Children's"] = PALETTES["Children"]
OTHER_PALETTES = PALETTES["Drama"] + PALETTES["Documentary"]
