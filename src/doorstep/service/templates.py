"""Texts for customers made of templates: whatever comes from outside is text in them."""

from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from doorstep.service.languages import Catalogues


class Templates:
    """A package's templates/ with the texts of its locales/; `given` is known to every one."""

    def __init__(self, package: str, **given: object) -> None:
        self._package = package
        self._given = given
        self._environment = cache(self._make)
        self.translate = Catalogues(package).translate

    def render(self, name: str, language: str, **shown: object) -> str:
        template = self._environment(language).get_template(name)
        return template.render(language=language, **shown)

    def _make(self, language: str) -> Environment:
        environment = Environment(
            loader=PackageLoader(self._package),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            # Files of the package do not change while it runs: none is looked at again.
            auto_reload=False,
            keep_trailing_newline=True,
        )
        environment.globals.update(self._given)
        into: Any = environment
        into.install_gettext_callables(
            partial(self.translate, language),
            lambda one, many, count: self.translate(language, one if count == 1 else many),
            newstyle=True,
        )
        return environment
