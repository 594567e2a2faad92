"""What the catalogues of a package's texts have to hold, in every language."""

import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from babel.messages.extract import extract
from babel.messages.pofile import read_po

from doorstep.service.languages import LANGUAGES

TRANSLATED = [language for language in LANGUAGES if language != "en"]

METHODS = {"py": "python", "html": "jinja2.ext:babel_extract", "txt": "jinja2.ext:babel_extract"}


def used(package: str, *others: str) -> set[str]:
    """The texts that code and templates mark for translation; `others` are modules elsewhere."""
    found: set[str] = set()
    for path in [*sources(package), *map(_source, others)]:
        method = METHODS[path.name.rpartition(".")[2]]
        with path.open("rb") as file:
            options = {"trim_blocks": "true"}
            for _, text, _, _ in extract(method, file, options=options):
                found |= {text} if isinstance(text, str) else set(text)
    return found


def sources(package: str, *endings: str) -> list[Traversable]:
    """The package's files, without those of packages in it that have catalogues of their own."""
    return list(_below(files(package), endings or tuple(METHODS)))


def _below(folder: Traversable, endings: tuple[str, ...]) -> Iterator[Traversable]:
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.is_file() and path.name.rpartition(".")[2] in endings:
            yield path
        elif path.is_dir() and path.name != "__pycache__" and not path.joinpath("locales").is_dir():
            yield from _below(path, endings)


def _source(module: str) -> Traversable:
    package, _, name = module.rpartition(".")
    return files(package).joinpath(f"{name}.py")


def check_languages(package: str, languages: Iterable[str] = TRANSLATED) -> None:
    there = {path.name for path in files(package).joinpath("locales").iterdir()}
    assert there == {f"{language}.po" for language in languages}


def check_catalogue(package: str, language: str, *others: str) -> None:
    """It has each text and no other, and each says as much as the English one."""
    texts, wanted = _catalogue(package, language), used(package, *others)
    assert set(texts) == wanted, set(texts) ^ wanted
    for english, text in texts.items():
        assert text, f"{english} is not translated"
        assert _placeholders(text) == _placeholders(english), text
        assert text[-1:] == english[-1:] or english[-1].isalnum() or english.endswith(")s"), text


def _catalogue(package: str, language: str) -> dict[str, str]:
    with files(package).joinpath(f"locales/{language}.po").open("rb") as file:
        return {m.id: m.string for m in read_po(file, abort_invalid=True) if m.id and not m.fuzzy}


def _placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\([a-z_]+\)[sd]|%|\{[a-z_]+\}", text))
