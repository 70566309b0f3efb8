"""`python -m suanzi.serving`, with a socket as standard input: loads one model, answers until the socket closes.

The server sends first which version to load; the answer is `{"ready": …}`, with the model
in ONNX's form if the server asked for one, or `{"error": {"message": …, "hint": …}}`.
What the model prints goes to standard error.
"""

from __future__ import annotations

import os
import signal
import socket
import sys

from suanzi.sdk import OperatorError
from suanzi.serving.batches import Request, answers
from suanzi.serving.fast import fast_form
from suanzi.serving.frames import Connection
from suanzi.serving.model import ServedModel


def serve(connection: Connection) -> int:
    """Exit code 0 once the server has closed the socket, 1 for a model that can't be served."""
    try:
        (order, _), *rest = connection.receive()
        try:
            model = ServedModel.load(order)
        except OperatorError as error:
            connection.send([{"error": {"message": error.message, "hint": error.hint}}])
            return 1
        model.warm()
        fast, content = fast_form(model) if order.get("onnx") else (None, b"")
        connection.send([{"ready": {**model.describe(), "onnx": fast}}], content)
        waiting = rest
        while True:
            connection.send(answers(model, [Request.of(frame) for frame in waiting or connection.receive()]))
            waiting = []
    except (EOFError, ConnectionError):
        return 0


def main() -> int:
    """Serves on the socket that is standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    link = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    return serve(Connection(link))


if __name__ == "__main__":
    sys.exit(main())
