"""Octets to text: the declared charset when it can be one, a sound guess otherwise.

Mail declares charsets that do not exist, that are not charsets (`zlib`), or that the
octets contradict. `decode` never raises and never returns NUL or lone surrogates.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache


def decode(octets: bytes, declared: str = "") -> str:
    """Text of `octets`, line ends as "\\n".

    A declared UTF-8 is honoured, its broken sequences replaced. Another declared charset
    is honoured unless the octets contradict it and are valid UTF-8. Without a usable
    declaration: UTF-8 if valid, else windows-1252 (which a browser would show).
    """
    codec = _codec(declared[:100])
    if codec == "utf-8":
        return clean(octets.decode("utf-8", "replace"))
    for candidate in (codec, "utf-8"):
        if candidate:
            try:
                return clean(octets.decode(candidate))
            except UnicodeError:
                pass
    return clean(octets.decode("cp1252" if codec in ("", "ascii") else codec, "replace"))


def clean(text: str) -> str:
    """`text` without NUL, lone surrogates and a leading BOM, with "\\n" line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    return _UNSTORABLE.sub("\ufffd", text)


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# What mailers call charsets, by the codec that reads them. Latin-1 and the old East Asian
# names are read as their supersets, as the WHATWG encoding standard does.
_ALIASES = {
    "utf-8": "uft-8 utf8mb4 utf8mb3 utf-8mb4 unicode-1-1-utf-8 x-utf-8 x-unicode-2-0-utf-8 utf-8-sig",
    "utf-7": "unicode-1-1-utf-7 x-unicode-2-0-utf-7",
    "cp1252": "iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 ansi x-ansi",
    "iso8859-8": "iso-8859-8-i iso-8859-8-e logical visual",
    "cp1254": "iso-8859-9 latin5",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji",
    "cp949": "euc-kr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean",
    "gb18030": "gb2312 gb_2312-80 gb2312-80 gbk x-gbk chinese",
    "big5hkscs": "big5 x-x-big5 cn-big5",
    "mac_roman": "macintosh x-mac-roman",
    "ascii": "us-ascii ansi_x3.4-1968 iso646-us",
}
_BY_NAME = {name: codec for codec, names in _ALIASES.items() for name in names.split()}
_CODE_PAGE = re.compile(r"(?:x-)?(?:cp|win|windows|ibm)[-_ ]?(\d{3,5})")
_NAME = re.compile(r"[a-z0-9][a-z0-9._:-]{0,39}")
# Codecs of Python that are no charset of any mail: they escape, or refuse everything.
_NOT_CHARSETS = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"}


@lru_cache(maxsize=256)
def _codec(declared: str) -> str:
    """The Python codec for a charset name; empty if there is none that decodes text."""
    name = declared.strip(" \t\"';").lower()
    if not _NAME.fullmatch(name):
        return ""
    if page := _CODE_PAGE.fullmatch(name):
        name = f"cp{page[1]}"
    name = _BY_NAME.get(name, name)
    try:
        name = codecs.lookup(name).name
        b" ".decode(name)  # refuses codecs that are not text encodings (zlib, rot13 …)
    except LookupError:
        return ""
    except UnicodeError:
        pass  # a charset of wider units
    if name.replace("_", "-") in _NOT_CHARSETS:
        return ""
    return "cp1252" if name == "iso8859-1" else name
