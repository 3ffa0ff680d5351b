"""What is run in a lesson's kernel while nbval compares its outputs: see `tools.proofs`.

The text of this file becomes a cell of its own, so its names begin with an underscore: no lesson meets them.
"""

import socket as _socket

_asked_for = []  # hosts that the lesson tried to reach


def _refuse_network():
    """Refuse what Python code asks of the network, and remember what it asked for."""
    connect, getaddrinfo = _socket.socket.connect, _socket.getaddrinfo

    def is_local(host):
        return host in (None, "127.0.0.1", "::1", "localhost")

    def refuse(host):
        _asked_for.append(host)
        raise OSError(f"No network here; asked for {host}.")

    def checked_connect(self, address):
        host = address[0] if isinstance(address, tuple) else None  # a socket of this machine has a path
        return connect(self, address) if is_local(host) else refuse(host)

    def checked_getaddrinfo(host, *arguments, **keywords):
        return getaddrinfo(host, *arguments, **keywords) if is_local(host) else refuse(host)

    _socket.socket.connect, _socket.getaddrinfo = checked_connect, checked_getaddrinfo


def _assert_no_network():
    """Fail if the lesson reached for the network, also where it caught the refusal."""
    assert not _asked_for, f"The lesson reached for the network: {', '.join(_asked_for)}."


def _assert_open(check, title):
    """Fail unless the check stops at the open exercise, with its title for a message."""
    try:
        check()
    except NotImplementedError as error:
        assert str(error) == title, f"The open exercise stops with {str(error)!r}, not with {title!r}."
    except Exception as error:
        shown = f"{type(error).__name__}: {error}"
        raise AssertionError(f"The open exercise is taken for a wrong answer: {shown}") from error
    else:
        raise AssertionError("The check passes although the exercise is open.")


_refuse_network()
