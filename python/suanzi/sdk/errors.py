"""What can go wrong with an operator, in words for the person who drew or wrote it."""

from __future__ import annotations


class OperatorError(Exception):
    """A refusal in the user's terms: which column or parameter, why, and what to do.

    `hint` is the remedy; it is shown apart from the message.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type[OperatorError], tuple[str, str | None]]:
        return type(self), (self.message, self.hint)


class ParameterError(OperatorError):
    """A parameter is missing, unknown, of the wrong type or out of range."""


class BadOutputError(OperatorError):
    """The operator returned something else than it declared."""


class OperatorDeclarationError(TypeError):
    """A decorated function can't be an operator as it is written."""

    def __init__(self, function: str, parameter: str | None, problem: str, remedy: str) -> None:
        self.function = function
        self.parameter = parameter
        self.problem = problem
        self.remedy = remedy
        where = f"operator {function}()" + (f", {parameter}" if parameter else "")
        super().__init__(f"{where}: {problem}. {remedy}.")

    def __reduce__(self) -> tuple[type[OperatorDeclarationError], tuple[str, str | None, str, str]]:
        return type(self), (self.function, self.parameter, self.problem, self.remedy)
